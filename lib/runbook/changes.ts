/** The bound facts compared: one change per thing that people have a name for. */
import { canonical } from '../canonical.ts';
import { type Bound, type BoundPair, boundOf } from './bound.ts';
import type { Facts } from './plan.ts';

export interface Change {
  /** Under which heading a person looks for it. */
  readonly group: string;
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

const NOTHING = 'nothing';

/** By the first part of the path in the facts. */
const groups: Readonly<Record<string, string>> = {
  replication: 'remote copy',
  clone: 'drill copies',
  volumes: 'volumes',
  network: 'network',
  flavors: 'flavors',
  hashes: 'configuration',
  people: 'approvers',
  sites: 'sites',
  drillable: 'drillable',
  tasks: 'site tasks',
};

export function changesOf(before: Facts, after: Facts): Change[] {
  const [was, is] = [boundOf(before), boundOf(after)];
  return [
    ...pairChanges('remote copy', was.replication?.pairs, is.replication?.pairs),
    ...pairChanges('drill copies', was.clone?.pairs, is.clone?.pairs),
    ...volumeChanges(was, is),
    ...restChanges(withoutLists(was), withoutLists(is), []),
  ];
}

/** Pairs and volumes are compared by name. */
function withoutLists(bound: Bound): unknown {
  const { volumes: _, replication, clone, ...rest } = bound;
  return {
    ...rest,
    ...(replication === undefined ? {} : { replication: { ...replication, pairs: undefined } }),
    ...(clone === undefined ? {} : { clone: { ...clone, pairs: undefined } }),
  };
}

function pairChanges(
  group: string,
  before: readonly BoundPair[] = [],
  after: readonly BoundPair[] = [],
): Change[] {
  const text = (pair: BoundPair | undefined) =>
    pair === undefined ? NOTHING : `LDEV ${pair.pvol} to ${pair.svol}`;
  return joined(before, after, ({ name }) => name).flatMap(([name, old, now]) =>
    text(old) === text(now)
      ? []
      : [{ group, what: `pair ${name}`, from: text(old), to: text(now) }],
  );
}

type BoundVolume = NonNullable<Bound['volumes']>[number];

/** What a person calls the parts of the chain from a main volume to its drill copy. */
const parts: readonly (readonly [keyof BoundVolume, string])[] = [
  ['mainLdev', 'P-VOL LDEV'],
  ['drLdev', 'S-VOL LDEV'],
  ['copyLdev', 'copy LDEV'],
  ['drVolume', 'DR volume'],
  ['copyVolume', 'drill volume'],
  ['sizeGiB', 'size in GiB'],
];

function volumeChanges(before: Bound, after: Bound): Change[] {
  const group = 'volumes';
  const all = joined(before.volumes ?? [], after.volumes ?? [], ({ main }) => main);
  return all.flatMap(([main, old, now]): Change[] => {
    if (old === undefined) return [{ group, what: main, from: NOTHING, to: 'in the map' }];
    if (now === undefined) return [{ group, what: main, from: 'in the map', to: NOTHING }];
    return parts.flatMap(([part, name]) =>
      old[part] === now[part]
        ? []
        : [{ group, what: `${main} ${name}`, from: String(old[part]), to: String(now[part]) }],
    );
  });
}

/** Both lists side by side, by a name that is unique in each. */
function joined<T>(
  before: readonly T[],
  after: readonly T[],
  name: (one: T) => string,
): [string, T | undefined, T | undefined][] {
  const was = new Map(before.map((one) => [name(one), one]));
  const is = new Map(after.map((one) => [name(one), one]));
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  return names.map((one) => [one, was.get(one), is.get(one)]);
}

/** Everything else by its path; lists by what came and what went. */
function restChanges(before: unknown, after: unknown, path: readonly string[]): Change[] {
  if (canonical(before ?? null) === canonical(after ?? null)) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => restChanges(before[key], after[key], [...path, key]));
  }
  const [root = '', ...rest] = path;
  const group = groups[root] ?? root;
  const what = rest.join('.') || root;
  if (!Array.isArray(before) || !Array.isArray(after)) {
    return [{ group, what, from: shown(before), to: shown(after) }];
  }
  const named = joined<unknown>(before, after, nameOf);
  const changed = named.filter(([, old, now]) => shown(old) !== shown(now));
  if (changed.length === 0) return [{ group, what, from: 'one order', to: 'another' }];
  return changed.map(([name, old, now]) => ({
    group,
    what: [...rest, name].join(' '),
    from: shown(old),
    to: shown(now),
  }));
}

const nameOf = (one: unknown): string =>
  isRecord(one) && typeof one['id'] === 'string' ? one['id'] : shown(one);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A hash is told by its beginning. */
function shown(value: unknown): string {
  if (value === undefined) return NOTHING;
  if (typeof value !== 'string') return canonical(value);
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}…` : value;
}
