/**
 * ShadowImage groups whose P-VOLs are the S-VOLs of one remote mirror. A group with a consistency
 * group id splits at one point in time: the array first restores what main wrote before the split
 * was ordered, then splits all pairs together while replication goes on.
 */
import { type CloneOperation, type CloneState, cloneCell } from './clone-table.ts';
import { mix } from './load.ts';
import type { Mirror } from './mirror.ts';

export interface ClonePair {
  readonly name: string;
  readonly pvol: number;
  readonly svol: number;
  /** Place of the data in the write load. */
  readonly volume: number;
  readonly phase: 'PAIR' | 'PSUS' | 'COPY' | 'COPY(SP)';
  /** What the copy holds while it is not PAIR: all records up to this one. */
  readonly record: number;
  readonly drillWrites: number;
  /** Start of the phase and end of the copying that belongs to it (ms). */
  readonly since: number;
  readonly copiedAt: number;
}

export interface CloneGroupState {
  readonly name: string;
  /** Copy group name of the remote mirror whose S-VOLs are copied. */
  readonly source: string;
  readonly muNumber: number;
  /** null = pairs split one by one, at slightly different instants. */
  consistencyGroupId: number | null;
  /** A split that waits for the restore of what main wrote up to `upTo`. */
  splitting: { readonly at: number; readonly upTo: number; readonly quick: boolean } | null;
  pairs: ClonePair[];
}

/** Milliseconds that the copying after a split and of a resync take for one pair. */
export interface ClonePace {
  readonly quickCopyMs: number;
  readonly resyncMs: number;
}

export interface CloneSource {
  readonly mirror: Mirror;
  readonly pace: ClonePace;
}

/** Why an operation was not carried out, or undefined when it was (or was a no-op). */
export type Refused = string | undefined;

/** Milliseconds between two pairs when a group without consistency group is split. */
const ONE_BY_ONE_MS = 700;

function cloneState(pair: ClonePair, now: number): CloneState {
  if (pair.phase === 'COPY(SP)') return 'COPY';
  if (pair.phase === 'PSUS' && now < pair.copiedAt) return 'PSUS(SP)';
  return pair.phase;
}

/** The two statuses as the array reports them, and percent copied. */
export function cloneStatuses(pair: ClonePair, now: number) {
  const share = (now - pair.since) / Math.max(1, pair.copiedAt - pair.since);
  const progress =
    pair.phase === 'PAIR' ? 100 : Math.max(0, Math.min(100, Math.floor(share * 100)));
  const state = pair.phase === 'COPY(SP)' ? 'COPY' : pair.phase;
  return { pvol: state, svol: state === 'PSUS' ? 'SSUS' : state, progress };
}

/** Notes what time has brought: splits that came true, copies that are PAIR again. */
export function settleClones(group: CloneGroupState, now: number, source: CloneSource): void {
  if (group.splitting !== null) carryOutSplit(group, now, source);
  group.pairs = group.pairs.map((pair) => {
    if (now < pair.copiedAt) return pair;
    if (pair.phase === 'COPY') return { ...pair, phase: 'PAIR', since: pair.copiedAt };
    if (pair.phase === 'COPY(SP)') return { ...pair, phase: 'PSUS' };
    return pair;
  });
}

function carryOutSplit(group: CloneGroupState, now: number, { mirror, pace }: CloneSource): void {
  const { splitting } = group;
  if (splitting === null) return;
  const together = group.consistencyGroupId !== null;
  // A suspended mirror brings nothing more: what it holds is the point in time.
  const held = mirror.restored(now);
  const upTo = mirror.phase === 'PAIR' ? splitting.upTo : Math.min(splitting.upTo, held);
  const lastOrder = splitting.at + group.pairs.length * ONE_BY_ONE_MS;
  if (together ? held < upTo : now < lastOrder) return;
  const reached = together ? mirror.reached(upTo, splitting.at, now) : 0;
  group.pairs = group.pairs.map((pair, i) => {
    if (pair.phase === 'PSUS' || pair.phase === 'COPY(SP)') return pair;
    const since = together ? reached : splitting.at + i * ONE_BY_ONE_MS;
    return {
      ...pair,
      phase: splitting.quick ? 'PSUS' : 'COPY(SP)',
      record: together ? upTo : mirror.restored(since),
      drillWrites: 0,
      since,
      copiedAt: since + spread(pace.quickCopyMs, pair.svol),
    };
  });
  group.splitting = null;
}

/** Decides by the table for the whole group; one pair that rejects refuses them all. */
export function judgeClones(
  group: CloneGroupState,
  operation: CloneOperation,
  now: number,
): { readonly refused: Refused; readonly acts: readonly ClonePair[] } {
  const cells = group.pairs.map((pair) => ({
    pair,
    cell: cloneCell(cloneState(pair, now), operation),
  }));
  const bad = cells.find(({ cell }) => cell === 'reject');
  if (bad !== undefined) {
    const state = cloneState(bad.pair, now);
    return { refused: `Pair ${bad.pair.name} is ${state}; ${operation} is refused.`, acts: [] };
  }
  return {
    refused: undefined,
    acts: cells.filter(({ cell }) => cell === 'act').map(({ pair }) => pair),
  };
}

/** Orders the split of all pairs at the instant `now`; it comes true in `settleClones`. */
export function splitClones(
  group: CloneGroupState,
  now: number,
  { mirror, quick }: { readonly mirror: Mirror; readonly quick: boolean },
): Refused {
  const { refused, acts } = judgeClones(group, 'split', now);
  if (refused !== undefined || acts.length === 0) return refused;
  if (mirror.phase === 'COPY') return 'The remote mirror is COPY; its S-VOLs are incomplete.';
  if (!quick && acts.some((pair) => pair.phase === 'COPY') && group.consistencyGroupId === null) {
    return 'A pair in COPY splits only in quick mode or in a consistency group.';
  }
  group.splitting ??= { at: now, upTo: mirror.written(now), quick };
  return undefined;
}

/** Begins the resync of the pairs that are split; what was written to their copies is given up. */
export function resyncClones(group: CloneGroupState, now: number, pace: ClonePace): Refused {
  const { refused, acts } = judgeClones(group, 'resync', now);
  if (refused !== undefined) return refused;
  group.pairs = group.pairs.map((pair) =>
    acts.includes(pair)
      ? { ...pair, phase: 'COPY', since: now, copiedAt: now + spread(pace.resyncMs, pair.svol) }
      : pair,
  );
  return undefined;
}

/** Pairs differ in the time they take: between half and the whole of `ms`. */
function spread(ms: number, ldevId: number): number {
  return Math.round(ms * (0.5 + (mix(ldevId, ms) % 500) / 1000));
}
