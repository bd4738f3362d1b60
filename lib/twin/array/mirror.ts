/**
 * One Universal Replicator mirror: the journal of main, the journal at DR and the pairs between
 * them. Both arrays of a copy group share this one object. Every value is computed from the clock
 * and a few remembered instants; `settle` only notes the transitions that time has brought.
 */
import { firstInstant, type Load, mix, recordAt } from './load.ts';

export interface MirrorSpec {
  readonly group: string;
  /** Storage device ids of the primary and the secondary array. */
  readonly primary: string;
  readonly secondary: string;
  readonly muNumber: number;
  readonly consistencyGroupId: number;
  readonly masterJournalId: number;
  readonly restoreJournalId: number;
  readonly capacityGiB: number;
  /** How many records fit into one journal. */
  readonly capacityRecords: number;
  /** Milliseconds between two transfers to DR. */
  readonly transferMs: number;
  readonly copyMs: number;
  readonly load: Load;
}

/** `volume` is the place of the P-VOL in the write load. */
export interface MirrorPair {
  readonly name: string;
  readonly pvol: number;
  readonly svol: number;
  readonly volume: number;
}

/** How records move on: as fast as they come, not at all, or catching up after a hold. */
type Flow =
  | { readonly kind: 'live' }
  | { readonly kind: 'held'; readonly at: number }
  | { readonly kind: 'catching'; readonly at: number; readonly from: number };

export type MirrorPhase = 'PAIR' | 'COPY' | 'PSUE' | 'PFUS';

export interface MirrorState {
  phase: MirrorPhase;
  /** Start of the phase, or of the flows below if they changed later (ms). */
  since: number;
  /** What the S-VOLs hold while the phase is not PAIR. */
  record: number;
  incarnation: number;
  transfer: Flow;
  restore: Flow;
  pairs: MirrorPair[];
}

export interface JournalReading {
  readonly status: string;
  readonly qMarker: string;
  readonly qCount: number;
  readonly usageRate: number;
  readonly activePaths: number;
}

export type Mirror = ReturnType<typeof createMirror>;

const OVERFLOW_WATCH_MS = 60_000;
const RESTORE_MS = 150;
const HIGH_WATER_PERCENT = 80;
const CATCH_UP = 8;

