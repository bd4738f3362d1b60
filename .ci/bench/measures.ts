/** What is measured, one after the other, on one twin over real ports. Times in milliseconds. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '../../lib/clock.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseCentres } from '../../lib/twin/centres.ts';
import { serveTwin } from '../../lib/twin/serve.ts';
import { createWorld } from '../../lib/twin/world.ts';
import { centresOf, DR, FIRST_USUAL, nameOf, type Scale } from './centres.ts';
import { twoSessions } from './requests.ts';

export interface Times {
  readonly first: number;
  readonly median: number;
  readonly max: number;
  readonly runs: number;
}

export interface Memory {
  readonly rssMiB: number;
  readonly heapMiB: number;
}

export interface Measured {
  readonly scale: Scale;
  readonly times: Readonly<Record<Measure, Times>>;
  readonly stateMiB: number;
  /** Of the whole process: before the twin was made, and with it, after a collection if it can be. */
  readonly memory: { readonly before: Memory; readonly after: Memory };
}

const SMALL: Scale = { groups: 20, pairs: 1000 };
export const LARGE: Scale = { groups: 200, pairs: 10_000 };

export const measures = {
  'load-1000': 'load 1,000 pairs from text',
  'load-10000': 'load 10,000 pairs from text',
  'read-group-1': 'read a group of 1 pair',
  'read-group-50': 'read a group of 50 pairs',
  'list-groups': 'list 200 groups with 10,000 pairs',
  'list-ldevs-100': 'list 100 LDEVs',
  'list-ldevs-16384': 'list 16,384 LDEVs',
  'label-ldev': 'label an LDEV, saved before the answer',
  'split-group-50': 'split a group of 50 pairs, saved before the answer',
  'jump-read-group-50': 'six hours pass, log in to both, read a group of 50',
  restore: 'go on from the folder',
} as const;
export type Measure = keyof typeof measures;

async function timed(runs: number, run: (i: number) => unknown): Promise<Times> {
  const all: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await run(i);
    all.push(performance.now() - start);
  }
  const sorted = all.toSorted((a, b) => a - b);
  return {
    first: all[0] ?? 0,
    median: sorted[runs >> 1] ?? 0,
    max: sorted[runs - 1] ?? 0,
    runs,
  };
}

function memory(): Memory {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 };
}

const clock = manualClock();

function load(scale: Scale, folder?: string) {
  const centres = parseCentres({ file: 'bench.json', text: centresOf(scale) });
  const random = seededRandom('bench');
  return createWorld(centres, { clock, random, ...(folder === undefined ? {} : { folder }) });
}

/** All loads keep their state on disk, in a folder each, as `npm run twin` does. */
export async function measureAll(): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
  try {
    const before = memory();
    const large = await timed(5, (i) => load(LARGE, join(folder, `large-${i}`)));
    const small = await timed(5, (i) => load(SMALL, join(folder, `small-${i}`)));
    const restore = await timed(5, (i) => load(LARGE, join(folder, `large-${i}`)));
    const world = load(LARGE, join(folder, 'served'));
    const served = await serveTwin(world, {
      ports: { arrays: {}, clouds: {}, probe: 0, control: 0 },
    });
    const requests = await measureRequests(served.urls.arrays);
    const after = memory();
    await served.close();
    return {
      scale: LARGE,
      times: { 'load-1000': small, 'load-10000': large, ...requests, restore },
      stateMiB: statSync(join(folder, 'served', 'twin.json')).size / 2 ** 20,
      memory: { before, after },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Requests = Omit<Record<Measure, Times>, 'load-1000' | 'load-10000' | 'restore'>;

const SPLIT = { parameters: { replicationType: 'UR' } };

async function measureRequests(urls: Readonly<Record<string, string>>): Promise<Requests> {
  const login = () => twoSessions(urls);
  let { main, remote } = await login();
  const group = (i: number) =>
    `remote-mirror-copygroups/${DR},${nameOf(i)},${nameOf(i)}P_,${nameOf(i)}S_`;
  const large = (i: number) => group(FIRST_USUAL + (i % (LARGE.groups - FIRST_USUAL)));
  const all = `remote-mirror-copygroups?remoteStorageDeviceId=${DR}&detailInfoType=pair`;
  return {
    'read-group-1': await timed(200, () => main('GET', group(0), { remote })),
    'read-group-50': await timed(200, (i) => main('GET', large(i), { remote })),
    'list-groups': await timed(5, () => main('GET', all, { remote })),
    'list-ldevs-100': await timed(50, (i) => main('GET', `ldevs?headLdevId=${i * 100}`, {})),
    'list-ldevs-16384': await timed(5, () => main('GET', 'ldevs?count=16384', {})),
    'label-ldev': await timed(20, (i) => main('PATCH', `ldevs/${i}`, { body: { label: `L${i}` } })),
    'split-group-50': await timed(20, (i) =>
      main('POST', `${large(i)}/actions/split/invoke`, { remote, body: SPLIT }),
    ),
    'jump-read-group-50': await timed(20, async (i) => {
      clock.advance(6 * 3_600_000);
      ({ main, remote } = await login());
      await main('GET', large(i), { remote });
    }),
  };
}
