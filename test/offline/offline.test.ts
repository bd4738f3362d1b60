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
import { type House, openHouse } from '../../lib/local/house.ts';
import { DRILL_FACTOR } from '../../lib/local/time.ts';
import type { Shown } from '../../lib/run/advance.ts';
import { actionIds } from '../../lib/slack/buttons.ts';

const PORTS = 23_000;
const folder = mkdtempSync(join(tmpdir(), 'drillbook-offline-'));
const seen: { shown?: Shown } = {};
let house: House | undefined;

beforeAll(async () => {
  house = await openHouse({
    state: join(folder, 'state'),
    fresh: true,
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
}, 60_000);

afterAll(async () => {
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

function theHouse(): House {
  if (house === undefined) throw new Error('the house is not open');
  return house;
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

test('a whole drill through the functions; who asked cannot approve', async () => {
  const { config, stage, folder: kept, seal } = theHouse();
  const person = (handle: string) => {
    const found = config.people.find((candidate) => candidate.handle === handle);
    if (found === undefined) throw new Error(handle);
    return found;
  };
  await stage.type(person('kim'), 'drill loans');
  const real = systemClock();
  const pressed = new Set<string>();
  let tried = false;
  for (let i = 0; i < 600 && seen.shown?.head.state !== 'ended'; i++) {
    await real.sleep(150);
    const head = seen.shown?.head;
    const cue = head === undefined ? undefined : nextCue(head, config);
    if (head === undefined || cue === undefined) continue;
    const key = `${cue.person.id} ${cue.actionId} ${head.asks[0]?.step}`;
    const wanted = { run: head.run, actionId: cue.actionId };
    const button = await findButton(stage, config.policy.channel, wanted);
    if (button === undefined || pressed.has(key)) continue;
    if (cue.actionId === actionIds.approve && !tried) await stage.press(person('kim'), button);
    tried = true;
    pressed.add(key);
    await stage.press(cue.person, button);
  }
  const { head, events } = seen.shown ?? {};
  expect(head?.result).toMatchObject({ result: 'passed', reasons: [] });
  expect(head?.approval?.granted.map((grant) => grant.person).sort()).toEqual(
    [person('lee').id, person('park').id].sort(),
  );
  expect(events?.filter((event) => event.type === 'refused')).toMatchObject([
    { data: { person: person('kim').id, verb: 'approve' } },
  ]);

  const path = await seal(head?.run ?? '');
  const publicKeyPem = readFileSync(join(kept.keys, 'evidence.pub.pem'), 'utf8');
  expect(await verifyPack(path, { publicKeyPem })).toMatchObject({ ok: true });
}, 120_000);
