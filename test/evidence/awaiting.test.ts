/** A drill of two runs is open until the second one was run, however often it is begun. */
import { expect, test } from '@jest/globals';
import { manualClock } from '../../lib/clock.ts';
import { awaitedBy } from '../../lib/evidence/awaiting.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { readLedger } from '../../lib/evidence/records.ts';
import { seededRandom } from '../../lib/random.ts';
import { memoryStore } from '../../lib/store/memory.ts';

const tenant = 'hanbit';

function house() {
  const store = memoryStore();
  const title = { ko: '훈련', en: 'Drill' };
  const ledger = createLedger({
    ...{ store, tenant, clock: manualClock(), random: seededRandom('awaiting') },
    describe: async (runbook) => ({
      ...{ title, drillType: 'planned-switch' },
      ...(runbook === 'drill-switch' ? { followedBy: 'failback' } : {}),
    }),
  });
  const open = async (run: string, runbook: string, service = 'loans') =>
    (await ledger.openDrill({ run, runbook, service, requester: 'p-1' })).drill;
  const close = (run: string, drill: string, result: string) =>
    ledger.closeRun({ run, drill, result, head: '1'.repeat(64), events: 3 });
  const awaited = async (drill: string) => awaitedBy(await readLedger(store, tenant), drill);
  return { ledger, open, close, awaited };
}

test('the way home joins it, and only for its own service', async () => {
  const { open, close, awaited, ledger } = house();
  const drill = await open('r1', 'drill-switch');
  expect(await open('r2', 'failback')).not.toBe(drill);
  await close('r1', drill, 'passed');
  expect(await awaited(drill)).toBe('failback');
  const sealing = { drill, packHash: '2'.repeat(64), signature: '3'.repeat(64) };
  const closing = () => ledger.closeDrill({ ...sealing, result: 'passed' }, []);
  await expect(closing()).rejects.toMatchObject({ code: 'EV-DRILL-OPEN' });
  expect(await open('r3', 'failback', 'payments')).not.toBe(drill);
  expect(await open('r4', 'drill-copy')).not.toBe(drill);
  expect(await open('r5', 'failback')).toBe(drill);
  await expect(closing()).rejects.toMatchObject({ code: 'EV-DRILL-OPEN' });
  await close('r5', drill, 'passed');
  expect(await awaited(drill)).toBeUndefined();
  await closing();
  expect(await open('r6', 'failback')).not.toBe(drill);
});

test.each([
  ['denied', 'failback'],
  ['expired', 'failback'],
  ['voided', 'failback'],
  ['failed', undefined],
  ['aborted', undefined],
])('a way home that ended %s leaves it waiting for %s', async (result, left) => {
  const { open, close, awaited } = house();
  const drill = await open('r1', 'drill-switch');
  await close('r1', drill, 'passed');
  await close('r2', await open('r2', 'failback'), result);
  expect(await awaited(drill)).toBe(left);
});

test.each(['failed', 'aborted', 'denied'])(
  'a switch that %s has nothing to come home from',
  async (result) => {
    const { open, close, awaited } = house();
    const drill = await open('r1', 'drill-switch');
    await close('r1', drill, result);
    expect(await awaited(drill)).toBeUndefined();
  },
);
