import { afterEach, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../lib/twin/scenario.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { repeated, residue } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

const HOUR = 3_600_000;
const checks = async (run: string) =>
  (await bank.events(run)).flatMap((event) => (event.type === 'facts.checked' ? [event.data] : []));
const sent = () => bank.world.effects.filter(({ path }) => !/sessions|tokens/.test(path));

async function approveAs(run: string, handle: string): Promise<void> {
  await bank.press(handle, 'drillbook:approve', run);
  await bank.tick(run);
}

describe('what does not touch an approval (rule 2)', () => {
  it('an hour under write load between plan and second approval', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await approveAs(run, 'lee');
    for (let minute = 0; minute < 60; minute++) {
      bank.clock.advance(HOUR / 60);
      await bank.tick(run);
    }
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(head.result?.result).toBe('passed');
    expect((await checks(run)).map(({ verdict }) => verdict)).toEqual(['same', 'same']);
  });

  it('approving in the last minute: the clean-up hours later is still valid', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    const { expiresAt = 0 } = (await bank.head(run)).approval ?? {};
    bank.clock.advance(expiresAt - bank.clock.now() - 30_000);
    await bank.drive(run, ({ asks }) => asks.length > 0);
    bank.clock.advance(10 * 60_000);
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(bank.clock.now()).toBeGreaterThan(expiresAt);
    expect(head.result?.result).toBe('passed');
    expect(await residue(bank, run)).toEqual([]);
  });

  it.each(['array-busy', 'http-500'] as const)(
    'a target that cannot answer for a minute (%s)',
    async (name) => {
      bank = await openBank();
      const run = await bank.ask('drill loans');
      await approveAs(run, 'lee');
      bank.world.fault(name, true);
      await approveAs(run, 'park');
      for (let i = 0; i < 5; i++) {
        bank.clock.advance(10_000);
        await bank.tick(run);
      }
      expect((await bank.head(run)).result).toBeUndefined();
      bank.world.fault(name, false);
      const head = await bank.drive(run, ({ state }) => state === 'paused');
      expect(head.result?.result).toBe('passed');
      expect(repeated(bank)).toEqual([]);
    },
  );

  it('a gateway that cannot be reached for a minute', async () => {
    let cut = false;
    bank = await openBank({
      wire: (http) => async (request) => {
        if (cut) throw new Error('connection refused');
        return http(request);
      },
    });
    const run = await bank.ask('drill loans');
    await approveAs(run, 'lee');
    cut = true;
    await approveAs(run, 'park');
    bank.clock.advance(60_000);
    await bank.tick(run);
    expect((await bank.head(run)).result).toBeUndefined();
    cut = false;
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(head.result?.result).toBe('passed');
  });
});

describe('what voids an approval (rule 2)', () => {
  const changes: readonly [Fault['name'], RegExp][] = [
    ['pair-added', /pair .*: nothing -> LDEV \d+ to \d+|LDEV|pair/],
    ['ldev-swapped', /LDEV \d+ (to|and)|LDEV: \d+ -> \d+/],
    ['replication-suspended', /replication: .* -> .* \(worse\)/],
    ['no-consistency-group', /onsistency/],
  ];

  it.each(changes)(
    '%s between plan and quorum: voided, with a diff to read',
    async (name, line) => {
      bank = await openBank();
      const run = await bank.ask('drill loans');
      await approveAs(run, 'lee');
      bank.world.fault(name, true, { service: 'loans' });
      const head = await bank.drive(run);
      expect(head.result?.result).toBe('voided');
      expect(head.result?.reasons.join('\n')).toMatch(line);
      expect(sent()).toEqual([]);
      const types = (await bank.events(run)).map(({ type }) => type);
      expect(types).toContain('approval.voided');
      expect(types).not.toContain('approval.complete');
    },
  );

  it.each(changes)('%s between quorum and the first call: voided', async (name, line) => {
    bank = await openBank({
      store: (store) => ({
        ...store,
        append: async (chain, item) => {
          const stored = await store.append(chain, item);
          if (JSON.parse(item.line).type === 'approval.delivered') {
            bank.world.fault(name, true, { service: 'loans' });
          }
          return stored;
        },
      }),
    });
    const run = await bank.ask('drill loans');
    const head = await bank.drive(run);
    expect(head.result?.result).toBe('voided');
    expect(head.result?.reasons.join('\n')).toMatch(line);
    expect(sent()).toEqual([]);
  });

  it('the first call would come after the approvals ended: expired, nothing sent', async () => {
    bank = await openBank({
      store: (store) => ({
        ...store,
        append: async (chain, item) => {
          if (JSON.parse(item.line).type === 'approval.delivered') {
            bank.world.fault('array-busy', true);
          }
          return store.append(chain, item);
        },
      }),
    });
    const run = await bank.ask('drill loans');
    const { expiresAt = 0 } = (await bank.head(run)).approval ?? {};
    bank.clock.advance(expiresAt - bank.clock.now() - 30_000);
    await approveAs(run, 'lee');
    await approveAs(run, 'park');
    bank.clock.advance(60_000);
    bank.world.fault('array-busy', false);
    const head = await bank.drive(run, ({ state }) => state === 'paused');
    expect(head.result?.result).toBe('expired');
    expect(sent()).toEqual([]);
  });

  it('a service that was edited in the configuration', async () => {
    bank = await openBank();
    const run = await bank.ask('drill loans');
    await approveAs(run, 'lee');
    const { readFileSync, writeFileSync } = await import('node:fs');
    const file = `${bank.folder.config}/services.yml`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('loan-db1-active, kind', 'db-up, kind'));
    const head = await bank.drive(run);
    expect(head.result?.result).toBe('voided');
    expect(head.result?.reasons.join()).toMatch(/service/);
  });
});
