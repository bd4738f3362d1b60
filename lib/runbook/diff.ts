/**
 * What changed between two readings of the facts, in lines a person reads. Bound facts that differ
 * void an approval; a class of a state table that got worse does too, one that got better does not.
 */
import { canonical } from '../canonical.ts';
import { cloneClasses, replicationClasses } from '../vsp/pairs.ts';
import { type Bound, type BoundPair, boundOf } from './bound.ts';
import type { Facts } from './plan.ts';

export interface FactsDiff {
  readonly verdict: 'same' | 'better' | 'worse';
  /** Empty only when nothing changed. */
  readonly lines: readonly string[];
}

/** Best first, by name of the classed fact. */
const classOrder: Readonly<Record<string, readonly string[]>> = {
  replication: replicationClasses,
  clone: cloneClasses,
};

export function diffFacts(before: Facts, after: Facts): FactsDiff {
  const classed = Object.keys({ ...before.classed, ...after.classed }).map((name) =>
    classDiff(name, before.classed[name], after.classed[name]),
  );
  const bound = boundLines(before, after);
  const lines = [...bound, ...classed.flatMap((one) => one.lines)];
  const worse = bound.length > 0 || classed.some((one) => one.verdict === 'worse');
  if (worse) return { verdict: 'worse', lines };
  return { verdict: lines.length > 0 ? 'better' : 'same', lines };
}

function classDiff(name: string, before: unknown, after: unknown): FactsDiff {
  if (canonical(before ?? null) === canonical(after ?? null)) return { verdict: 'same', lines: [] };
  const order = classOrder[name] ?? [];
  const [was, is] = [order.indexOf(String(before)), order.indexOf(String(after))];
  const better = was >= 0 && is >= 0 && is < was;
  const line = `${name} was ${String(before)} and is ${String(after)}`;
  return { verdict: better ? 'better' : 'worse', lines: [line] };
}

function boundLines(before: Facts, after: Facts): string[] {
  if (canonical(before.bound) === canonical(after.bound)) return [];
  const [was, is] = [boundOf(before), boundOf(after)];
  const told = [
    ...pairLines('remote', was.replication?.pairs, is.replication?.pairs),
    ...pairLines('drill copy', was.clone?.pairs, is.clone?.pairs),
    ...volumeLines(was, is),
  ];
  return [...told, ...restLines(withoutLists(was), withoutLists(is))];
}

/** Pairs and volumes have lines of their own. */
function withoutLists(bound: Bound): unknown {
  const { volumes: _, replication, clone, ...rest } = bound;
  return {
    ...rest,
    ...(replication === undefined ? {} : { replication: { ...replication, pairs: undefined } }),
    ...(clone === undefined ? {} : { clone: { ...clone, pairs: undefined } }),
  };
}

function pairLines(
  kind: string,
  before: readonly BoundPair[] = [],
  after: readonly BoundPair[] = [],
): string[] {
  const was = new Map(before.map((pair) => [pair.name, pair]));
  const is = new Map(after.map((pair) => [pair.name, pair]));
  const text = (pair: BoundPair) => `LDEV ${pair.pvol} to ${pair.svol}`;
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name) => {
    const [old, now] = [was.get(name), is.get(name)];
    if (old === undefined && now !== undefined) {
      return [`${kind} pair ${name} was added (${text(now)})`];
    }
    if (now === undefined && old !== undefined) {
      return [`${kind} pair ${name} was removed (${text(old)})`];
    }
    if (old === undefined || now === undefined || text(old) === text(now)) return [];
    return [`${kind} pair ${name} was ${text(old)} and is ${text(now)}`];
  });
}

function volumeLines(before: Bound, after: Bound): string[] {
  const was = new Map((before.volumes ?? []).map((volume) => [volume.main, volume]));
  const is = new Map((after.volumes ?? []).map((volume) => [volume.main, volume]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id) => {
    const [old, now] = [was.get(id), is.get(id)];
    if (old === undefined) return [`volume ${id} was added to the map`];
    if (now === undefined) return [`volume ${id} is gone from the map`];
    const moved: [string, string | number, string | number][] = [
      [`P-VOL of volume ${id}`, old.mainLdev, now.mainLdev],
      [`S-VOL of volume ${id}`, old.drLdev, now.drLdev],
      [`copy of volume ${id}`, old.copyLdev, now.copyLdev],
    ];
    const changed: [string, string | number, string | number][] = [
      [`DR volume of ${id}`, old.drVolume, now.drVolume],
      [`drill volume of ${id}`, old.copyVolume, now.copyVolume],
      [`size of volume ${id} in GiB`, old.sizeGiB, now.sizeGiB],
    ];
    return [
      ...moved
        .filter(([, from, to]) => from !== to)
        .map(([what, from, to]) => `${what} moved from LDEV ${from} to ${to}`),
      ...changed
        .filter(([, from, to]) => from !== to)
        .map(([what, from, to]) => `${what} changed from ${from} to ${to}`),
    ];
  });
}

/** Everything else by its path: `replication.primary.journalId changed from 1 to 2`. */
function restLines(before: unknown, after: unknown, path = ''): string[] {
  const same = canonical(before ?? null) === canonical(after ?? null);
  if (same) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) =>
      restLines(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return [`${path} changed from ${shown(before)} to ${shown(after)}`];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : canonical(value);