export function createMirror(spec: MirrorSpec, pairs: readonly MirrorPair[]) {
  const { load, capacityRecords } = spec;
  const live: Flow = { kind: 'live' };
  let state: MirrorState = {
    phase: 'PAIR',
    since: load.startedAt,
    record: 0,
    incarnation: 1,
    transfer: live,
    restore: live,
    pairs: [...pairs],
  };

  /** Transfers leave in a slightly uneven beat and carry what was written one beat before. */
  function arrivedLive(now: number): number {
    const beat = spec.transferMs;
    const leaves = (k: number) =>
      load.startedAt + k * beat + (mix(load.seed, k) % Math.ceil(beat / 2));
    const k = Math.floor((now - load.startedAt) / beat);
    return recordAt(load, leaves(leaves(k) > now ? k - 1 : k) - beat);
  }

  function along(flow: Flow, limit: number, now: number): number {
    if (flow.kind === 'live') return limit;
    if (flow.kind === 'held') return flow.at;
    const gained = Math.floor((Math.max(0, now - flow.from) * load.perSecond * CATCH_UP) / 1000);
    return Math.min(limit, flow.at + gained);
  }

  const written = (now: number) => recordAt(load, now);

  /** Last record that reached the journal at DR; a full restore journal takes no more. */
  function received(now: number): number {
    if (state.phase !== 'PAIR') return state.record;
    const room = along(state.restore, Number.POSITIVE_INFINITY, now) + capacityRecords;
    return Math.min(along(state.transfer, arrivedLive(now), now), room);
  }

  /** Last record on the S-VOLs. */
  function restored(now: number): number {
    if (state.phase !== 'PAIR') return state.record;
    return along(state.restore, received(now - RESTORE_MS), now);
  }

  const percent = (records: number) =>
    Math.min(100, Math.floor((records * 100) / capacityRecords));

  function pending(now: number) {
    if (state.phase !== 'PAIR') return { master: 0, restore: 0 };
    const here = received(now);
    return { master: written(now) - here, restore: here - restored(now) };
  }

  function highWater(now: number): boolean {
    const { master, restore } = pending(now);
    return Math.max(percent(master), percent(restore)) > HIGH_WATER_PERCENT;
  }

  function statuses(now: number): { readonly pvol: string; readonly svol: string } {
    const both = state.phase === 'PAIR' && highWater(now) ? 'PFUL' : state.phase;
    return { pvol: both, svol: both };
  }

  function suspend(phase: 'PSUE' | 'PFUS', at: number): void {
    // What DR has received is safe in its journal and is still applied.
    const record = received(at);
    state = { ...state, phase, since: at, record, transfer: live, restore: live };
  }

  function settle(now: number): void {
    if (state.phase === 'COPY' && now >= state.since + spec.copyMs) {
      state = { ...state, phase: 'PAIR', since: state.since + spec.copyMs };
    }
    if (state.phase !== 'PAIR') return;
    const full = (at: number) => written(at) - received(at) >= capacityRecords;
    if (full(now)) {
      const gaveUp = firstInstant(full, state.since, now) + OVERFLOW_WATCH_MS;
      if (now >= gaveUp) return suspend('PFUS', gaveUp);
    }
    for (const name of ['transfer', 'restore'] as const) {
      const flow = state[name];
      if (flow.kind !== 'catching') continue;
      const goal = name === 'transfer' ? arrivedLive(now) : received(now - RESTORE_MS);
      if (along(flow, goal, now) >= goal) state = { ...state, [name]: live, since: now };
    }
  }

  function marker(record: number): string {
    // A resync starts a new row of markers, so old and new ones must not be compared.
    const base = mix(load.seed, state.incarnation) % 0x40000000;
    return (base + record).toString(16).padStart(8, '0');
  }

  function journal(side: 'master' | 'restore', now: number): JournalReading {
    const letter = side === 'master' ? 'P' : 'S';
    const count = pending(now)[side];
    const suspended = state.phase === 'PSUE' || state.phase === 'PFUS';
    const last = suspended ? state.record : side === 'master' ? written(now) : received(now);
    return {
      status: `${letter}J${journalLetters(side, now)}`,
      qMarker: marker(last),
      qCount: count,
      usageRate: percent(count),
      activePaths: state.phase === 'PSUE' || state.transfer.kind === 'held' ? 0 : 2,
    };
  }

  function journalLetters(side: 'master' | 'restore', now: number): string {
    if (state.phase === 'PSUE') return 'SE';
    if (state.phase === 'PFUS') return 'SF';
    return side === 'master' && highWater(now) ? 'NF' : 'NN';
  }

  return {
    spec,
    written,
    received,
    restored,
    statuses,
    journal,
    settle,
    phase: () => state.phase,
    pairs: (): readonly MirrorPair[] => state.pairs,
    /** First instant since `from` at which the S-VOLs held a record (call after it does). */
    reached: (record: number, from: number, now: number) =>
      firstInstant((at) => restored(at) >= record, from, now),
    /** Failure of the mirror: all pairs PSUE together. */
    fail: (now: number) => suspend('PSUE', now),
    /** Differences are copied P to S; pairs are PAIR again after `copyMs`. */
    resume(now: number): void {
      if (state.phase === 'PAIR' || state.phase === 'COPY') return;
      state = { ...state, phase: 'COPY', since: now, incarnation: state.incarnation + 1 };
    },
    /** Stops the link (`transfer`) or the writing into S-VOLs (`restore`). */
    hold(name: 'transfer' | 'restore', now: number): void {
      const at = name === 'transfer' ? received(now) : restored(now);
      state = { ...state, [name]: { kind: 'held', at }, since: now };
    },
    release(name: 'transfer' | 'restore', now: number): void {
      const flow = state[name];
      if (flow.kind !== 'held') return;
      state = { ...state, [name]: { kind: 'catching', at: flow.at, from: now }, since: now };
    },
    setPairs(next: readonly MirrorPair[]): void {
      state = { ...state, pairs: [...next] };
    },
    snapshot: (): MirrorState => state,
    restore(saved: MirrorState): void {
      state = saved;
    },
  };
}
