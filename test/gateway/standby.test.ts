/** A standby that follows the disk and takes over: what it was not shipped is never believed unsent. */

import { manualClock } from '../../lib/clock.ts';
import { shipDisk } from '../../lib/gateway/server/disk/ship.ts';
import { type Disk, openDisk } from '../../lib/gateway/server/disk.ts';
import type { Entry } from '../../lib/gateway/server/entries.ts';
import { seededRandom } from '../../lib/random.ts';
import { type MemoryFiles, memoryFiles } from '../support/files.ts';
import { drillPlan } from './plan.ts';
import { codeOf, openHouse, type TestDisk } from './support.ts';

const open = (files: MemoryFiles, folder: string, compactOver = 1e9): Promise<Disk> =>
  openDisk({
    ...{ folder, site: 'dr', clock: manualClock(), files, compactOver, say: () => {} },
    random: seededRandom(folder),
  });
const voidOf = (key: string): Entry => ({ type: 'void', at: 1, key });
const ship = (files: MemoryFiles) => shipDisk({ files, from: '/a', to: '/b' });

test('only what is new is written, across lines, compaction, and a copy cut at any byte', async () => {
  const files = memoryFiles();
  const disk = await open(files, '/a');
  await disk.append(voidOf('k1'));
  const first = await ship(files);
  expect(first).toBe((await files.read('/a/log.jsonl')).length);
  expect(await ship(files)).toBe(0);
  await disk.append(voidOf('k2'));
  expect(await ship(files)).toBeLessThan(first);
  expect(await files.read('/b/log.jsonl')).toEqual(await files.read('/a/log.jsonl'));

  const whole = await files.read('/a/log.jsonl');
  for (let cut = 0; cut < whole.length; cut += 7) {
    files.damage('/b/log.jsonl', () => whole.subarray(0, cut));
    await ship(files);
    expect((await files.read('/b/log.jsonl')).equals(whole)).toBe(true);
  }

  const plan = drillPlan();
  await disk.append({ type: 'plan', at: 1, planHash: 'h', plan, runbook: 'x', config: {} });
  const end = JSON.stringify({ run: plan.run, seq: 1, prev: '', type: 'run.ended', evidence: [] });
  await disk.append({ type: 'lines', at: 2, run: plan.run, from: 1, lines: [end] });
  await disk.close();
  const short = await open(files, '/a', 1);
  await ship(files);
  const copy = await open(files, '/b');
  expect([copy.incarnation, copy.count()]).toEqual([short.incarnation, short.count()]);
  expect(await files.read('/b/log.1.jsonl')).toEqual(await files.read('/a/log.1.jsonl'));
});

test('a copy that took over is never written over by the gateway that was left', async () => {
  const files = memoryFiles();
  const disk = await open(files, '/a');
  await disk.append(voidOf('k1'));
  await ship(files);
  const taken = await open(files, '/b');
  const seen = { incarnation: taken.incarnation, counter: 9 };
  await taken.append({ type: 'amnesia', at: 2, seen, by: 'standby' });
  const there = await files.read('/b/log.jsonl');
  await disk.append(voidOf('k2'));
  expect(await codeOf(ship(files))).toBe('GW-STANDBY');
  expect((await files.read('/b/log.jsonl')).equals(there)).toBe(true);
});

test('an archive that was begun and written anew is shipped anew', async () => {
  const files = memoryFiles();
  await (await open(files, '/a')).append(voidOf('k1'));
  const archive = await files.open('/a/log.1.jsonl');
  for (const text of ['half', ' and the rest']) {
    await archive.append(text);
    await ship(files);
  }
  expect((await files.read('/b/log.1.jsonl')).toString()).toBe('half and the rest');
});

/** A house on a disk in these files. */
async function houseOn(files: MemoryFiles, folder: string) {
  const real = await open(files, folder);
  const disk: TestDisk = { lines: [], died: new Promise(() => undefined), open: () => real };
  return openHouse({ disk });
}

test('taken over: nothing is sent twice, and what was sent after the copy is not called void', async () => {
  const files = memoryFiles();
  const house = await houseOn(files, '/a');
  await house.approve();
  await house.done('split.group');
  await ship(files);
  await house.done('boot.release');
  const sent = house.site.accepted.length;

  const copy = await open(files, '/b');
  const seen = { incarnation: copy.incarnation, counter: copy.count() + 1 };
  await copy.append({ type: 'amnesia', at: house.clock.now(), seen, by: 'standby' });
  const standby = await houseOn(files, '/b');
  expect(standby.site.accepted).toEqual([]);
  expect((await standby.gateway.ask(standby.keyOf('split.group'))).state).toBe('answered');
  expect(await codeOf(standby.put('boot.release'))).toBe('GW-AMNESIA');
  const { planHash } = standby;
  const key = standby.keyOf('boot.release');
  expect(await codeOf(standby.gateway.ask(key, { planHash }))).toBe('GW-AMNESIA');
  const { incarnation: ends } = copy;
  const order = { at: standby.clock.now(), ends, begins: 'i-2', order: 'o', people: ['a', 'b'] };
  await copy.append({ type: 'armed', has: copy.count(), ...order });
  const armed = await houseOn(files, '/b');
  expect((await armed.gateway.ask(key, { planHash })).state).toBe('lost');
  expect(await codeOf(armed.put('boot.release'))).toBe('GW-KEY-VOID');
  expect([armed.site.accepted, house.site.accepted.length]).toEqual([[], sent]);
});
