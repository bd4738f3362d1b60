/**
 * The functions as serverless-offline runs them: signed requests through the real handlers, a whole
 * drill with a wrong approver in it, and a pack made by the report function.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../lib/clock.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { networkHttp } from '../../lib/http.ts';
import { findButton, nextCue } from '../../lib/local/cast.ts';
import { runDr } from '../../lib/local/dr.ts';
import { type House, openHouse } from '../../lib/local/house.ts';
import { DRILL_FACTOR } from '../../lib/local/time.ts';
import type { Shown } from '../../lib/run/advance.ts';
import type { Head } from '../../lib/run/head.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { readmeActs } from '../support/docs.ts';

const PORTS = 23_000;
const folder = mkdtempSync(join(tmpdir(), 'drillbook-offline-'));
const seen: { shown: Shown | undefined } = { shown: undefined };
const headNow = (): Head | undefined => seen.shown?.head;
let house: House | undefined;

async function open(): Promise<House> {
  return openHouse({
    state: join(folder, 'state'),
    fresh: false,
    configFolder: 'config',
    runbookFolder: 'runbooks',
    portBase: PORTS,
    factor: DRILL_FACTOR,
    seed: 'offline',
    doors: 'serverless-offline',
    onShown: (shown) => {
      seen.shown = shown;
    },
    say: () => {},
  });
}

beforeAll(async () => {
  house = await open();
}, 60_000);

afterAll(async () => {
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

function theHouse(): House {
  if (house === undefined) throw new Error('the house is not open');
  return house;
}

/** One line of the README's `npm run dr`, in this very process; what a person would read. */
async function act(words: readonly string[]): Promise<string> {
  let said = '';
  const write = (text: string) => {
    said += text;
  };
  const screen = { write, columns: undefined };
  const code = await runDr([...words, '--state', join(folder, 'state')], screen);
  return `${code} ${said}`;
}

async function until(holds: (head: Head | undefined) => boolean): Promise<Head> {
  const real = systemClock();
  for (let i = 0; i < 600 && !holds(headNow()); i++) await real.sleep(100);
  const head = headNow();
  if (head === undefined || !holds(head)) throw new Error(`still ${JSON.stringify(head)}`);
  return head;
}

test('a request nobody signed is refused at the door', async () => {
  const answer = await networkHttp()({
    method: 'POST',
    url: `http://127.0.0.1:${PORTS + 50}/slack/events`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'command=%2Fdr&text=drill+loans',
  });
  expect(answer.status).toBe(401);
});

test('the README’s commands: asked for, refused to who asked, approved by two', async () => {
  const waiting = (head: Head | undefined) => head?.state === 'awaiting-approval';
  const [ask, ...rest] = readmeActs();
  expect(await act(ask ?? [])).toMatch(/^0 .*r-[0-9a-f]{10}/);
  const { run } = await until(waiting);
  await button(run, actionIds.approve);
  const answers: string[] = [];
  for (const words of rest) answers.push(await act(words));
  expect(answers).toEqual([
    expect.stringContaining('APR-SELF'),
    expect.stringContaining('lee pressed approve'),
    expect.stringContaining('park pressed approve'),
    expect.stringMatching(/^0 /),
  ]);
  const { approval } = await until((head) => head?.state === 'running');
  expect(approval?.granted).toHaveLength(2);
}, 120_000);

test('stopped in the middle and started again, it goes on to a pack that verifies', async () => {
  await until(
    (head) => head?.steps.some((step) => step.id === 'boot' && step.state === 'running') ?? false,
  );
  const run = headNow()?.run ?? '';
  await theHouse().close();
  seen.shown = undefined;
  house = await open();
  expect(await house.unfinished()).toEqual([run]);
  house.conductor.wake(run);
  const pressed = new Set<string>();
  const real = systemClock();
  for (let i = 0; i < 600 && headNow()?.state !== 'ended'; i++) {
    await real.sleep(150);
    const head = headNow();
    const cue = head === undefined ? undefined : nextCue(head, house.config);
    if (head === undefined || cue === undefined) continue;
    const key = `${cue.person.id} ${cue.actionId} ${head.asks[0]?.step}`;
    const found = await button(run, cue.actionId);
    if (found === undefined || pressed.has(key)) continue;
    pressed.add(key);
    await house.stage.press(cue.person, found);
  }
  expect(headNow()?.result).toMatchObject({ result: 'passed', reasons: [] });
  const path = (await house.seal(run)) ?? '';
  const publicKeyPem = readFileSync(join(house.folder.keys, 'evidence.pub.pem'), 'utf8');
  expect(await verifyPack(path, { publicKeyPem })).toMatchObject({ ok: true });
}, 150_000);

async function button(run: string, actionId: string) {
  const { stage, config } = theHouse();
  const real = systemClock();
  for (let i = 0; i < 50; i++) {
    const found = await findButton(stage, config.policy.channel, { run, actionId });
    if (found !== undefined) return found;
    await real.sleep(100);
  }
  return undefined;
}
