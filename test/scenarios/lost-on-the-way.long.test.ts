/** Main is lost while the service is on its way home: DR goes on, with nothing standing in its way. */
import { afterEach, expect, test } from '@jest/globals';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, lossSaid, moved, ordered } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

test('after the sides were exchanged, with the servers of DR stopped', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  bank.clock.advance(3_600_000);
  const home = await ordered(bank, 'failback', 'loans');
  await bank.drive(home, ({ steps }) =>
    steps.some(({ id, state }) => id === 'swap' && state === 'done'),
  );
  await disaster(bank);
  const { result, steps } = await moved(bank, 'failover', 'loans');
  expect([result?.result, result?.reasons]).toEqual(['passed', []]);
  expect(steps.find(({ id }) => id === 'clear')?.state).toBe('done');
  const truth = bank.world.oracle.moves('loans');
  expect([truth.writing, truth.twoSided, truth.wrongDirection]).toEqual([['dr'], [], []]);
}, 60_000);

test('in the middle of a switch, with half of the servers at DR up', async () => {
  bank = await openBank({ sparing: true });
  const out = await ordered(bank, 'switchover', 'loans');
  await bank.drive(out, ({ steps }) =>
    steps.some(({ id, state }) => id === 'boot' && state === 'running'),
  );
  for (let i = 0; i < 12; i++) {
    await bank.tick(out);
    bank.clock.advance(3_000);
  }
  await disaster(bank);
  const { result, steps } = await moved(bank, 'failover', 'loans');
  expect(steps.find(({ id }) => id === 'halt')?.state).toBe('done');
  expect([result?.result, result?.reasons]).toEqual(['passed', []]);
  const truth = bank.world.oracle.moves('loans');
  expect([truth.writing, truth.twoSided, truth.wrongDirection]).toEqual([['dr'], [], []]);
}, 60_000);

test('when the servers of DR were deleted, and what they left was not cleared away', async () => {
  bank = await openBank({ sparing: true });
  await moved(bank, 'switchover', 'loans');
  bank.clock.advance(3_600_000);
  const home = await ordered(bank, 'failback', 'loans');
  const deletes = ({ site, method, path }: (typeof bank.world.effects)[number]): boolean =>
    site === 'dr' && method === 'DELETE' && path.includes('/servers/');
  await bank.drive(home, () => bank.world.effects.filter(deletes).length === 2);
  bank.clock.advance(60_000);
  await disaster(bank);
  const { result, steps } = await moved(bank, 'failover', 'loans');
  expect([result?.result, result?.reasons]).toEqual(['passed', []]);
  expect(steps.map(({ id }) => id)).toContain('clear');
  expect(steps.map(({ id }) => id)).not.toContain('halt');
  const truth = bank.world.oracle.moves('loans');
  expect([truth.writing, truth.twoSided, truth.wrongDirection]).toEqual([['dr'], [], []]);
}, 60_000);

test('an hour after its servers were stopped: what nobody wrote was not lost', async () => {
  bank = await openBank({ sparing: true });
  const out = await ordered(bank, 'switchover', 'loans');
  await bank.drive(out, ({ steps }) =>
    steps.some(({ id, state }) => id === 'stop' && state === 'done'),
  );
  bank.clock.advance(3_600_000);
  await disaster(bank);
  const over = await ordered(bank, 'failover', 'loans');
  await bank.drive(over, ({ state }) => state === 'paused');
  const { lossMs, errorMs } = await lossSaid(bank, over);
  expect([lossMs <= errorMs, errorMs < 60_000]).toEqual([true, true]);
  expect(bank.world.oracle.moves('loans').openings.at(-1)?.lostRecords).toBe(0);
}, 60_000);
