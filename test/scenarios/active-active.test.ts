/** One cloud over two sites: a site is lost, an array is worked on, nobody goes on when blocked. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, lossSaid, moved, ordered, putByHand, repaired } from '../support/moves.ts';
import { changesAt, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const passed = ({ result }: Head) => [result?.result, result?.reasons];
const GOOD = ['passed', []];

/** All services over both sites, in one cloud whose hosts stand in two zones. */
const metro = {
  'config/sites.yml': (text: string) =>
    text
      .replace('cloud: main\n', 'cloud: metro\n    zone: seoul\n')
      .replace('cloud: dr\n', 'cloud: metro\n    zone: daejeon\n'),
  'config/services.yml': (text: string) =>
    text
      .replaceAll('type: UR', 'type: GAD')
      .replaceAll(/networks: \{ main: (\S+), dr: \S+ \}/g, 'networks: { main: $1, dr: $1 }'),
};

const pairs = (site: 'main' | 'dr') => {
  const [effect] = bank.world.samples.filter(({ service }) => service === 'loans').slice(-1);
  return site === 'main' ? effect?.pvolStatus : effect?.svolStatus;
};

test('main is lost: servers go on at DR on the same volumes, and nothing is lost', async () => {
  bank = await openBank({ sparing: true, edit: metro });
  await disaster(bank);
  bank.clock.advance(60_000);
  const head = await moved(bank, 'site-loss-gad', 'loans');
  expect(passed(head)).toEqual(GOOD);
  expect(await lossSaid(bank, head.run)).toEqual({ lossMs: 0, errorMs: 0, method: 'proven' });
  const { lost, twoSided, wrongDirection } = bank.world.oracle.moves('loans');
  expect([lost.onActive, twoSided, wrongDirection, repeated(bank)]).toEqual([0, [], [], []]);
  expect(pairs('dr')).toBe('SSWS');
  expect(bank.world.oracle.moves('loans').writing).toEqual(['dr']);
  bank.clock.advance(3_600_000);
  await repaired(bank);
  expect(passed(await moved(bank, 'gad-repair', 'loans'))).toEqual(GOOD);
  const home = bank.world.oracle.moves('loans');
  expect([home.primary, home.lost.onActive, home.wrongDirection]).toEqual(['main', 0, []]);
  expect([pairs('main'), pairs('dr'), repeated(bank)]).toEqual(['PAIR', 'PAIR', []]);
  for (const one of home.writers) expect(one.on['main']).toBe(one.acknowledged);
}, 60_000);

test('an array is worked on: DR goes on alone, then both sides are mirrored again, home as before', async () => {
  bank = await openBank({ sparing: true, edit: metro });
  const before = bank.world.oracle.moves('loans').primary;
  const head = await moved(bank, 'gad-maintenance', 'loans');
  expect([passed(head), head.stake]).toEqual([GOOD, 'nothing']);
  const { lost, twoSided, wrongDirection, primary } = bank.world.oracle.moves('loans');
  expect([lost.onActive, twoSided, wrongDirection, repeated(bank)]).toEqual([0, [], [], []]);
  expect([before, primary, pairs('main'), pairs('dr')]).toEqual(['main', 'main', 'PAIR', 'PAIR']);
}, 60_000);

test('the quorum disk is gone with the site: blocked, and a person is called before anything is sent', async () => {
  bank = await openBank({ sparing: true, edit: metro });
  bank.world.fault('quorum-lost', true, { site: 'dr' });
  bank.clock.advance(60_000);
  await disaster(bank);
  bank.clock.advance(60_000);
  const run = await ordered(bank, 'site-loss-gad', 'loans');
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([head.pause?.step, head.pause?.refusal.why]).toEqual([
    'volumes',
    expect.stringMatching(/S PSUE B\/B.*call the storage vendor/s),
  ]);
  expect(changesAt(bank, 'dr')).toEqual([]);
  // The gateway looks for itself, whatever the engine thinks.
  const refused = await putByHand(bank, run, 'evacuate.down-seoul-compute-1');
  expect(refused).toMatch(/GW-GUARD.*gad-open.*B\/B/s);
  expect(changesAt(bank, 'dr')).toEqual([]);
}, 60_000);

test('main lives on, and only its gateway is silent: no server is started a second time', async () => {
  bank = await openBank({ sparing: true, edit: metro });
  bank.killGateway('main');
  const run = await ordered(bank, 'site-loss-gad', 'loans');
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  // People said that main is fenced; its hosts report to Nova all the same.
  expect([head.pause?.step, head.pause?.refusal.why]).toEqual([
    'evacuate',
    expect.stringContaining('still reports to Nova'),
  ]);
  const refused = await putByHand(bank, run, 'evacuate.down-seoul-compute-1');
  expect(refused).toMatch(/GW-GUARD.*remote-paths-down#h1.*NML/s);
  expect([changesAt(bank, 'dr'), repeated(bank)]).toEqual([[], []]);
}, 60_000);
