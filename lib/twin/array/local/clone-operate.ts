/** What an operation does to ShadowImage pairs: judged by the table, then begun. */
import type { Parts } from '../parts.ts';
import type { ErrorWords } from '../wire.ts';
import { type ClonePair, cloneState } from './clone-pairs.ts';
import type { ClonePace } from './clone-settle.ts';
import type { Target } from './clone-target.ts';
import { breakOff, freeze, fullCopy, ONE_BY_ONE_MS, spread } from './copy.ts';
import type { CloneRegister, Place } from './register.ts';
import { type SiOperation, siTable } from './tables.ts';

export interface Judged {
  /** Pairs that change; those that are there already are left out. */
  readonly acts: readonly ClonePair[];
  readonly refused?: ErrorWords;
}

/** SSB codes of these refusals are not known; the real job shows some. */
export const refusal = (cause: string): ErrorWords => ({
  message: 'The operation cannot be performed in the current state of the pair.',
  cause,
});

/** Decides by the table for all pairs; one pair that rejects refuses them all. */
export function judge(
  { group, pairs, whole }: Target,
  operation: SiOperation,
  { now, quick = false }: { readonly now: number; readonly quick?: boolean },
): Judged {
  const acts: ClonePair[] = [];
  for (const pair of pairs) {
    const state = cloneState(pair, now);
    const { does } = siTable[state][operation];
    const together = whole && group.consistencyGroupId !== null;
    if (does === 'act' || (does === 'act-quick' && (quick || together))) acts.push(pair);
    else if (does !== 'none') {
      return {
        acts: [],
        refused: refusal(`Pair ${pair.name} is ${state}; ${operation} is refused.`),
      };
    }
  }
  return { acts };
}

/** Begins the resync of split pairs. In quick mode they show PAIR at once and copy behind. */
export function beginResync(
  { acts }: Judged,
  { now, quick }: { readonly now: number; readonly quick: boolean },
  pace: ClonePace,
): void {
  for (const pair of acts) {
    const full = pair.phase === 'PSUE';
    pair.copiedAt = now + (full ? fullCopy : spread)(pace.resyncMs, pair.svol);
    pair.phase = quick && !full ? 'PAIR' : 'COPY';
    pair.since = now;
  }
}

/** Begins the restore; in quick mode the volumes change places instead of being copied. */
export function beginRestore(
  { acts }: Judged,
  { now, quick }: { readonly now: number; readonly quick: boolean },
  pace: ClonePace,
): void {
  for (const pair of acts) {
    pair.copiedAt = now + (quick ? pace.jobMs : spread(pace.resyncMs, pair.svol));
    pair.phase = 'RCPY';
    pair.since = now;
  }
}

/** Orders the split: of a consistency group at one point in time, else one pair after the other. */
export function orderSplit(
  { group, whole }: Target,
  { acts }: Judged,
  { now, quick }: { readonly now: number; readonly quick: boolean },
): void {
  if (acts.length === 0) return;
  if (whole && group.consistencyGroupId !== null) {
    group.split ??= { at: now, quick };
    return;
  }
  for (const [i, pair] of acts.entries()) pair.split ??= { at: now + i * ONE_BY_ONE_MS, quick };
}

/** Suspends pairs by force: what was being copied stays incomplete. */
export function suspend(acts: readonly ClonePair[], now: number, parts: Parts): void {
  for (const pair of acts) {
    leave(pair, now, parts);
    pair.phase = 'PSUE';
    pair.split = null;
    pair.since = now;
    pair.copiedAt = now;
  }
}

/** Dissolves a pair: both volumes are SMPL again. */
export function dissolve(
  place: Place,
  now: number,
  { parts, register }: { readonly parts: Parts; readonly register: CloneRegister },
): void {
  leave(place.pair, now, parts);
  register.dropPair(place);
}

/** What each volume is left with when a pair ends in the middle of its phase. */
function leave(pair: ClonePair, now: number, parts: Parts): void {
  const { phase, pvol, svol, copiedAt } = pair;
  if (phase === 'PAIR') freeze(parts, pair, { at: now });
  // A pair can show PAIR or PSUS while its copying still runs behind.
  if (now < copiedAt) breakOff(parts, phase === 'RCPY' ? pvol : svol, now);
}
