/** Replication other than UR alone: TrueCopy, active-active volumes, three centres. */
import { afterEach, expect, test } from '@jest/globals';
import type { Head } from '../../lib/run/head.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, lossSaid, moved, ordered, putByHand, repaired, sign } from '../support/moves.ts';
import { changesAt, repeated } from '../support/proof.ts';
import { metro, threeCentres } from '../support/replication.ts';

let bank: Bank;
afterEach(() => bank.close());

const passed = ({ result }: Head) => [result?.result, result?.reasons];
const GOOD = ['passed', []];

const trueCopy = (fence: 'DATA' | 'NEVER') => ({
  'config/services.yml': (text: string) =>
    text.replace('{ type: UR, group: LOAN01', `{ type: TC, fence: ${fence}, group: LOAN01`),
});

/** Where loans writes now, and everything that must never have happened. */
function truth() {
  const { writing, lost, twoSided, wrongDirection, writers } = bank.world.oracle.moves('loans');
  expect([twoSided, wrongDirection, repeated(bank)]).toEqual([[], [], []]);
  return { writing, lost: lost.onActive, writers };
}

test('a planned switch, an hour of work at DR, and back: nothing is lost', async () => {
  bank = await openBank({ sparing: true, edit: trueCopy('DATA') });
  expect(passed(await moved(bank, 'switchover', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['dr'], lost: 0 });
  bank.clock.advance(3_600_000);
  expect(passed(await moved(bank, 'failback', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['main'], lost: 0 });
  for (const one of truth().writers) expect(one.on['main']).toBe(one.acknowledged);
}, 60_000);

test('fence DATA: a disaster loses nothing that was acknowledged, and is protected again', async () => {
  bank = await openBank({ sparing: true, edit: trueCopy('DATA') });
  await disaster(bank);
  expect(passed(await moved(bank, 'failover', 'loans'))).toEqual(GOOD);
  const { openings } = bank.world.oracle.moves('loans');
  expect(openings).toMatchObject([{ lostRecords: 0, lostMs: 0 }]);
  expect(truth()).toMatchObject({ writing: ['dr'], lost: 0 });
  bank.clock.advance(3_600_000);
  await repaired(bank);
  expect(passed(await moved(bank, 'reprotect', 'loans'))).toEqual(GOOD);
  expect(truth()).toMatchObject({ writing: ['dr'], lost: 0 });
}, 60_000);

test('fence NEVER: main went on alone and then burnt down; that takes a red word, and the loss is told', async () => {
  const { 'config/services.yml': edit } = trueCopy('NEVER');
  bank = await openBank({ sparing: true, edit: { 'config/services.yml': edit } });
  bank.world.fault('link-cut', true);
  bank.clock.advance(600_000);
  bank.world.fault('site-dead', true, { site: 'main' });
  bank.killGateway('main');
  await expect(ordered(bank, 'failover', 'loans')).rejects.toThrow(/not current.*fence NEVER/s);
  bank.editRunbook('failover', (text) =>
    text.replace('proof: fence }', 'proof: fence, data: may-be-old }'),
  );
  const run = await bank.ask('run failover loans');
  const shown = JSON.stringify(await bank.slack.messages(bank.config.policy.channel));
  expect(shown.includes('데이터가 오래되고 불완전할 수 있음')).toBe(true);
  for (const handle of ['lee', 'park']) await sign(bank, run, handle);
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([passed(head), head.pause, head.stake]).toEqual([GOOD, undefined, 'old']);
  const [opening] = bank.world.oracle.moves('loans').openings;
  expect(opening?.lostRecords).toBeGreaterThan(10_000);
  const { lossMs, errorMs, method } = await lossSaid(bank, head.run);
  expect(method).toBe('measured');
  expect(Math.abs(lossMs - (opening?.lostMs ?? 0))).toBeLessThanOrEqual(errorMs);
}, 60_000);

test('an array with another fence level than services.yml says: nobody moves the service', async () => {
  bank = await openBank({
    sparing: true,
    edit: trueCopy('DATA'),
    between: (site, http) => async (request) => {
      const answer = await http(request);
      if (site !== 'dr') return answer;
      return {
        ...answer,
        body: String(answer.body).replace('"fenceLevel":"DATA"', '"fenceLevel":"NEVER"'),
      };
    },
  });
  const why = /Fence level of copy group LOAN01.*DATA/s;
  await expect(ordered(bank, 'switchover', 'loans')).rejects.toThrow(why);
}, 60_000);

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
  expect(await bank.store.note('marks', 'replication:LOAN01')).toContain(head.run);
  bank.clock.advance(3_600_000);
  await repaired(bank);
  expect(passed(await moved(bank, 'gad-repair', 'loans'))).toEqual(GOOD);
  const home = bank.world.oracle.moves('loans');
  expect([home.primary, home.lost.onActive, home.wrongDirection]).toEqual(['main', 0, []]);
  expect([pairs('main'), pairs('dr'), repeated(bank)]).toEqual(['PAIR', 'PAIR', []]);
  expect(await bank.store.note('marks', 'replication:LOAN01')).toBe('null');
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
  const soon = (text: string) => text.replace('proof: fence\n', 'proof: fence\n    within: 2m\n');
  bank = await openBank({
    sparing: true,
    edit: { ...metro, 'runbooks/site-loss-gad.yml': soon },
  });
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

test('the mirror that waited runs, sent by one gateway with a session that the third one lends', async () => {
  bank = await openBank({ sparing: true, edit: threeCentres });
  await disaster(bank);
  expect(passed(await moved(bank, 'failover', 'loans'))).toEqual(GOOD);
  bank.clock.advance(600_000);
  expect(passed(await moved(bank, 'delta-resync', 'loans'))).toEqual(GOOD);
  const { oracle, map } = bank.world;
  expect([oracle.moves('loans').lost.onActive, repeated(bank)]).toEqual([0, []]);
  expect(changesAt(bank, 'dr').filter(({ path }) => path.includes('LOAN-DELTA'))).toHaveLength(1);
  bank.clock.advance(60_000);
  const volumes = map.services.find(({ id }) => id === 'loans')?.volumes ?? [];
  expect(volumes.length).toBeGreaterThan(0);
  for (const { svol, farLdev } of volumes) {
    const [here, there] = [oracle.contents('dr', svol), oracle.contents('far', farLdev)];
    // A few seconds are on their way; everything before the takeover is there, and the work since.
    expect(here.heartbeat - there.heartbeat).toBeLessThan(5);
    expect(there.drillWrites).toBe(here.drillWrites);
  }
}, 60_000);
