import { sha256 } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { createLedger } from '../../lib/evidence/ledger.ts';
import { GENESIS, readLedger } from '../../lib/evidence/records.ts';
import { seededRandom } from '../../lib/random.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';

const tenant = 'hanbit';
const opening = (run: string) => ({
  run,
  service: 'payments',
  runbook: 'drill-copy',
  requester: 'p-1',
});

function ledgerOn(store: Store, seed: string, startMs?: number) {
  return createLedger({ store, tenant, clock: manualClock(startMs), random: seededRandom(seed) });
}

test('the first record stands on 64 zeros and each on the one before', async () => {
  const store = memoryStore();
  const ledger = ledgerOn(store, 'a');
  const first = await ledger.openDrill(opening('r1'));
  const second = await ledger.openDrill(opening('r2'));
  expect([first.drill, second.drill]).toEqual(['DR-2026-001', 'DR-2026-002']);
  const lines = await readLedger(store, tenant);
  expect(lines.map(({ record }) => record.type)).toEqual([
    'drill.opened',
    'run.opened',
    'drill.opened',
    'run.opened',
  ]);
  expect(lines[0]?.record.prev).toBe(GENESIS);
  expect(lines[1]?.record.prev).toBe(sha256(lines[0]?.line ?? ''));
  expect(first.hash).toBe(lines[1]?.hash);
});

test('every call again returns the record of the first', async () => {
  const store = memoryStore();
  const ledger = ledgerOn(store, 'a');
  const closing = { run: 'r1', head: '1'.repeat(64), events: 3, result: 'passed' };
  const hashes = { packHash: '2'.repeat(64), signature: '3'.repeat(64) };
  const sealing = { drill: 'DR-2026-001', ...hashes, result: 'passed' } as const;
  for (let again = 0; again < 3; again++) {
    const { drill } = await ledger.openDrill(opening('r1'));
    await ledger.closeRun({ ...closing, drill });
    await ledger.closeDrill(sealing, []);
  }
  expect(await readLedger(store, tenant)).toHaveLength(5);
});

test.each([1, 2, 3])(
  'writers side by side: all stored, no gap, no fork (seed %i)',
  async (seed) => {
    const store = memoryStore();
    const opened = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        // Every run is opened by two workers at once.
        ledgerOn(store, `${seed}-${i}`).openDrill(opening(`r${i % 6}`)),
      ),
    );
    const numbers = new Set(opened.map(({ drill }) => drill));
    expect([...numbers].sort()).toEqual([1, 2, 3, 4, 5, 6].map((n) => `DR-2026-00${n}`));
    expect(opened.slice(0, 6)).toEqual(opened.slice(6));
    expect(await readLedger(store, tenant)).toHaveLength(12);
  },
);

test('a lost acknowledgement, then the same call: one record', async () => {
  const store = memoryStore();
  let lose = true;
  const deaf: Store = {
    ...store,
    append: async (chain, item) => {
      const stored = await store.append(chain, item);
      if (lose) throw new Error('connection reset');
      return stored;
    },
  };
  const ledger = ledgerOn(deaf, 'a');
  await expect(ledger.openDrill(opening('r1'))).rejects.toThrow('connection reset');
  lose = false;
  expect((await ledger.openDrill(opening('r1'))).drill).toBe('DR-2026-001');
  expect(await readLedger(store, tenant)).toHaveLength(2);
});

test('the year is counted in Korea', async () => {
  const store = memoryStore();
  const early = ledgerOn(store, 'a', Date.UTC(2026, 11, 31, 14, 59));
  const late = ledgerOn(store, 'b', Date.UTC(2026, 11, 31, 15, 0));
  expect((await early.openDrill(opening('r1'))).drill).toBe('DR-2026-001');
  expect((await late.openDrill(opening('r2'))).drill).toBe('DR-2027-001');
});

test('title and type of the runbook are recorded at the opening', async () => {
  const store = memoryStore();
  const title = { ko: '복제본 훈련', en: 'Drill on copies' };
  const ledger = createLedger({
    store,
    tenant,
    clock: manualClock(),
    random: seededRandom('a'),
    describe: async () => ({ title, drillType: 'isolated-copy' }),
  });
  await ledger.openDrill(opening('r1'));
  const [first] = await readLedger(store, tenant);
  expect(first?.record.data).toMatchObject({ title, drillType: 'isolated-copy' });
});

test('nothing is appended to a broken ledger', async () => {
  const store = memoryStore();
  const ledger = ledgerOn(store, 'a');
  await ledger.openDrill(opening('r1'));
  const broken: Store = {
    ...store,
    chain: async (chain) =>
      (await store.chain(chain)).map((item) => ({
        ...item,
        line: item.line.replace('payments', 'payment5'),
      })),
  };
  await expect(ledgerOn(broken, 'b').openDrill(opening('r2'))).rejects.toMatchObject({
    code: 'EV-LEDGER-BROKEN',
  });
});

test('a run that was never opened cannot be closed', async () => {
  const closing = { drill: 'DR-2026-001', run: 'x', head: '1'.repeat(64), events: 1 };
  const ledger = ledgerOn(memoryStore(), 'a');
  await expect(ledger.closeRun({ ...closing, result: 'passed' })).rejects.toMatchObject({
    code: 'EV-RUN-OPEN',
  });
});
