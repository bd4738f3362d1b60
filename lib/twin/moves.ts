/**
 * Where a replicated service is, and what became of the records that were acknowledged to it: read
 * off the histories of its volumes on both sides, so that tests can prove that a move lost nothing,
 * or how much exactly.
 */

import {
  acknowledged,
  countOf,
  keptBy,
  lastBeat,
  type Span,
  union,
  without,
} from './array/data/spans.ts';
import type { Run } from './array/data/writers.ts';
import { historyOf } from './array/parts.ts';
import type { RemoteGroup } from './array/remote/group.ts';
import type { Insides } from './insides.ts';
import type { Unit } from './units.ts';

/** All instants in ms; arrays by id. */
export interface Moves {
  /** Array of the P-VOLs; null = there are no pairs. */
  readonly primary: string | null;
  /** The side hosts shall write to: the P-VOLs, or S-VOLs that all were taken over; null = neither. */
  readonly active: string | null;
  /** Where hosts of the service write at this moment. */
  readonly writing: readonly string[];
  readonly writers: readonly WriterReport[];
  readonly lost: Losses;
  /** Every time S-VOLs were taken over, oldest first. */
  readonly openings: readonly OpeningReport[];
  /** Every time a copy destroyed records or single writes that its source did not have. */
  readonly overwrites: readonly OverwriteReport[];
  /** Those of them in which something was destroyed that no takeover had given up before. */
  readonly wrongDirection: readonly OverwriteReport[];
  /** Times in which both sides accepted writes; `until` null = they still do. */
  readonly twoSided: readonly Run[];
}

interface WriterReport {
  readonly writer: string;
  readonly array: string;
  readonly acknowledged: number;
  readonly lastAt: number | null;
  readonly lastBeatAt: number | null;
  /** How many of its records are on all volumes of each side. */
  readonly on: Readonly<Record<string, number>>;
}

/** Acknowledged records that are missing on a side that counts. */
interface Losses {
  /** On the active side; null when there is none. */
  readonly onActive: number | null;
  /** On every side whose array is alive. */
  readonly everywhere: number;
}

interface OpeningReport {
  readonly at: number;
  readonly array: string;
  readonly lostRecords: number;
  /** From the last heartbeat that is there to the last one that was acknowledged; null = no beat. */
  readonly lostMs: number | null;
}

interface OverwriteReport {
  readonly at: number;
  /** Whose volumes were copied over. */
  readonly array: string;
  readonly records: number;
  /** Those of them that no takeover had given up. */
  readonly unannounced: number;
  readonly hostWrites: number;
}

/** The service with what the oracle compares; all of it at `now` (ms). */
interface Scene {
  readonly inside: Insides;
  readonly unit: Unit;
  readonly group: RemoteGroup | undefined;
  readonly names: readonly string[];
  /** What each side has on all its volumes. */
  readonly held: Readonly<Record<string, readonly Span[]>>;
  readonly now: number;
}

/** Expects settled state. */
export function movesOf(inside: Insides, unit: Unit, now: number): Moves {
  const scene = sceneOf(inside, unit, now);
  const overwrites = overwritesOf(scene);
  return {
    primary: scene.group === undefined ? null : scene.group.direction.from,
    active: activeSide(scene.group),
    writing: sidesOf(unit).filter((array) =>
      writersAt(inside, unit, array).some((name) => inside.writers.runs(name)),
    ),
    writers: writerReports(scene),
    lost: lossesOf(scene),
    openings: openingsOf(scene),
    overwrites,
    wrongDirection: overwrites.filter(
      ({ unannounced, hostWrites }) => unannounced + hostWrites > 0,
    ),
    twoSided: twoSided(scene),
  };
}

/** Records that the P-VOLs have and the S-VOLs lack. */
export function recordsBehind(inside: Insides, unit: Unit, now: number): number {
  const { held, group } = sceneOf(inside, unit, now);
  const from = group?.direction.from === unit.to ? unit.to : unit.from;
  const to = from === unit.to ? unit.from : unit.to;
  return countOf(without(held[from] ?? [], held[to] ?? []));
}

const sidesOf = ({ from, to }: Unit): readonly string[] => [from, to];

const volumesOf = ({ from, pairs }: Unit, array: string): readonly number[] =>
  pairs.map(({ pvol, svol }) => (array === from ? pvol : svol));

function writersAt({ writers }: Insides, unit: Unit, array: string): readonly string[] {
  const written = volumesOf(unit, array).flatMap((ldevId) => writers.on(array, ldevId));
  return [...new Set(written.map(({ writer }) => writer))];
}

