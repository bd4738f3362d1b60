/** The log's end torn at every byte, full and read-only disks, and a crash at each step of compaction. */
import { canonical, sha256 } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { type Disk, openDisk } from '../../lib/gateway/server/disk.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import { seededRandom } from '../../lib/random.ts';
import { errno, type MemoryFiles, memoryFiles } from '../support/files.ts';
import { drillPlan } from './plan.ts';
import { codeOf, openHouse, type TestDisk } from './support.ts';

const LOG = '/disk/log.jsonl';
const plan = drillPlan();
const intent = { planHash: 'h', callId: 'split.group', attempt: 1, epoch: 3 };
const kinds: readonly (readonly [string, Entry])[] = [
  ['accepted', { type: 'accepted', at: 5, key: 'k1', ...intent }],
  ['void', { type: 'void', at: 5, key: 'k2' }],
];

let files: MemoryFiles;
let said: string[];
const open = (change: { compactOver?: number } = {}): Promise<Disk> =>
  openDisk({
    ...{ folder: '/disk', site: 'dr', clock: manualClock(), files, ...change },
    ...{ random: seededRandom('truncation'), say: (text: string) => said.push(text) },
  });
const line = (seq: number, type: string): string =>
  canonical({ run: plan.run, seq, type, prev: sha256(''), evidence: [] });

beforeEach(() => {
  files = memoryFiles();
  said = [];
});

/** The log alone: room for the answers is made anew by each opening, and costs time. */
async function diskWith(log: Buffer): Promise<void> {
  files = memoryFiles();
  const reserve = await files.open('/disk/reserve');
  await reserve.append(Buffer.alloc(1_048_576));
  await (await files.open(LOG)).append(log);
}

test.each(kinds)('a last line cut at every byte, garbage behind it too: %s', async (_, last) => {
  const disk = await open();
  await disk.append({ type: 'void', at: 2, key: 'k0' });
  const before = (await files.read(LOG)).length;
  await disk.append(last);
  const whole = await files.read(LOG);
  for (let cut = before; cut < whole.length; cut++) {
    const garbage = ['', '\0\0\0\0', '}}"x'][cut % 3] ?? '';
    await diskWith(Buffer.concat([whole.subarray(0, cut), Buffer.from(garbage)]));
    const again = await open();
    expect(again.entries).toEqual([{ type: 'void', at: 2, key: 'k0' }]);
    await again.append(last);
    expect((await files.read(LOG)).equals(whole)).toBe(true);
  }
  await diskWith(whole);
  expect((await open()).entries.at(-1)).toEqual(last);
});

test('a line that was promised and differs is named, and nothing is changed', async () => {
  const disk = await open();
  for (const key of ['a', 'b', 'c']) await disk.append({ type: 'void', at: 1, key });
  const whole = await files.read(LOG);
  files.damage(LOG, () => Buffer.from(whole.toString().replace('"key":"b"', '"key":"x"')));
  await expect(open()).rejects.toMatchObject({ code: 'GW-DISK', why: /Line 3 of 4/ });
});

test('a full disk: nothing is accepted, and what was sent is still written down', async () => {
  const disk = await open();
  await disk.append({ type: 'plan', at: 1, planHash: 'h', plan, runbook: 'x', config: {} });
  await disk.append({ type: 'accepted', at: 2, key: 'k1', ...intent });
  files.capacity = files.used() + 40;
  expect(await codeOf(disk.append({ type: 'void', at: 3, key: 'k2' }))).toBe('GW-DISK-FULL');
  expect(disk.trouble?.()?.code).toBe('GW-DISK-FULL');
  // The room kept for it is given up.
  await disk.append({ type: 'lost', at: 4, key: 'k1', why: 'silence' });
  const count = disk.count();
  expect(await codeOf(disk.append({ type: 'accepted', at: 5, key: 'k3', ...intent }))).toBe(
    'GW-DISK-FULL',
  );
  expect(disk.count()).toBe(count);
  files.capacity = Number.POSITIVE_INFINITY;
  await disk.append({ type: 'accepted', at: 6, key: 'k3', ...intent });
  expect(disk.trouble?.()).toBeUndefined();
  const again = await open();
  expect(again.entries.map(({ type }) => type)).toEqual(['plan', 'accepted', 'lost', 'accepted']);
  expect(again.count()).toBe(disk.count());
});

