/** Which acknowledged records volumes hold: runs of record numbers, by who wrote them. */
import { type History, HOST, TORN } from '../../../lib/twin/array/data/history.ts';
import type { Site } from './plans.ts';
import { COPIES, FIRST, SNAPS } from './plans.ts';
import { arrayAt, holds, type Rig, sitesOf } from './rig.ts';

/** Records from (exclusive) … to (inclusive). Single writes of hosts count in milliseconds. */
interface Run {
  readonly from: number;
  readonly to: number;
}
/** By writer; ascending, without overlaps. */
export type Records = ReadonlyMap<string, readonly Run[]>;
/** By `site:ldev`. */
export type Holdings = ReadonlyMap<string, Records>;

export const volume = (site: string, ldevId: unknown): string => `${site}:${ldevId}`;

export function holdingsOf(rig: Rig): Holdings {
  const all = new Map<string, Records>();
  for (const site of sitesOf(rig)) {
    const { ldevs } = arrayAt(rig, site).parts;
    for (const ldevId of volumesAt(site)) {
      if (ldevs.find(ldevId) === undefined) continue;
      all.set(volume(site, ldevId), recordsIn(rig, holds(rig, site, ldevId)));
    }
  }
  return all;
}

function volumesAt(site: Site): number[] {
  const row = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
  return [...row(FIRST[site], 4), ...row(COPIES, 4), ...row(SNAPS, 2)];
}

export function recordsIn({ inside, clock }: Rig, history: History): Records {
  const { writers } = inside;
  const now = clock.now();
  const runs = new Map<string, Run[]>();
  for (const { writer, since, until } of history) {
    if (writer === TORN) continue;
    const number = (at: number) => (writer === HOST ? at : writers.recordAt(writer, at));
    const run = { from: number(since), to: number(Math.min(until ?? now, now)) };
    if (run.to > run.from) runs.set(writer, [...(runs.get(writer) ?? []), run]);
  }
  return new Map([...runs].map(([writer, all]) => [writer, joined(all)]));
}

function joined(runs: readonly Run[]): Run[] {
  const sorted = [...runs].sort((a, b) => a.from - b.from);
  const out: Run[] = [];
  for (const run of sorted) {
    const last = out.at(-1);
    if (last === undefined || run.from > last.to) out.push(run);
    else out[out.length - 1] = { from: last.from, to: Math.max(last.to, run.to) };
  }
  return out;
}

/** Those of `some` that are not among `others`. */
export function without(some: Records, others: Records): Records {
  const left = [...some].map(([writer, runs]): [string, Run[]] => {
    let rest = [...runs];
    for (const { from, to } of others.get(writer) ?? []) {
      rest = rest.flatMap((run) => [
        { from: run.from, to: Math.min(run.to, from) },
        { from: Math.max(run.from, to), to: run.to },
      ]);
      rest = rest.filter((run) => run.to > run.from);
    }
    return [writer, rest];
  });
  return new Map(left.filter(([, runs]) => runs.length > 0));
}

/** The number of the last record of a writer. */
export const lastOf = (records: Records | undefined, writer: string): number =>
  records?.get(writer)?.at(-1)?.to ?? 0;

/** Those up to the last that `like` holds of each writer. */
export function upToLastOf(records: Records, like: Records): Records {
  const beyond = [...records].map(([writer]): [string, Run[]] => [
    writer,
    [{ from: lastOf(like, writer), to: Number.MAX_SAFE_INTEGER }],
  ]);
  return without(records, new Map(beyond));
}

export const shown = (records: Records): string => JSON.stringify([...records]);
