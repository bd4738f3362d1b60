/** What a stage is set with is work for the runbook that it is set for: no rehearsal finds nothing to do. */
import { afterEach, expect, test } from '@jest/globals';
import { doAtTheBank } from '../../lib/local/bank-people.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { moved } from '../support/moves.ts';
import { planOf, serviceOf } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** How many calls it needed. */
async function played(runbook: string): Promise<number> {
  const { run, result } = await moved(bank, runbook, 'loans');
  expect([runbook, result?.result, result?.reasons]).toEqual([runbook, 'passed', []]);
  return (await planOf(bank, run)).calls.length;
}

test.each([
  ['back-up', 'backup-import', 3],
  ['furnish', 'config-apply', 2],
  ['unmark', 'adopt', 3],
] as const)(
  '%s: %s has %i calls to make, and then none',
  async (doing, runbook, calls) => {
    bank = await openBank({ sparing: true });
    const service = serviceOf(bank.config, 'loans');
    await doAtTheBank(doing, { house: bank, service, http: bank.world.http });
    expect(await played(runbook)).toBeGreaterThanOrEqual(calls);
    expect(await played(runbook)).toBe(0);
  },
  60_000,
);

test('a volume that nobody replicates from the first day is protected, and drilled with the others', async () => {
  const volume = 'b3947d9c-777a-4bbb-9f21-9833d97b001b';
  bank = await openBank({
    sparing: true,
    edit: {
      'config/twin.yml': (text) => text.replace('faults: []', `unprotected: [${volume}]`),
    },
  });
  const before = await bank.drive(await bank.ask('drill loans'), ({ state }) => state === 'ended');
  expect(before.result?.reasons.join()).toContain(`Main volume ${volume} is not replicated once`);
  expect(await played('protect-volumes')).toBe(2);
  expect(await played('protect')).toBeGreaterThan(2);
  await played('drill-copy');
}, 120_000);