test('full or read-only at the start: what is known is answered, and it goes on by itself', async () => {
  const first = await open();
  await first.append({ type: 'void', at: 1, key: 'k1' });
  for (const [code, wanted] of [
    ['EROFS', 'GW-DISK-READONLY'],
    ['ENOSPC', 'GW-DISK-FULL'],
  ] as const) {
    files.before = () => {
      throw errno(code);
    };
    const disk = await open();
    expect(disk.entries[0]).toEqual({ type: 'void', at: 1, key: 'k1' });
    expect(disk.trouble?.()?.code).toBe(wanted);
    expect(await codeOf(disk.append({ type: 'void', at: 2, key: 'k2' }))).toBe(wanted);
    files.before = () => undefined;
    await disk.append({ type: 'void', at: 2, key: `after ${code}` });
    expect(disk.trouble?.()).toBeUndefined();
  }
  expect((await open()).entries).toHaveLength(3);
  files = memoryFiles();
  files.before = () => {
    throw errno('EROFS');
  };
  expect(await codeOf(open())).toBe('GW-DISK-READONLY');
});

test('a sync that fails is no promise, and what it left is cut before the next line', async () => {
  const disk = await open();
  await disk.append({ type: 'void', at: 1, key: 'k1' });
  files.before = (operation) => {
    if (operation === 'datasync') throw errno('EIO');
  };
  expect(await codeOf(disk.append({ type: 'void', at: 2, key: 'never' }))).toBe('GW-DISK');
  files.before = () => undefined;
  await disk.append({ type: 'void', at: 3, key: 'k3' });
  expect((await open()).entries.map((entry) => 'key' in entry && entry.key)).toEqual(['k1', 'k3']);
});

test('through the doors: refused before anything is sent, health says it, and it goes on', async () => {
  const real = await open();
  const disk: TestDisk = { lines: [], died: new Promise(() => undefined), open: () => real };
  const house = openHouse({ disk });
  await house.approve();
  files.capacity = files.used();
  expect(await codeOf(house.put('split.group'))).toBe('GW-DISK-FULL');
  expect(house.site.accepted).toEqual([]);
  expect((await house.gateway.health()).disk).toBe('GW-DISK-FULL');
  const asked = house.gateway.ask(house.keyOf('split.group'));
  expect(await codeOf(asked)).toBe('GW-DISK-FULL');
  files.capacity = Number.POSITIVE_INFINITY;
  expect((await house.done('split.group')).state).toBe('answered');
  expect(house.site.accepted).toHaveLength(1);
  expect((await house.gateway.health()).disk).toBeUndefined();
});

/** A run that ended, one that goes on, voids, and an epoch. */
async function lived(): Promise<Disk> {
  const disk = await open();
  const other = drillPlan({ run: 'r-0000000002' });
  await disk.append({ type: 'plan', at: 1, planHash: 'h', plan, runbook: 'x', config: {} });
  await disk.append({ type: 'plan', at: 1, planHash: 'o', plan: other, runbook: 'x', config: {} });
  await disk.append({ type: 'accepted', at: 2, key: 'k1', ...intent });
  await disk.append({ type: 'accepted', at: 3, key: 'k2', ...intent, planHash: 'o', epoch: 4 });
  await disk.append({ type: 'void', at: 4, key: 'v1' });
  const lines = [line(1, 'run.opened'), line(2, 'run.ended')];
  await disk.append({ type: 'lines', at: 5, run: plan.run, from: 1, lines });
  return disk;
}

