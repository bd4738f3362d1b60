/** The lock of a protection unit among the workers of one control plane (rules 3 and 5). */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Store } from '../../lib/store/store.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { eventsOf, failoverRunbook } from '../support/epochs.ts';
import { planOf } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const takenBy = async (run: string) =>
  (await eventsOf(bank, run, 'lock')).map(({ data: { state, epoch } }) => `${state} ${epoch}`);

describe('the lock', () => {
  it('taken by a worker that died before it could say so is not taken twice', async () => {
    let dying = true;
    const store = (inner: Store): Store => ({
      ...inner,
      append: async (chain, item) => {
        if (dying && item.line.includes('"type":"lock"')) throw new Error('killed');
        return inner.append(chain, item);
      },
    });
    bank = await openBank({ store });
    await bank.type('kim', 'run copies-resync loans');
    const run = bank.lastSignal();
    await expect(bank.drive(run)).rejects.toThrow(/killed/);
    dying = false;
    const head = await bank.drive(run);
    expect(await takenBy(run)).toEqual(['taken 1', 'released 1']);
    const { unit } = await planOf(bank, run);
    expect(await bank.store.lock(unit)).toMatchObject({ epoch: 1, run: '' });
    expect(head.state).toBe('ended');
  });

  it('is taken once by workers side by side, and each taking raises the epoch', async () => {
    bank = await openBank({ workers: 3, sparing: true });
    const runs = [];
    for (let i = 0; i < 3; i++) {
      const run = await bank.ask('run copies-resync loans');
      await bank.press('lee', 'drillbook:deny', run, 'only a test');
      await bank.drive(run, () => false, false);
      runs.push(run);
    }
    const [first = '', second = '', third = ''] = runs;
    expect(await takenBy(first)).toEqual(['taken 1', 'released 1']);
    expect(await takenBy(second)).toEqual(['taken 2', 'released 2']);
    expect(await takenBy(third)).toEqual(['taken 3', 'released 3']);
  });

  it('of version 0.1.0 holds against equals, and a failover takes the unit above it', async () => {
    bank = await openBank({ edit: { 'runbooks/takeover.yml': failoverRunbook }, sparing: true });
    const before = await bank.ask('run copies-resync loans');
    const { unit } = await planOf(bank, before);
    await bank.press('lee', 'drillbook:deny', before, 'only to know the unit');
    await bank.drive(before, () => false, false);
    const old = await bank.ask('drill payments');
    // As 0.1.0 held it: a claim by name and no lock.
    const noLock: Store = { ...bank.store, lock: async () => undefined };
    const worker = await bank.newWorker({ store: () => noLock });
    await bank.store.claim(`unit:${unit}`, old);
    await bank.type('kim', 'run copies-resync loans');
    const run = bank.lastSignal();
    for (let i = 0; i < 3; i++) await bank.tick(run, worker);
    expect((await bank.head(run)).result?.reasons.join()).toContain(`Run ${old} holds them`);
    await bank.type('han', 'run takeover loans');
    const failover = bank.lastSignal();
    await bank.tick(failover, worker);
    const [wanted] = await eventsOf(bank, failover, 'lock');
    expect(wanted?.data).toMatchObject({ state: 'wanted', from: old, epoch: 1 });
  });
});

describe('a further run of an open drill', () => {
  it('joins by its number while a run is open, and is told when none is', async () => {
    bank = await openBank({ sparing: true });
    const first = await bank.ask('drill loans');
    const second = await bank.ask('drill payments --drill dr-2026-001');
    expect((await bank.head(second)).drill).toBe('DR-2026-001');
    for (const run of [first, second]) {
      await bank.press('lee', 'drillbook:deny', run, 'only a test');
      await bank.drive(run, () => false, false);
    }
    await bank.type('kim', 'drill loans —drill DR-2026-001');
    const late = bank.lastSignal();
    const head = await bank.drive(late, () => false, false);
    expect(head).toMatchObject({ drill: 'DR-2026-002', result: { result: 'denied' } });
    expect(head.result?.reasons.join()).toContain('RUN-DRILL-CLOSED');
  });
});
