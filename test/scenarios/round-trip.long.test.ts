/** A service goes to DR and comes home, in peace and after a disaster; the oracle counts the records. */
import { afterEach, expect, test } from '@jest/globals';
import { canonical } from '../../lib/canonical.ts';
import type { Head } from '../../lib/run/head.ts';
import type { InboxBody } from '../../lib/run/inbox.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered, repaired } from '../support/moves.ts';
import { repeated } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const passed = ({ result }: Head) => [result?.result, result?.reasons];
const GOOD = ['passed', []];

/** Where the service writes now, and everything that must never have happened. */
function truth(service: string) {
  const { writing, lost, twoSided, wrongDirection, writers } = bank.world.oracle.moves(service);
  expect([twoSided, wrongDirection, repeated(bank)]).toEqual([[], [], []]);
  const acknowledged = Object.fromEntries(writers.map((one) => [one.array, one.acknowledged]));
  return { writing, lost: lost.onActive, acknowledged, writers };
}

test('the largest service: a planned switch, an hour of work at DR, and back', async () => {
  bank = await openBank({ sparing: true });
  expect(passed(await moved(bank, 'switchover', 'payments'))).toEqual(GOOD);
  expect(truth('payments')).toMatchObject({ writing: ['dr'], lost: 0 });
  bank.clock.advance(3_600_000);
  expect(passed(await moved(bank, 'failback', 'payments'))).toEqual(GOOD);
  const { writing, lost, acknowledged, writers } = truth('payments');
  expect([writing, lost]).toEqual([['main'], 0]);
  expect(acknowledged['dr']).toBeGreaterThan(3_600 * 100);
  // Every record that was acknowledged at either side is at home.
  for (const one of writers) expect(one.on['main']).toBe(one.acknowledged);
  // And it can be done again next year.
  bank.clock.advance(3_600_000);
  expect(passed(await moved(bank, 'switchover', 'payments'))).toEqual(GOOD);
}, 60_000);

test('a disaster, protection again, and back: what was lost was lost at the takeover', async () => {
  bank = await openBank({ sparing: true });
  await disaster(bank);
  expect(passed(await moved(bank, 'failover', 'loans'))).toEqual(GOOD);
  const { openings, overwrites } = bank.world.oracle.moves('loans');
  expect([openings.length, overwrites]).toEqual([1, []]);
  bank.clock.advance(3_600_000);
  await repaired(bank);
  expect(passed(await moved(bank, 'reprotect', 'loans'))).toEqual(GOOD);
  expect(passed(await moved(bank, 'failback', 'loans'))).toEqual(GOOD);
  const { writing, writers } = truth('loans');
  expect(writing).toEqual(['main']);
  const dr = writers.find(({ array }) => array === 'dr');
  expect(dr?.acknowledged).toBeGreaterThan(100_000);
  expect(dr?.on['main']).toBe(dr?.acknowledged);
}, 60_000);

test('in the commit window the people go back: all as before, and the work done at DR is there', async () => {
  bank = await openBank({ sparing: true });
  const run = await ordered(bank, 'switchover', 'loans');
  await bank.drive(run, ({ asks }) => asks.some(({ step }) => step === 'stay'));
  expect(truth('loans').writing).toEqual(['dr']);
  bank.clock.advance(600_000);
  const person = bank.config.people.find(({ handle }) => handle === 'han')?.id ?? '';
  const ask = { verb: 'abort', reason: '주센터로 복귀', mode: 'undo' } as const;
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask };
  const at = bank.clock.now();
  await bank.store.putInbox({ run, delivery: 'undo', at, person, body: canonical(body) });
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  expect([head.state, head.result?.result]).toEqual(['ended', 'aborted']);
  const { writing, lost, acknowledged } = truth('loans');
  expect([writing, lost]).toEqual([['main'], 0]);
  expect(acknowledged['dr']).toBeGreaterThan(10_000);
  // Nothing is left over that a second switch would stumble on.
  expect(passed(await moved(bank, 'switchover', 'loans'))).toEqual(GOOD);
}, 60_000);