/** All that anybody may ask of the book. */
const known = (disk: Disk) => {
  const book = openBook(disk);
  return {
    ...{ count: book.count(), incarnation: book.incarnation, epoch: book.epoch(plan.unit) },
    keys: ['k1', 'k2', 'k3'].map((key) => book.sent(key)?.record),
    voids: ['v1', 'v2'].map((key) => book.isVoid(key)),
    runs: [plan.run, 'r-0000000002'].map((run) => book.planOfRun(run)),
    journal: [book.journal(plan.run).have, book.journal(plan.run).tail],
    open: book.plan('o') !== undefined,
  };
};

test('compaction keeps every answer, the counter rises on, and an archive holds the rest', async () => {
  const disk = await lived();
  const full = await files.read(LOG);
  const before = known(await open());
  const short = await open({ compactOver: 1 });
  const after = known(short);
  expect(after).toEqual({ ...before, count: before.count + 1 });
  expect(openBook(short).plan('h')).toBeUndefined();
  expect(await files.read('/disk/log.1.jsonl')).toEqual(full);
  await short.append({ type: 'void', at: 9, key: 'v2' });
  expect(short.count()).toBe(disk.count() + 2);
  const again = await open({ compactOver: 1 });
  expect(known(again)).toEqual({ ...after, count: after.count + 1, voids: [true, true] });
});

test('a crash at each step of compaction leaves the old log or the new one, and no third', async () => {
  let steps = 0;
  for (let dieAt = 1; ; dieAt++) {
    files = memoryFiles();
    said = [];
    await lived();
    const before = known(await open());
    let step = 0;
    let died: () => void = () => undefined;
    const death = new Promise<'died'>((resolve) => {
      died = () => resolve('died');
    });
    files.before = () => {
      step += 1;
      if (step < dieAt) return undefined;
      died();
      return new Promise(() => undefined);
    };
    const outcome = await Promise.race([open({ compactOver: 1 }), death]);
    if (outcome !== 'died') break;
    steps = dieAt;
    files.before = () => undefined;
    files.crash(seededRandom(`crash ${dieAt}`));
    const after = known(await open());
    expect([before.count, before.count + 1]).toContain(after.count);
    expect({ ...after, count: 0 }).toEqual({ ...before, count: 0 });
    expect(known(await open({ compactOver: 1 })).keys).toEqual(before.keys);
  }
  expect(steps).toBeGreaterThan(8);
});

test('a log that grew long is compacted while it is written to, and nothing that came is lost', async () => {
  const disk = await lived();
  await disk.close();
  const before = known(await open());
  const running = await open({ compactOver: 1e9 });
  await running.compact?.();
  expect((await files.list('/disk')).filter((name) => name.startsWith('log.'))).toEqual([
    'log.jsonl',
  ]);
  await running.close();

  const size = (await files.read(LOG)).length;
  const busy = await open({ compactOver: size + 10 });
  const line3 = { type: 'void', at: 9, key: 'v3' } as const;
  await busy.append(line3);
  const later = [busy.compact?.(), busy.append({ ...line3, key: 'v4' })];
  await Promise.all([...later, busy.append({ ...line3, key: 'v5' })]);
  expect((await files.read(LOG)).length).toBeLessThan(size);
  await busy.append({ ...line3, key: 'v6' });
  expect(busy.count()).toBe(before.count + 5);
  const again = await open();
  expect(again.count()).toBe(before.count + 5);
  expect(known(again)).toMatchObject({ keys: before.keys, journal: before.journal });
  const book = openBook(again);
  expect(['v3', 'v4', 'v5', 'v6'].map((key) => book.isVoid(key))).toEqual([true, true, true, true]);
  // The archive is held against its hash at each start.
  expect(said.filter((text) => text.startsWith('GW-DISK'))).toEqual([]);
  files.damage('/disk/log.1.jsonl', (bytes) => bytes.subarray(1));
  await open();
  expect(said.at(-1)).toMatch(/^GW-DISK: log\.1\.jsonl is not what was written/);
});
