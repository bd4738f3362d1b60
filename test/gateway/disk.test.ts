/** The log on a real disk: torn ends, damage, and whose it is. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import { seededRandom } from '../../lib/random.ts';
import { codeOf } from './support.ts';

let folder = '';
const said: string[] = [];
const open = (site = 'dr') =>
  openDisk({
    ...{ folder: join(folder, 'disk'), site, clock: manualClock() },
    ...{ random: seededRandom('disk'), say: (text: string) => said.push(text) },
  });
const file = () => join(folder, 'disk', 'log.jsonl');
const voidOf = (key: string): Entry => ({ type: 'void', at: 1, key });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-disk-'));
  said.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

test('entries come back in order, many at once too, and the incarnation stays', async () => {
  const first = await open();
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  await Promise.all(keys.map((key) => first.append(voidOf(key))));
  expect(first.count()).toBe(51);
  await first.close();
  const second = await open();
  expect(second.entries).toEqual(keys.map(voidOf));
  expect([second.incarnation, second.count()]).toEqual([first.incarnation, 51]);
  await second.append(voidOf('last'));
  await second.close();
  const third = await open();
  expect(third.entries.at(-1)).toEqual(voidOf('last'));
  await third.close();
});

test('a torn last line is cut at every length, said, and written over', async () => {
  const disk = await open();
  await disk.append(voidOf('a'));
  await disk.close();
  const whole = await readFile(file(), 'utf8');
  const line = whole.split('\n').at(1) ?? '';
  for (const length of [1, Math.floor(line.length / 2), line.length]) {
    await writeFile(file(), whole + line.slice(0, length));
    const again = await open();
    expect(again.entries).toEqual([voidOf('a')]);
    await again.append(voidOf('b'));
    await again.close();
    const after = await open();
    expect(after.entries).toEqual([voidOf('a'), voidOf('b')]);
    await after.close();
    expect(said.at(-1)).toContain(`${length} bytes`);
  }
});

test('any other damage is a reason not to start, and nothing is changed', async () => {
  const disk = await open();
  for (const key of ['a', 'b', 'c']) await disk.append(voidOf(key));
  await disk.close();
  const whole = await readFile(file(), 'utf8');
  const lines = whole.split('\n');
  const swapped = [lines[0], lines[2], lines[1], lines[3], ''].join('\n');
  const removed = [lines[0], lines[2], lines[3], ''].join('\n');
  const changed = whole.replace('"key":"b"', '"key":"x"');
  const spaced = whole.replace('{"entry"', '{ "entry"');
  for (const damaged of [swapped, removed, changed, spaced, `x\n${whole}`, `${whole}\n`, '\0\n']) {
    await writeFile(file(), damaged);
    expect(await codeOf(open())).toBe('GW-DISK');
    expect(await readFile(file(), 'utf8')).toBe(damaged);
  }
  await writeFile(file(), whole);
  expect(await codeOf(open('main'))).toBe('GW-DISK');
  await (await open()).close();
});

test('a disk that was emptied is another incarnation', async () => {
  const random = seededRandom('two disks');
  const settings = { site: 'dr', clock: manualClock(), random, say: () => {} };
  const first = await openDisk({ ...settings, folder: join(folder, 'a') });
  const second = await openDisk({ ...settings, folder: join(folder, 'b') });
  expect(first.incarnation).toMatch(/^[0-9a-f]{32}$/);
  expect(second.incarnation).not.toBe(first.incarnation);
  await Promise.all([first.close(), second.close()]);
});
