/** Main is lost while the service is on its way home: DR goes on, with nothing standing in its way. */
import { afterEach, expect, test } from '@jest/globals';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered } from '../support/moves.ts';

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
