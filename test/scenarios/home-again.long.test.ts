/** DR is lost while the service works there: it goes on at home, from the volumes that followed. */
import { afterEach, expect, test } from '@jest/globals';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, lossSaid, moved, ordered, putByHand, repaired } from '../support/moves.ts';
import { planOf, repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const GOOD = ['passed', []];

/** Array, cloud and gateway of DR are gone; what main has received it has. */
async function drDies(): Promise<void> {
  bank.world.fault('site-dead', true, { site: 'dr' });
  bank.killGateway('dr');
  bank.clock.advance(60_000);
}

async function drIsRepaired(): Promise<void> {
  bank.world.fault('site-dead', false, { site: 'dr' });
  await bank.restartGateway('dr');
  bank.clock.advance(60_000);
}

test('after a switchover: home goes on, the loss is said, and DR follows again once it is repaired', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  bank.clock.advance(3_600_000);
  await drDies();
  const { result, run } = await moved(bank, 'failover-home', 'loans');
  expect([result?.result, result?.reasons]).toEqual(GOOD);
  const truth = bank.world.oracle.moves('loans');
  expect([truth.writing, truth.twoSided, truth.wrongDirection]).toEqual([['main'], [], []]);
  expect((await lossSaid(bank, run)).method).toBe('measured');
  expect(await bank.type('kim', 'status')).toContain('복제 보호 없음');
  expect(repeated(bank)).toEqual([]);
  await drIsRepaired();
  const again = await moved(bank, 'reprotect-home', 'loans');
  expect([again.result?.result, again.result?.reasons]).toEqual(GOOD);
  expect(await bank.type('kim', 'status')).not.toContain('복제 보호 없음');
  // As it was before the service ever left.
  bank.clock.advance(3_600_000);
  const next = await moved(bank, 'switchover', 'loans');
  expect([next.result?.result, next.result?.reasons]).toEqual(GOOD);
  const end = bank.world.oracle.moves('loans');
  expect([end.writing, end.twoSided, end.wrongDirection]).toEqual([['dr'], [], []]);
}, 60_000);

test('with DR alive nothing is opened at home, whatever people say of it', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  const run = await ordered(bank, 'failover-home', 'loans');
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  // DR says itself that it works; and past the engine the gateway sees the paths to it.
  expect([head.pause?.step, head.pause?.refusal.why]).toEqual([
    'silent',
    expect.stringContaining('dr answers, and so does its array'),
  ]);
  expect(await putByHand(bank, run, 'takeover.takeover')).toMatch(
    /GW-GUARD.*(journal-cut-off|remote-paths-down)/s,
  );
  // Nor does any host reach the copy before it is open.
  const { calls } = await planOf(bank, run);
  const opening = calls.filter(({ step, phase }) => step === 'paths' && phase === 'forward');
  expect(opening.length).toBeGreaterThan(0);
  for (const { id } of [...opening, { id: 'start.start-loan-db1' }]) {
    expect([id, await putByHand(bank, run, id)]).toEqual([
      id,
      expect.stringMatching(/GW-GUARD.*side-writable/s),
    ]);
  }
  expect(bank.world.oracle.moves('loans').writing).toEqual(['dr']);
}, 60_000);

test('DR is lost on the way home, with half of the servers there started: home goes on', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  bank.clock.advance(600_000);
  const home = await ordered(bank, 'failback', 'loans');
  await bank.drive(home, ({ steps }) =>
    steps.some(({ id, state }) => id === 'start' && state === 'running'),
  );
  await drDies();
  const { result, steps } = await moved(bank, 'failover-home', 'loans');
  expect([result?.result, result?.reasons]).toEqual(GOOD);
  expect(steps.find(({ id }) => id === 'takeover')?.state).toBe('done');
  const truth = bank.world.oracle.moves('loans');
  expect([truth.writing, truth.lost.onActive, truth.twoSided]).toEqual([['main'], 0, []]);
  // Nobody opened anything, and there is no copy all the same: until it has gone on.
  expect(await bank.type('kim', 'status')).toContain('복제 보호 없음');
  expect((await bank.drive(home)).result?.result).toBe('pre-empted');
  await drIsRepaired();
  for (const runbook of ['resync', 'reprotect-home']) {
    expect((await moved(bank, runbook, 'loans')).result?.result).toBe('passed');
    expect(await bank.type('kim', 'status')).not.toContain('복제 보호 없음');
  }
  expect((await moved(bank, 'switchover', 'loans')).result?.result).toBe('passed');
}, 60_000);

test('TrueCopy with fence DATA: home loses nothing, and a link that broke is resumed', async () => {
  bank = await openBank({
    sparing: true,
    edit: {
      'config/services.yml': (text) =>
        text.replace('{ type: UR, group: LOAN01', '{ type: TC, fence: DATA, group: LOAN01'),
    },
  });
  await moved(bank, 'switchover', 'loans');
  bank.clock.advance(600_000);
  await drDies();
  for (const runbook of ['failover-home', 'reprotect-home']) {
    const { result } = await moved(bank, runbook, 'loans');
    expect([runbook, result?.result, result?.reasons]).toEqual([runbook, ...GOOD]);
    if (runbook === 'failover-home') await drIsRepaired();
  }
  const { writing, lost, openings } = bank.world.oracle.moves('loans');
  expect([writing, lost.onActive, openings.map(({ lostRecords }) => lostRecords)]).toEqual([
    ['main'],
    0,
    [0],
  ]);
  bank.world.fault('replication-suspended', true, { service: 'loans' });
  bank.clock.advance(60_000);
  expect((await moved(bank, 'resync', 'loans')).result?.result).toBe('passed');
}, 60_000);

/** Nobody is asked to sign it; why. */
async function refusalOf(runbook: string): Promise<string | undefined> {
  const { result, approval } = await bank.head(await bank.ask(`run ${runbook} loans`));
  expect([result?.result, approval]).toEqual(['failed', undefined]);
  return result?.reasons.join();
}

const LEFT = 'the service went on at the other site since';

test('main is back, a source that the service has left: it is not taken for the truth', async () => {
  bank = await openBank({ sparing: true });
  await disaster(bank);
  await moved(bank, 'failover', 'loans');
  bank.clock.advance(600_000);
  await repaired(bank);
  // Before anything at DR is stopped for it.
  expect(await refusalOf('reprotect-home')).toContain(hazardText(4));
  expect(bank.world.oracle.moves('loans').writing).toContain('dr');
  await drDies();
  expect(await refusalOf('failover-home')).toContain(LEFT);
  expect(bank.world.oracle.moves('loans').overwrites).toEqual([]);
}, 60_000);

test('and DR neither, when it is back after the service went home without it', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  await drDies();
  await moved(bank, 'failover-home', 'loans');
  await drIsRepaired();
  expect(await refusalOf('reprotect')).toContain(hazardText(4));
  await disaster(bank);
  expect(await refusalOf('failover')).toContain(LEFT);
}, 60_000);
