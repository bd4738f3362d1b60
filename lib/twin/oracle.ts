/**
 * What nobody in a real data centre can see: which record every LDEV holds. Tests prove with it
 * that nothing was lost and that drill copies are of one instant.
 */
import type { Clock } from '../clock.ts';
import type { TwinArray } from './array/array.ts';
import { depthOf } from './array/data/contents.ts';
import { isWhole } from './array/data/history.ts';
import { clonesOf } from './array/local/clones.ts';
import { historyOf } from './array/parts.ts';
import { readJournal } from './array/remote/journal.ts';
import type { Side } from './array/remote/state.ts';
import { shown } from './array/remote/views.ts';
import { TwinError } from './errors.ts';
import { unitNamed } from './faults/targets.ts';
import type { Insides } from './insides.ts';
import { type Moves, movesOf, recordsBehind } from './moves.ts';
import type { Contents } from './seams.ts';
import type { Unit } from './units.ts';

/** Replication of one service at the instant when it changed. */
export interface Sample {
  readonly at: number;
  readonly service: string;
  /** State of all pairs; the distinct ones when they differ, e.g. `COPY, PAIR`. */
  readonly pvolStatus: string;
  readonly svolStatus: string;
  /** Empty without a journal. */
  readonly masterJournal: string;
  readonly restoreJournal: string;
  /** How many copies are in which state, e.g. `PAIR 12`. */
  readonly copies: string;
}

/**
 * Notes each service whose state is not what it was; whether there was one. Expects settled state;
 * `latest` holds the last sample of each service.
 */
export function takeSamples(inside: Insides, now: number): boolean {
  let fresh = false;
  // Hundreds of groups stand still while one is worked on: those are not looked at again.
  const stirred = inside.fabric.takeStirred();
  for (const unit of inside.units) {
    const last = inside.latest.get(unit.id);
    const copies = copiesShown(inside.arrays.get(unit.to), unit, now);
    if (last?.copies === copies && !stirred.has(unit.group)) continue;
    const sample = sampleOf(inside, unit, { now, copies });
    if (sample === undefined || alike(last, sample)) continue;
    inside.latest.set(unit.id, sample);
    inside.samples.push(sample);
    fresh = true;
  }
  return fresh;
}

const compared = [
  'pvolStatus',
  'svolStatus',
  'masterJournal',
  'restoreJournal',
  'copies',
] as const satisfies readonly (keyof Sample)[];

const alike = (one: Sample | undefined, other: Sample): boolean =>
  one !== undefined && compared.every((key) => one[key] === other[key]);

function sampleOf(
  { fabric }: Insides,
  unit: Unit,
  { now, copies }: { readonly now: number; readonly copies: string },
): Sample | undefined {
  const group = fabric.group(unit.group);
  if (group === undefined) return undefined;
  const high = group.high(now);
  const states = (side: Side) =>
    [...new Set(group.pairs.map((pair) => shown(pair, side, high)))].sort().join(', ');
  const journal = (side: Side) =>
    group.state.type === 'UR' ? readJournal(group, side, now).journalStatus : '';
  return {
    at: now,
    service: unit.id,
    pvolStatus: states('p'),
    svolStatus: states('s'),
    masterJournal: journal('p'),
    restoreJournal: journal('s'),
    copies,
  };
}

function copiesShown(array: TwinArray | undefined, unit: Unit, now: number): string {
  if (array === undefined || unit.cloneGroup === undefined) return '';
  const counts = new Map<string, number>();
  for (const { pvolStatus } of clonesOf(array.parts).pairs(unit.cloneGroup, now)) {
    counts.set(pvolStatus, (counts.get(pvolStatus) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${state} ${count}`).join(', ');
}

/** `look` settles everything first. Every method throws TW-NAME-UNKNOWN for what is not there. */
export function oracleOf(inside: Insides, clock: Clock, look: () => void) {
  const { arrays, units } = inside;
  const unit = (name: string) => unitNamed({ units }, name);
  return {
    unit,
    contents(id: string, ldevId: number): Contents {
      const array = arrays.get(id);
      if (array === undefined) throw new TwinError('TW-NAME-UNKNOWN', `There is no array ${id}.`);
      return array.port.contents(ldevId);
    },
    /** The service by its id, its copy group or the group of its drill copies. */
    copiesEqualOneInstant(name: string): number | false {
      look();
      return copiesEqualOneInstant(inside, unit(name), clock.now());
    },
    /** Records that S-VOLs lack at this moment; what waits in the journal at DR is not in them yet. */
    recordsBehind(name: string): number {
      look();
      return recordsBehind(inside, unit(name), clock.now());
    },
    /** Where the service is, and what became of its records. */
    moves(name: string): Moves {
      look();
      return movesOf(inside, unit(name), clock.now());
    },
    /** When a record of a writer was acknowledged (ms); undefined = it was not written. */
    writtenAt: (writer: string, record: number) => inside.writers.instantOf(writer, record),
    /** How often copies were resynchronised under a path that did not belong there. */
    resyncUnderPath: (): number =>
      [...arrays.values()].reduce((sum, { parts }) => sum + clonesOf(parts).resyncUnderPath, 0),
  };
}

/**
 * The record number S such that each copy of the group holds exactly what was written to its volume
 * up to S, judged by the contents alone; false when there is no such S.
 */
function copiesEqualOneInstant(inside: Insides, unit: Unit, now: number): number | false {
  const { arrays, writers } = inside;
  const dr = arrays.get(unit.to);
  const { writer, cloneGroup } = unit;
  if (dr === undefined || writer === undefined || cloneGroup === undefined) return false;
  const pvolOf = new Map(unit.pairs.map(({ pvol, svol }) => [svol, pvol]));
  const copies = clonesOf(dr.parts)
    .pairs(cloneGroup, now)
    .flatMap(({ pvolLdevId, svolLdevId }) => {
      const written = writers.on(unit.from, pvolOf.get(pvolLdevId) ?? -1);
      const place = written.find((one) => one.writer === writer)?.place;
      if (place === undefined) return [];
      const history = historyOf(dr.parts, svolLdevId, now);
      return [{ place, history, ...depthOf(history, { writers, now }) }];
    });
  const deepest = copies.toSorted((a, b) => b.record - a.record)[0];
  if (deepest === undefined) return false;
  const most = deepest.record;
  return copies.every(({ place, history, record }) => {
    const same = depthOf(deepest.history, { writers, now }, { place, most });
    return isWhole(history) && record === same.record;
  })
    ? most
    : false;
}
