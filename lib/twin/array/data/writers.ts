/**
 * The hosts that write, as pure functions of time: which record was written when, and to which
 * volume. Nothing is stored per record, so a jump of hours costs no more than a second. A writer
 * runs, stops for reasons, and runs again when none of them is left.
 */
import type { TopologyWriter } from '../../topology.ts';
import type { History } from './history.ts';
import { firstInstant, mix, seedOf } from './instants.ts';

/** A time in which a writer ran (ms). */
export interface Run {
  readonly since: number;
  /** null = it still runs. */
  readonly until: number | null;
}

interface WriterState {
  runs: Run[];
  /** Why it does not run now, e.g. `quiet 1000`: no guest of this volume runs. */
  reasons: string[];
}

export type WritersState = Readonly<Record<string, WriterState>>;

/** A volume in a writer's eyes; the numbers of its records name volumes by `place`. */
export interface Written {
  readonly writer: string;
  readonly place: number;
}

/**
 * All writers of a topology, running since `startedAt` (ms, the instant of record 0). The last
 * record of each second is the heartbeat: it goes to every volume of the writer.
 */
export class Writers {
  readonly startedAt: number;
  readonly #specs: ReadonlyMap<string, TopologyWriter & { readonly seed: number }>;
  readonly #places: ReadonlyMap<string, readonly Written[]>;
  #states: Record<string, WriterState>;
  /** Counts how often one stopped or went on: what was computed before then may be wrong. */
  turns = 0;

