/**
 * Main, cloud and Slack are gone: `gateway failover` as a real process against the twin as a real
 * process, killed without warning in the middle, answered by options and through a pipe.
 * DRILLBOOK_ALONE_KILLS=3 kills at so many places, one after the other; with it a drill is finished by
 * `gateway continue` as well, killed as often.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { manualClock } from '../../lib/clock.ts';
import { joinBranch } from '../../lib/evidence/join.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { readLedger } from '../../lib/evidence/records.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { seededRandom } from '../../lib/random.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { verifySh } from '../evidence/fixture.ts';
import { type Centre, openCentre } from '../support/centre.ts';
import { goOn, lostDrill } from '../support/lost-drill.ts';

let centre: Centre;
afterEach(() => centre.close());

const RUN = 'r-0ff0ff0ff0';
/** Where it is killed: what it said last before. */
const MOMENTS = [/"type":"intent"/, /"type":"approval.granted"/, /"type":"plan.resolved"/];
const wanted = process.env['DRILLBOOK_ALONE_KILLS'];
const KILLS = MOMENTS.slice(0, Number(wanted ?? 1)).reverse();
const WHILE_CONTINUING = [/"type":"plane.continued"/, /"step":"database"/, /"step":"business"/];

/** As a person would type it. */
const line = (words: string, handle: string, text = '') =>
  `${words} by ${centre.idOf(handle)} with ${centre.keyOf(handle)}${text === '' ? '' : `: ${text}`}`;

function failover(lines: readonly string[]) {
  const given = [line('open', 'kim'), line('approve', 'lee'), line('approve', 'park')];
  return centre.gateway(
    [
      ...['failover', centre.folder.gateway('dr'), '--service', 'payments'],
      ...['--runbook', 'takeover', '--run', RUN, '--without', 'main', '--json'],
      ...given.flatMap((one) => ['--answer', one]),
    ],
    lines,
  );
}

test('two people take over alone, killed on the way: once at the array, packed, joined later', async () => {
  centre = await openCentre(23_000);
  await centre.fault('site-dead', 'main');
  const seen = [
    line('performed fence', 'yoon', 'power is off at main'),
    line('witnessed fence', 'han', 'seen by phone'),
  ];
  for (const moment of KILLS) {
    const killed = failover(seen);
    await killed.until(moment);
    killed.child.kill('SIGKILL');
    await killed.ended;
  }
  const last = failover(seen);
  const code = await last.ended;
  expect([code, last.said()]).toEqual([0, expect.stringContaining('"result":"passed"')]);
  const changes = centre.effects().filter(({ site }) => site === 'dr');
  expect(changes).toHaveLength(1);
  expect(centre.effects().filter(({ site }) => site === 'main')).toEqual([]);

  const pack = join(centre.folder.gateway('dr'), 'disk', 'plane', 'packs', 'OFF-dr-001');
  const key = join(centre.folder.keys, 'gateway-dr.pub.pem');
  const publicKeyPem = readFileSync(key, 'utf8');
  const { checks } = await verifyPack(pack, { publicKeyPem });
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect((await verifySh(pack, key)).code).toBe(0);

  const out = join(centre.folder.root, 'branch.json');
  const exporting = ['export', centre.folder.gateway('dr'), '--run', RUN, '--out', out];
  expect(await centre.gateway(exporting).ended).toBe(0);
  const { tenant } = centre.config.policy;
  const world = {
    store: memoryStore(),
    tenant,
    clock: manualClock(),
    random: seededRandom('home'),
  };
  const home = { run: 'r-1', service: 'loans', runbook: 'drill-copy', requester: 'p-1' };
  await createLedger(world).openDrill(home);
  const parts = {
    ...{ ...world, blobs: memoryBlobs(), gatewayKeys: { dr: publicKeyPem } },
    seal: () => Promise.reject(new Error('its pack was made there')),
  };
  const text = readFileSync(out, 'utf8');
  const year = new Date(world.clock.now()).getUTCFullYear();
  const drills = [{ offline: 'OFF-dr-001', drill: `DR-${year}-002` }];
  expect(await joinBranch(parts, text)).toMatchObject({ run: RUN, drills, pack: undefined });
  const types = (await readLedger(world.store, tenant)).map(({ record }) => record.type);
  expect(types).toEqual(['drill.opened', 'run.opened', 'drill.joined', 'ledger.joined']);
  // Neither another gateway's word nor a changed one.
  writeFileSync(out, text.replace('power is off', 'power is on'));
  for (const wrong of [
    readFileSync(out, 'utf8'),
    text.replace('"site":"dr"', '"site":"main"'),
    '{}',
  ]) {
    await expect(joinBranch(parts, wrong)).rejects.toMatchObject({ code: 'EV-BRANCH' });
  }
}, 60_000);

for (const kills of wanted === undefined ? [] : [Number(wanted)]) {
  test(`a drill is continued alone and ends the same after ${kills} kills`, async () => {
    centre = await openCentre(23_300);
    await lostDrill(centre);
    for (const moment of WHILE_CONTINUING.slice(0, kills)) {
      const going = goOn(centre);
      await going.until(moment);
      going.child.kill('SIGKILL');
      await going.ended;
    }
    const last = goOn(centre);
    const said = expect.stringContaining('"result":"passed"');
    expect([await last.ended, last.said()]).toEqual([0, said]);
    const names = centre
      .effects()
      .map(({ site, method, path, bodyHash }) => [site, method, path, bodyHash].join(' '));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  }, 180_000);
}
