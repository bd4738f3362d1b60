/** What is remembered of remote copy: plain JSON. Everything else is read off it and the clock. */

export type CopyType = 'UR' | 'TC' | 'GAD';

/** State of one half of a pair. PFUL is not kept: it is PAIR with much in the journal. */
export type Half =
  | 'SMPL'
  | 'COPY'
  | 'PAIR'
  | 'PSUS'
  | 'SSUS'
  | 'PFUS'
  | 'PSUE'
  | 'SSWS'
  | 'HOLD'
  | 'HOLDING'
  | 'HLDE';

export type Side = 'p' | 's';

/** A split, takeover or swap that waits until the S-VOL has everything up to an instant. */
export interface Order {
  readonly does: 'drain' | 'take' | 'swap';
  /** When it was given, and the instant up to which writes are brought over (ms). */
  readonly at: number;
  readonly upTo: number;
  readonly p: Half | undefined;
  readonly s: Half | undefined;
  /** The S-VOL may be written after it (`svolAccessMode: rw`). */
  readonly writable: boolean;
}

export interface Copying {
  readonly from: number;
  /** End of the copying (ms); null = it does not move: stuck, or the paths are down. */
  readonly until: number | null;
  /** Milliseconds that were left when the paths went down. */
  readonly left?: number;
}

export interface PairState {
  readonly name: string;
  /** Arrays of the P-VOL and of the S-VOL; a swap exchanges them, and the LDEVs with them. */
  from: string;
  to: string;
  pvol: number;
  svol: number;
  p: Half;
  s: Half;
  /** The S-VOL is brought up to date: what it holds is the P-VOL's data up to an instant. */
  follows: boolean;
  copy: Copying | null;
  order: Order | null;
  /** The S-VOL in SSUS may be written. */
  writable: boolean;
  /** The P-VOL refuses writes: swap in progress, write protection, fence level. */
  shut: boolean;
  /** GAD: which volume hosts reach after a suspension. */
  open: 'both' | 'p' | 's' | 'none';
}

/** How writes move on: speed 1 = as fast as they are written, 0 = held, null = nothing is behind. */
export interface Flow {
  /** Position at `from`; positions are instants at which writes were made (ms). */
  readonly at: number;
  readonly from: number;
  readonly speed: number | null;
}

export const LIVE: Flow = { at: 0, from: 0, speed: null };

export interface GroupState {
  readonly name: string;
  readonly type: CopyType;
  /** Device group of each array, by array id. */
  readonly deviceGroups: Readonly<Record<string, string>>;
  readonly muNumber: number;
  consistencyGroupId?: number;
  fenceLevel: 'ASYNC' | 'DATA' | 'STATUS' | 'NEVER';
  readonly pathGroupId: number;
  /** UR: journal of each array, by array id. */
  readonly journals: Readonly<Record<string, number>>;
  readonly quorumDiskId?: number;
  /** The delta-resync mirror of three centres. */
  delta: boolean;
  /** Counts resynchronisations: each begins a new row of Q-markers. */
  incarnation: number;
  transfer: Flow;
  restore: Flow;
  /** Held by a fault, beside what the paths do. */
  held: { transfer: boolean; restore: boolean };
  /** Position at which the mirror stopped, when no pair follows (ms). */
  stoppedAt: number;
  /** Positions at which its journals stopped, when no pair follows (ms). */
  closedAt: Readonly<Record<Side, number>>;
  pairs: PairState[];
}

/** Which half an array holds of a pair; undefined = none, or dissolved there. */
export function sideOf(pair: PairState, array: string): Side | undefined {
  const side = pair.from === array ? 'p' : pair.to === array ? 's' : undefined;
  return side !== undefined && pair[side] !== 'SMPL' ? side : undefined;
}

/** A new pair; `now` in ms. */
export function freshPair(
  place: Pick<PairState, 'name' | 'from' | 'to' | 'pvol' | 'svol'>,
  how: { readonly copy: Copying | null; readonly delta: boolean },
): PairState {
  const half = how.delta ? 'HOLDING' : how.copy === null ? 'PAIR' : 'COPY';
  return {
    ...place,
    p: half,
    s: half,
    follows: !how.delta,
    copy: how.copy,
    order: null,
    writable: false,
    shut: false,
    open: 'both',
  };
}
