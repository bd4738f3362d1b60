/** Replicated services as a topology shows them: what faults strike and the oracle looks at. */
import { pairsOf, type Topology, type TopologyPair } from './topology.ts';

export interface Unit {
  /** Name of the hosts that write to it; where several groups share them, the group's own name. */
  readonly id: string;
  readonly group: string;
  /** Array ids. */
  readonly from: string;
  readonly to: string;
  /** The first writer of its P-VOLs. */
  readonly writer: string | undefined;
  /** Of the local copies of its S-VOLs. */
  readonly cloneGroup: string | undefined;
  readonly pairs: readonly TopologyPair[];
  /** S-VOL to its copy. */
  readonly copies: ReadonlyMap<number, number>;
}

/** One for each copy group that replicates; a delta mirror waits and is none. */
export function unitsOf({ groups, clones, writers }: Topology): Unit[] {
  const taken = new Set<string>();
  const writerOf = earliestBy(writers, ({ array, ldevs }) =>
    ldevs.map((ldevId) => [array, ldevId]),
  );
  const cloneOf = earliestBy(clones, ({ array, pairs }) => pairs.map(({ pvol }) => [array, pvol]));
  return groups
    .filter(({ delta }) => !delta)
    .map((group): Unit => {
      const pairs = pairsOf(group);
      const writer = writerOf(pairs.map(({ pvol }) => [group.from, pvol]))?.name;
      const clone = cloneOf(pairs.map(({ svol }) => [group.to, svol]));
      const id = writer === undefined || taken.has(writer) ? group.name : writer;
      taken.add(id);
      return {
        id,
        group: group.name,
        from: group.from,
        to: group.to,
        writer,
        cloneGroup: clone?.name,
        pairs,
        copies: new Map(clone?.pairs.map(({ pvol, svol }) => [pvol, svol])),
      };
    });
}

type At = readonly [array: string, ldevId: number];

/** The earliest of `things` that has one of some volumes; walks through all of them only once. */
function earliestBy<T>(things: readonly T[], volumes: (thing: T) => readonly At[]) {
  const index = new Map<string, number>();
  for (const [i, thing] of things.entries()) {
    for (const at of volumes(thing)) if (!index.has(at.join())) index.set(at.join(), i);
  }
  return (wanted: readonly At[]): T | undefined => {
    const found = wanted.flatMap((at) => index.get(at.join()) ?? []);
    return things[Math.min(...found)];
  };
}

/** By service, copy group or group of drill copies; the first when nothing is named. */
export function findUnit(units: readonly Unit[], name: string | undefined): Unit | undefined {
  if (name === undefined) return units[0];
  return (
    units.find(({ id }) => id === name) ??
    units.find(({ group, cloneGroup }) => group === name || cloneGroup === name)
  );
}
