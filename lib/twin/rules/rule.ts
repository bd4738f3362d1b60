/** What a rule says of a topology: where a mistake stands, and what was probably meant. */
import { nearest } from '../../errors.ts';
import type { Fault } from '../../yaml.ts';
import type { Topology, TopologyArray } from '../topology.ts';

export interface Finding extends Fault {
  /** From the topology on. */
  readonly path: readonly PropertyKey[];
}

export type Rule = (topology: Topology) => Finding[];

type Path = readonly PropertyKey[];

/** Nothing of this name is there. */
export function stranger(path: Path, kind: string, [named, known]: Choice): Finding[] {
  if (known.includes(named)) return [];
  const what = `there is no ${kind} ${JSON.stringify(named)}`;
  return [{ path, rule: 'unknown', what, instead: nearest(named, known) }];
}
type Choice = readonly [named: string, known: readonly string[]];

/** Each value once; the later place is named. */
export function doubles(what: string, named: readonly (readonly [Path, unknown])[]): Finding[] {
  const seen = new Set<unknown>();
  return named.flatMap(([path, value]) => {
    if (seen.has(value)) {
      return [{ path, rule: 'unique', what: `${what} ${String(value)} stands already` }];
    }
    seen.add(value);
    return [];
  });
}

export const wrong = (path: Path, rule: string, what: string): Finding[] => [{ path, rule, what }];

/** Sizes in GiB of all LDEVs of an array, by number. */
export type Sizes = ReadonlyMap<number, number>;

export function sizesOf({ ldevs, ranges }: TopologyArray): Sizes {
  const sizes = new Map<number, number>();
  for (const { firstLdevId, count, sizeGiB } of ranges) {
    for (let i = 0; i < count; i++) sizes.set(firstLdevId + i, sizeGiB);
  }
  for (const { ldevId, sizeGiB } of ldevs) sizes.set(ldevId, sizeGiB);
  return sizes;
}

/** The LDEV is not there; the nearest number is named. */
export function notDefined(path: Path, ldevId: number, [array, sizes]: At): Finding[] {
  if (sizes.has(ldevId)) return [];
  const [first, ...rest] = [...sizes.keys()];
  const near = rest.reduce(
    (best, one) => (Math.abs(one - ldevId) < Math.abs(best - ldevId) ? one : best),
    first ?? ldevId,
  );
  const what = `LDEV ${ldevId} is not defined on array ${array}`;
  return [{ path, rule: 'ldev', what, ...(first === undefined ? {} : { instead: String(near) }) }];
}
type At = readonly [array: string, sizes: Sizes];
