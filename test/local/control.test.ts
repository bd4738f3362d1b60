/** The control door and `npm run dr` at its other end: nonsense gets a sentence, not a stack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { systemClock } from '../../lib/clock.ts';
import { type Http, serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import type { Button, Stage } from '../../lib/local/cast.ts';
import { controlDoor } from '../../lib/local/control.ts';
import { runDr } from '../../lib/local/dr.ts';
import { actionIds, buttonValue } from '../../lib/slack/buttons.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { makeHead, RUN } from '../slack/fixtures.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-control-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function openDoor() {
  const store = memoryStore();
  await store.putHead({ run: RUN, seq: 3, json: JSON.stringify(makeHead()) });
  const pressed: unknown[] = [];
  const deny: Button = {
    channel: 'C0DRDRILL',
    messageTs: '1.1',
    actionId: actionIds.deny,
    value: buttonValue({ run: RUN }),
  };
  const stage: Stage = {
    buttons: async () => [deny],
    press: async ({ handle }, { actionId }, reason) => {
      pressed.push([handle, actionId, reason]);
      return 'heard';
    },
    type: async (_, text) => text,
    whispers: () => (pressed.length > 0 ? ['told'] : []),
  };
  const drills = [{ offline: 'OFF-dr-001', drill: 'DR-2026-002' }];
  const woken: string[] = [];
  const wake = (run: string) => void woken.push(run);
  const config = await loadConfig('config');
  const killed: string[] = [];
  const kill = (name: string) => name === 'gateway-dr' && killed.push(name) > 0;
  const join = async (text: string) => {
    if (text !== 'branch') throw new TypeError(text);
    return { run: 'r-1', site: 'dr', lines: 7, drills, pack: '/packs/DR-1' };
  };
  return {
    door: controlDoor({ config, stage, store, clock: systemClock(), wake, kill, join }),
    pressed,
    killed,
  };
}

/** `npm run dr` against a door that answers so. */
async function dr(handler: Http, ...words: readonly string[]) {
  const served = await serveHttp(handler, { host: '127.0.0.1', port: 0 });
  writeFileSync(join(root, 'control'), served.url);
  const out: string[] = [];
  const screen = { write: (text: string) => void out.push(text), columns: undefined };
  try {
    const code = await runDr(['--state', root, '--as', 'lee', ...words], screen);
    return { code, text: out.join('') };
  } finally {
    await served.close();
  }
}

test.each([
  ['/act', undefined],
  ['/act', '{"as":'],
  ['/act', '[]'],
  ['/act', '{"as":"lee","verb":"deny","words":"all"}'],
  ['/act', '{"as":"lee","verb":"deny","words":[],"more":1}'],
  ['/2015-03-31/functions/advance/invocations', '{"run":5}'],
])('POST %s %s is answered 400 with one line of text', async (path, body) => {
  const { door, pressed } = await openDoor();
  const url = `http://127.0.0.1${path}`;
  const request = { method: 'POST' as const, url, headers: {} };
  const answer = await door(body === undefined ? request : { ...request, body });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body).text).toMatch(/^LOCAL-USAGE: The request is not understood\. .+$/);
  expect(pressed).toEqual([]);
  const shown = await dr(async () => answer, 'deny');
  expect(shown.code).toBe(1);
  expect(shown.text).toMatch(/^LOCAL-USAGE: .*\n$/);
});

test.each(['', '<html>', '{"error":1}'])('an answer %j is no house of ours', async (body) => {
  const answer = { status: 500, headers: {}, body };
  await expect(dr(async () => answer, 'runs')).rejects.toMatchObject({
    code: 'LOCAL-NOTHING-RUNS',
    why: 'It answered HTTP 500, not a sentence.',
  });
});

test('the reason of a denial goes with the press', async () => {
  const { door, pressed } = await openDoor();
  const body = JSON.stringify({ as: 'lee', verb: 'deny', words: [], reason: '점검 중' });
  const url = 'http://127.0.0.1/act';
  const answer = await door({ method: 'POST', url, headers: {}, body });
  expect(answer.status).toBe(200);
  expect(pressed).toEqual([['lee', actionIds.deny, '점검 중']]);
});

/** What the command line sent, and how it ended, for a house that answers this. */
async function sent(said: object, ...words: string[]) {
  const bodies: unknown[] = [];
  const shown = await dr(
    async ({ body }) => {
      bodies.push(JSON.parse(body ?? 'null'));
      return { status: 200, headers: {}, body: JSON.stringify({ text: 'said', ...said }) };
    },
    ...words,
  );
  return { ...shown, bodies };
}

test('an order goes out with its mode before its reason; refused it ends with 1', async () => {
  const words = ['abort', 'r-0123456789', '--undo', '--reason', '되돌립니다'];
  const { code, bodies } = await sent({}, ...words);
  expect(code).toBe(0);
  const order = { as: 'lee', verb: 'abort', words: ['r-0123456789', '--undo'] };
  expect(bodies).toEqual([{ ...order, reason: '되돌립니다' }]);
  expect((await sent({ refused: true }, 'pause', '--reason', 'r')).code).toBe(1);
  const json = await sent({ refused: true }, '--json', 'pause', '--reason', 'r');
  expect(JSON.parse(json.text)).toEqual({ text: 'said', refused: true });
});

test.each([[['pause', '--undo']], [['abort', '--undo', '--keep']]])(
  '%j is not understood and nothing is sent',
  async (words) => {
    await expect(sent({}, ...words)).rejects.toMatchObject({ code: 'LOCAL-USAGE' });
  },
);

test('gateway-restarted kills the gateway of a site, and names the nearest one', async () => {
  const { door, killed } = await openDoor();
  const post = async (body: object) => {
    const url = 'http://127.0.0.1/faults';
    const answer = await door({ method: 'POST', url, headers: {}, body: JSON.stringify(body) });
    return [answer.status, JSON.parse(answer.body).text];
  };
  const fault = { name: 'gateway-restarted', on: true };
  expect(await post({ ...fault, site: 'dr' })).toEqual([200, expect.stringMatching(/of dr was/)]);
  expect(killed).toEqual(['gateway-dr']);
  expect(await post({ ...fault, site: 'drr' })).toEqual([400, expect.stringMatching(/mean "dr"/)]);
  expect(await post({ ...fault, name: 'backlog', site: 'dr' })).toEqual([400, expect.any(String)]);
});

test('a file of a gateway that stood alone is joined; one that is not there is named', async () => {
  const { door } = await openDoor();
  const file = join(root, 'branch.json');
  writeFileSync(file, 'branch');
  const { code, text } = await dr(door, 'join', file);
  expect([code, text]).toEqual([
    0,
    'r-1: 7 lines from dr\nOFF-dr-001 is DR-2026-002\nevidence pack /packs/DR-1\n',
  ]);
  await expect(dr(door, 'join', `${file}.no`)).rejects.toMatchObject({ code: 'LOCAL-USAGE' });
});