function sceneOf(inside: Insides, unit: Unit, now: number): Scene {
  const { writers, arrays, fabric } = inside;
  const held = sidesOf(unit).map((array) => {
    const parts = arrays.get(array)?.parts;
    const volumes = volumesOf(unit, array);
    const histories = parts ? volumes.map((ldevId) => historyOf(parts, ldevId, now)) : [];
    return [array, keptBy(histories, { writers, now })] as const;
  });
  const names = sidesOf(unit).flatMap((array) => writersAt(inside, unit, array));
  const group = fabric.group(unit.group);
  return { inside, unit, group, names, held: Object.fromEntries(held), now };
}

function activeSide(group: RemoteGroup | undefined): string | null {
  const pairs = group?.pairs ?? [];
  const taken = pairs.filter(({ s }) => s === 'SSWS').length;
  const [first] = pairs;
  if (first === undefined || (taken > 0 && taken < pairs.length)) return null;
  return taken === 0 ? first.from : first.to;
}

function writerReports({ inside, unit, held, now }: Scene): WriterReport[] {
  const { writers } = inside;
  return sidesOf(unit).flatMap((array) =>
    writersAt(inside, unit, array).map((writer): WriterReport => {
      const written = acknowledged([writer], { writers, now });
      const last = written.at(-1)?.upTo;
      const missing = Object.entries(held).map(
        ([side, spans]) => [side, countOf(written) - countOf(without(written, spans))] as const,
      );
      return {
        writer,
        array,
        acknowledged: last ?? 0,
        lastAt: last === undefined ? null : (writers.instantOf(writer, last) ?? null),
        lastBeatAt: lastBeat(written, writers),
        on: Object.fromEntries(missing),
      };
    }),
  );
}

function lossesOf({ inside, unit, group, names, held, now }: Scene): Losses {
  const all = acknowledged(names, { writers: inside.writers, now });
  const active = activeSide(group);
  const alive = sidesOf(unit).filter((array) => inside.fabric.links.alive(array));
  const anywhere = union(alive.flatMap((array) => held[array] ?? []));
  return {
    onActive: active === null ? null : countOf(without(all, held[active] ?? [])),
    everywhere: countOf(without(all, anywhere)),
  };
}

/** What takeovers up to an instant had given up. */
function givenUpBy({ inside, unit }: Scene, at: number): Span[] {
  const { openings } = inside.fabric.chronicle;
  const before = openings.filter((one) => one.group === unit.group && one.at <= at);
  return union(before.flatMap(({ lost }) => lost));
}

function openingsOf(scene: Scene): OpeningReport[] {
  const { inside, unit, names } = scene;
  const { writers, fabric } = inside;
  return fabric.chronicle.openings
    .filter(({ group }) => group === unit.group)
    .map(({ at, array, lost }) => {
      const before = givenUpBy(scene, at - 1);
      const written = without(acknowledged(names, { writers, now: at }), before);
      const acknowledgedAt = lastBeat(written, writers);
      const heldAt = lastBeat(without(written, lost), writers);
      return {
        at,
        array,
        lostRecords: countOf(without(lost, before)),
        lostMs: acknowledgedAt === null || heldAt === null ? null : acknowledgedAt - heldAt,
      };
    });
}

function overwritesOf(scene: Scene): OverwriteReport[] {
  return scene.inside.fabric.chronicle.overwrites
    .filter(({ group }) => group === scene.unit.group)
    .map(({ at, array, gone, hostWrites }) => ({
      at,
      array,
      records: countOf(gone),
      unannounced: countOf(without(gone, givenUpBy(scene, at))),
      hostWrites,
    }));
}

/** Hosts of an active-active service may write on both sides: there it is one and the same data. */
function twoSided({ inside, unit, group }: Scene): Run[] {
  if (group?.state.type === 'GAD') return [];
  const [here = [], there = []] = sidesOf(unit).map((array) =>
    writersAt(inside, unit, array).flatMap((name) => inside.writers.runsOf(name)),
  );
  return here.flatMap((one) => there.flatMap((other) => together(one, other)));
}

function together(one: Run, other: Run): Run[] {
  const since = Math.max(one.since, other.since);
  const ends = [one.until, other.until].filter((until) => until !== null);
  const until = ends.length === 0 ? null : Math.min(...ends);
  return until !== null && until <= since ? [] : [{ since, until }];
}
