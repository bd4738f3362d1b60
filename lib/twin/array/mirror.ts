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

const OVERFLOW_WATCH_MS = 60_000;
const RESTORE_MS = 150;
const HIGH_WATER_PERCENT = 80;
const CATCH_UP = 8;
const LIVE: Flow = { kind: 'live' };

export class Mirror {
  readonly spec: MirrorSpec;
  #state: MirrorState;

  constructor(spec: MirrorSpec, pairs: readonly MirrorPair[]) {
    this.spec = spec;
    this.#state = {
      phase: 'PAIR',
      since: spec.load.startedAt,
      record: 0,
      incarnation: 1,
      transfer: LIVE,
      restore: LIVE,
      pairs: [...pairs],
    };
  }

  get phase(): MirrorPhase {
    return this.#state.phase;
  }

  get pairs(): readonly MirrorPair[] {
    return this.#state.pairs;
  }

  /** Last record written at main. */
  written(now: number): number {
    return recordAt(this.spec.load, now);
  }

  /** Last record that reached the journal at DR; a full restore journal takes no more. */
  received(now: number): number {
    const { phase, record, restore, transfer } = this.#state;
    if (phase !== 'PAIR') return record;
    const restored = this.#along(restore, Number.POSITIVE_INFINITY, now);
    const room = restored + this.spec.capacityRecords;
    return Math.min(this.#along(transfer, this.#arrivedLive(now), now), room);
  }

  /** Last record on the S-VOLs. */
  restored(now: number): number {
    const { phase, record, restore } = this.#state;
    if (phase !== 'PAIR') return record;
    return this.#along(restore, this.received(now - RESTORE_MS), now);
  }

  /** First instant since `from` at which the S-VOLs held a record (call after it does). */
  reached(record: number, from: number, now: number): number {
    return firstInstant((at) => this.restored(at) >= record, from, now);
  }

  /** What both halves of every pair report. */
  status(now: number): MirrorPhase | 'PFUL' {
    return this.phase === 'PAIR' && this.#highWater(now) ? 'PFUL' : this.phase;
  }

  journal(side: 'master' | 'restore', now: number): JournalReading {
    const { phase, record, transfer } = this.#state;
    const count = this.#pending(now)[side];
    const suspended = phase === 'PSUE' || phase === 'PFUS';
    const last = suspended ? record : side === 'master' ? this.written(now) : this.received(now);
    return {
      status: `${side === 'master' ? 'P' : 'S'}J${this.#journalLetters(side, now)}`,
      qMarker: this.#marker(last),
      qCount: count,
      usageRate: this.#percent(count),
      activePaths: phase === 'PSUE' || transfer.kind === 'held' ? 0 : 2,
    };
  }

  /** Notes the transitions that time has brought; every other method expects it to have run. */
  settle(now: number): void {
    const { phase, since } = this.#state;
    if (phase === 'COPY' && now >= since + this.spec.copyMs) {
      this.#state = { ...this.#state, phase: 'PAIR', since: since + this.spec.copyMs };
    }
    if (this.phase !== 'PAIR') return;
    const full = (at: number) => this.written(at) - this.received(at) >= this.spec.capacityRecords;
    if (full(now)) {
      const gaveUp = firstInstant(full, this.#state.since, now) + OVERFLOW_WATCH_MS;
      if (now >= gaveUp) this.#suspend('PFUS', gaveUp);
    }
    this.#endCatchingUp('transfer', this.#arrivedLive(now), now);
    this.#endCatchingUp('restore', this.received(now - RESTORE_MS), now);
  }

  /** Failure of the mirror: all pairs PSUE together. */
  fail(now: number): void {
    this.#suspend('PSUE', now);
  }

  /** Differences are copied P to S; pairs are PAIR again after `copyMs`. */
  resume(now: number): void {
    const { phase, incarnation } = this.#state;
    if (phase === 'PAIR' || phase === 'COPY') return;
    this.#state = { ...this.#state, phase: 'COPY', since: now, incarnation: incarnation + 1 };
  }

  /** Stops the link (`transfer`) or the writing into S-VOLs (`restore`). */
  hold(name: 'transfer' | 'restore', now: number): void {
    const at = name === 'transfer' ? this.received(now) : this.restored(now);
    this.#state = { ...this.#state, [name]: { kind: 'held', at }, since: now };
  }

  release(name: 'transfer' | 'restore', now: number): void {
    const flow = this.#state[name];
    if (flow.kind !== 'held') return;
    const catching = { kind: 'catching', at: flow.at, from: now };
    this.#state = { ...this.#state, [name]: catching, since: now };
  }

  setPairs(pairs: readonly MirrorPair[]): void {
    this.#state = { ...this.#state, pairs: [...pairs] };
  }

  snapshot(): MirrorState {
    return this.#state;
  }

  restoreState(saved: MirrorState): void {
    this.#state = saved;
  }

  /** Transfers leave in a slightly uneven beat and carry what was written one beat before. */
  #arrivedLive(now: number): number {
    const { load, transferMs } = this.spec;
    const leaves = (k: number) =>
      load.startedAt + k * transferMs + (mix(load.seed, k) % Math.ceil(transferMs / 2));
    const k = Math.floor((now - load.startedAt) / transferMs);
    return recordAt(load, leaves(leaves(k) > now ? k - 1 : k) - transferMs);
  }

  #along(flow: Flow, limit: number, now: number): number {
    if (flow.kind === 'live') return limit;
    if (flow.kind === 'held') return flow.at;
    const perSecond = this.spec.load.perSecond * CATCH_UP;
    const gained = Math.floor((Math.max(0, now - flow.from) * perSecond) / 1000);
    return Math.min(limit, flow.at + gained);
  }

  #endCatchingUp(name: 'transfer' | 'restore', goal: number, now: number): void {
    const flow = this.#state[name];
    if (flow.kind !== 'catching' || this.#along(flow, goal, now) < goal) return;
    this.#state = { ...this.#state, [name]: LIVE, since: now };
  }

  #suspend(phase: 'PSUE' | 'PFUS', at: number): void {
    // What DR has received is safe in its journal and is still applied.
    const record = this.received(at);
    const idle = { transfer: LIVE, restore: LIVE };
    this.#state = { ...this.#state, ...idle, phase, since: at, record };
  }

  #pending(now: number): { readonly master: number; readonly restore: number } {
    if (this.phase !== 'PAIR') return { master: 0, restore: 0 };
    const here = this.received(now);
    return { master: this.written(now) - here, restore: here - this.restored(now) };
  }

  #percent(records: number): number {
    return Math.min(100, Math.floor((records * 100) / this.spec.capacityRecords));
  }

  #highWater(now: number): boolean {
    const { master, restore } = this.#pending(now);
    return this.#percent(Math.max(master, restore)) > HIGH_WATER_PERCENT;
  }

  #journalLetters(side: 'master' | 'restore', now: number): string {
    if (this.phase === 'PSUE') return 'SE';
    if (this.phase === 'PFUS') return 'SF';
    return side === 'master' && this.#highWater(now) ? 'NF' : 'NN';
  }

  #marker(record: number): string {
    // A resync starts a new row of markers, so old and new ones must not be compared.
    const base = mix(this.spec.load.seed, this.#state.incarnation) % 0x40000000;
    return (base + record).toString(16).padStart(8, '0');
  }
}
