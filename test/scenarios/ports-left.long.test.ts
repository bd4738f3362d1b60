/** A failover takes the service from a switch that has made ports at DR and no server yet. */
import { afterEach, expect, test } from '@jest/globals';
import { type Bank, openBank } from '../support/bank.ts';
import { disaster, moved, ordered } from '../support/moves.ts';

let bank: Bank;
afterEach(() => bank.close());

test('the addresses that a pre-empted start took are free again for the next one', async () => {
  let isFull = true;
  bank = await openBank({
    sparing: true,
    between: (site, http) => async (request) =>
      isFull && site === 'dr' && request.method === 'POST' && request.url.endsWith('/servers')
        ? { status: 503, headers: {}, body: '' }
        : http(request),
  });
  const out = await ordered(bank, 'switchover', 'loans');
  const { pause } = await bank.drive(out, ({ state }) => state === 'paused');
  expect([pause?.step, pause?.refusal.code]).toEqual(['boot', 'RUN-ATTEMPTS']);
  isFull = false;
  await disaster(bank);
  const { result, steps } = await moved(bank, 'failover', 'loans');
  expect([result?.result, result?.reasons]).toEqual(['passed', []]);
  expect(steps.map(({ id }) => id)).toContain('clear');
  const { writing, twoSided } = bank.world.oracle.moves('loans');
  expect([writing, twoSided]).toEqual([['dr'], []]);
}, 60_000);
