/** The law's yearly switch: due until one passed, and again when a year is over. */
import { expect, test } from '@jest/globals';
import { manualClock } from '../../lib/clock.ts';
import { switchesDue } from '../../lib/evidence/due.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { readLedger } from '../../lib/evidence/records.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { seededRandom } from '../../lib/random.ts';
import type { Plan } from '../../lib/runbook/plan.ts';
import { memoryStore } from '../../lib/store/memory.ts';

const tenant = 'hanbit';
const DAY_MS = 86_400_000;

test('a real switch that passed counts for a year, a drill on copies and a failed one never', async () => {
  const config = await loadConfig('config');
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const store = memoryStore();
  let drillType: Plan['drillType'] = 'isolated-copy';
  const ledger = createLedger({
    ...{ store, tenant, clock, random: seededRandom('due') },
    describe: async () => ({ title: { ko: '훈련', en: 'Drill' }, drillType }),
  });
  const due = async () =>
    switchesDue(await readLedger(store, tenant), config, clock.now()).map(({ service }) => service);
  async function drill(run: string, result: 'passed' | 'failed'): Promise<void> {
    const opening = { run, service: 'loans', runbook: 'x', requester: 'p-1' };
    const { drill: number } = await ledger.openDrill(opening);
    await ledger.closeRun({ drill: number, run, head: '1'.repeat(64), events: 3, result });
    const hashes = { packHash: '2'.repeat(64), signature: '3'.repeat(64) };
    await ledger.closeDrill({ drill: number, ...hashes, result }, []);
  }
  await drill('r1', 'passed');
  expect(await due()).toContain('loans');
  drillType = 'planned-switch';
  await drill('r2', 'failed');
  expect(await due()).toContain('loans');
  await drill('r3', 'passed');
  expect(await due()).not.toContain('loans');
  expect(await due()).toContain('payments');
  clock.advance(365 * DAY_MS);
  expect(await due()).not.toContain('loans');
  clock.advance(1);
  expect(await due()).toContain('loans');
  const { law: _law, ...policy } = config.policy;
  expect(switchesDue(await readLedger(store, tenant), { ...config, policy }, 0)).toEqual([]);
});