  constructor(specs: readonly TopologyWriter[], startedAt: number) {
    this.startedAt = startedAt;
    this.#specs = new Map(specs.map((spec) => [spec.name, { ...spec, seed: seedOf(spec.name) }]));
    this.#places = placesOf(specs);
    this.#states = Object.fromEntries(
      specs.map((spec) => [spec.name, firstState(spec, startedAt)]),
    );
  }

  /** Number of the last record written at or before an instant; 0 = none, or no such writer. */
  recordAt(name: string, at: number): number {
    const perSecond = this.#specs.get(name)?.recordsPerSecond ?? 0;
    return Math.floor((ranUntil(this.#states[name], at) * perSecond) / 1000);
  }

  /** Number of the last heartbeat among the records up to `record`. */
  heartbeatAt(name: string, record: number): number {
    return Math.floor(record / this.perSecond(name));
  }

  /** The last record on one of its volumes when all records up to `upTo` have been applied. */
  lastRecordOn(name: string, place: number, upTo: number): number {
    const spec = this.#specs.get(name);
    if (spec === undefined) return 0;
    for (let record = upTo; record > 0; record--) {
      if (record % spec.recordsPerSecond === 0) return record;
      if (mix(spec.seed, record) % spec.ldevs.length === place) return record;
    }
    return 0;
  }

  /** The first instant after `after` and not after `until` with a record, if there is one. */
  nextWrite(name: string, after: number, until: number): number | undefined {
    const last = this.recordAt(name, after);
    if (this.recordAt(name, until) <= last) return undefined;
    return firstInstant((at) => this.recordAt(name, at) > last, after, until);
  }

  perSecond(name: string): number {
    return this.#specs.get(name)?.recordsPerSecond ?? 1;
  }

  /** When a record was written (ms); undefined = it was not. */
  instantOf(name: string, record: number): number | undefined {
    let left = Math.ceil((record * 1000) / this.perSecond(name));
    for (const { since, until } of this.runsOf(name)) {
      const length = (until ?? Number.POSITIVE_INFINITY) - since;
      if (left <= length) return since + left;
      left -= length;
    }
    return undefined;
  }

  runsOf(name: string): readonly Run[] {
    return this.#states[name]?.runs ?? [];
  }

  /** Bytes per millisecond while it runs. */
  pace(name: string): number {
    return ((this.#specs.get(name)?.recordsPerSecond ?? 0) * this.recordBytes(name)) / 1000;
  }

  recordBytes(name: string): number {
    return (this.#specs.get(name)?.recordKiB ?? 0) * 1024;
  }

  /** The LDEVs it writes to, all on one array. */
  placeOf(name: string): Pick<TopologyWriter, 'array' | 'ldevs'> {
    return this.#specs.get(name) ?? { array: '', ldevs: [] };
  }

  /** Which writers write to an LDEV of an array, and as which of their volumes. */
  on(array: string, ldevId: number): readonly Written[] {
    return this.#places.get(`${array}:${ldevId}`) ?? [];
  }

  /** What the LDEVs of an array hold when the twin is made: their writers wrote from the start. */
  historiesOf(array: string): Map<number, History> {
    const own = [...this.#specs.values()].filter((spec) => spec.array === array);
    const ldevs = own.flatMap((spec) => spec.ldevs);
    return new Map(ldevs.map((ldevId) => [ldevId, this.opens(array, ldevId, this.startedAt)]));
  }

  /** The stretches that begin when an LDEV becomes writable for its writers. */
  opens(array: string, ldevId: number, since: number): History {
    const written = this.on(array, ldevId);
    return written.map(({ writer, place }) => ({ writer, place, since, until: null }));
  }

  runs(name: string): boolean {
    return this.#states[name]?.reasons.length === 0;
  }

  /** Stops a writer for a reason; several reasons add up. */
  stop(name: string, reason: string, at: number): void {
    const state = this.#states[name];
    if (state === undefined || state.reasons.includes(reason)) return;
    this.turns += 1;
    if (state.reasons.length === 0) state.runs = state.runs.map((run) => closed(run, at));
    state.reasons = [...state.reasons, reason];
  }

  /** Takes a reason away; the writer goes on when it was the last one. */
  go(name: string, reason: string, at: number): void {
    const state = this.#states[name];
    if (state === undefined || !state.reasons.includes(reason)) return;
    this.turns += 1;
    state.reasons = state.reasons.filter((one) => one !== reason);
    if (state.reasons.length === 0) state.runs = [...state.runs, { since: at, until: null }];
  }

  /** Stops it for a reason that stands, or takes the reason away. */
  turn(name: string, why: { readonly reason: string; readonly stands: boolean }, at: number): void {
    if (why.stands) this.stop(name, why.reason, at);
    else this.go(name, why.reason, at);
  }

  snapshot(): WritersState {
    return structuredClone(this.#states);
  }

  restore(saved: WritersState): void {
    this.#states = structuredClone(saved);
  }
}

/** Why the writers of a volume stand still while no guest that uses it runs. */
export const quietOn = (ldevId: number): string => `quiet ${ldevId}`;

/** One that stands for guests waits for those of each volume. */
function firstState({ ldevs, guestsOnly }: TopologyWriter, startedAt: number): WriterState {
  if (guestsOnly) return { runs: [], reasons: ldevs.map(quietOn) };
  return { runs: [{ since: startedAt, until: null }], reasons: [] };
}

export const createWriters = (specs: readonly TopologyWriter[], startedAt: number): Writers =>
  new Writers(specs, startedAt);

/** Milliseconds for which a writer had run at an instant. */
function ranUntil(state: WriterState | undefined, at: number): number {
  let sum = 0;
  for (const { since, until } of state?.runs ?? []) {
    if (at > since) sum += Math.min(at, until ?? at) - since;
  }
  return sum;
}

const closed = (run: Run, at: number): Run =>
  run.until === null ? { ...run, until: Math.max(run.since, at) } : run;

function placesOf(specs: readonly TopologyWriter[]): ReadonlyMap<string, readonly Written[]> {
  const places = new Map<string, Written[]>();
  for (const { name, array, ldevs } of specs) {
    for (const [place, ldevId] of ldevs.entries()) {
      const key = `${array}:${ldevId}`;
      places.set(key, [...(places.get(key) ?? []), { writer: name, place }]);
    }
  }
  return places;
}
