/** How Thin Image pairs go from one phase to the next, and what that does to data. */
import type { History } from '../data/history.ts';
import type { Parts } from '../parts.ts';
import type { ClonePace } from './clone-settle.ts';
import { breakOff, heldAt, overwrite, spread } from './copy.ts';
import type { SnapPair, SnapRegister } from './snap-pairs.ts';

export interface SnapDesk {
  readonly parts: Parts;
  readonly register: SnapRegister;
  readonly pace: ClonePace;
}

type Phase = SnapPair['phase'];

/** `lasts`: ms until the phase ends by itself; left out = it stays. */
function enter(pair: SnapPair, phase: Phase, { at, lasts }: { at: number; lasts?: number }): void {
  pair.phase = phase;
  pair.since = at;
  pair.endsAt = lasts === undefined ? null : at + lasts;
}

/** Snapshot data is stored: what the P-VOL holds at that instant. */
export function store(pair: SnapPair, at: number, { parts, pace, register }: SnapDesk): void {
  put(pair, [...heldAt(parts, pair.pvol, { at })], parts);
  enter(pair, 'PSUP', { at, lasts: pace.jobMs });
  pair.turn = null;
  pair.splitAt = at;
  register.moving.add(pair);
}

function put(pair: SnapPair, data: History, parts: Parts): void {
  if (pair.svol === null) pair.kept = [...data];
  else parts.histories.set(pair.svol, data);
}

/** The data that the snapshot stands for. */
function stored(pair: SnapPair, parts: Parts): History {
  return pair.svol === null ? pair.kept : (parts.histories.get(pair.svol) ?? []);
}

/** Snapshot data is given up. */
export function forget(pair: SnapPair, at: number, { parts }: SnapDesk): void {
  put(pair, [], parts);
  enter(pair, 'PAIR', { at });
  pair.splitAt = null;
}

/** The P-VOL becomes what the snapshot holds. */
export function beginRestore(
  pair: SnapPair,
  { at, autoSplit }: { readonly at: number; readonly autoSplit: boolean },
  { pace, register }: SnapDesk,
): void {
  enter(pair, 'RCPY', { at, lasts: spread(pace.quickCopyMs, pair.pvol) });
  pair.splitsAgain = autoSplit;
  register.moving.add(pair);
}

/** A full copy onto the S-VOL; the pair deletes itself when it is done. */
export function beginClone(pair: SnapPair, at: number, { parts, pace, register }: SnapDesk): void {
  // A split clone pair copies what was stored when it was split.
  if (pair.phase === 'PAIR') put(pair, heldAt(parts, pair.pvol, { at }), parts);
  enter(pair, 'CPYP', { at, lasts: spread(pace.quickCopyMs, pair.svol ?? pair.pvol) });
  register.moving.add(pair);
}

/** The pair goes, and with it the snapshot data; a clone in the making is left broken off. */
export function beginDelete(pair: SnapPair, at: number, { parts, pace, register }: SnapDesk): void {
  if (pair.svol !== null && pair.phase === 'CPYP') breakOff(parts, pair.svol, at);
  else if (pair.svol !== null) parts.histories.delete(pair.svol);
  enter(pair, 'SMPP', { at, lasts: pace.jobMs });
  pair.turn = null;
  register.moving.add(pair);
}

/** Shows stored data on a volume. */
export function assign(pair: SnapPair, svol: number, { parts, register }: SnapDesk): void {
  register.assign(pair, svol);
  if (pair.phase !== 'PAIR') parts.histories.set(svol, pair.kept);
  pair.kept = [];
}

/** Takes the volume away; the stored data stays, what was written to the volume included. */
export function unassign(pair: SnapPair, { parts, register }: SnapDesk): void {
  if (pair.svol === null) return;
  pair.kept = pair.phase === 'PAIR' ? [] : [...stored(pair, parts)];
  parts.histories.delete(pair.svol);
  register.assign(pair, null);
}

/** Notes what time has brought to a pair; false when time alone will not change it any more. */
export function settlePair(pair: SnapPair, now: number, desk: SnapDesk): boolean {
  if (pair.turn !== null && now >= pair.turn) store(pair, pair.turn, desk);
  while (pair.endsAt !== null && now >= pair.endsAt) {
    if (pair.phase === 'SMPP') {
      desk.register.drop(pair);
      return false;
    }
    end(pair, pair.endsAt, desk);
  }
  return pair.turn !== null || pair.endsAt !== null;
}

function end(pair: SnapPair, at: number, { parts, pace }: SnapDesk): void {
  if (pair.phase === 'PSUP') enter(pair, 'PSUS', { at });
  else if (pair.phase === 'CPYP') enter(pair, 'SMPP', { at, lasts: pace.jobMs });
  else if (pair.phase === 'RCPY') {
    overwrite(parts, pair.pvol, { data: stored(pair, parts), at });
    enter(pair, pair.splitsAgain ? 'PSUS' : 'PAIR', { at });
    pair.splitAt = pair.splitsAgain ? at : null;
    if (!pair.splitsAgain) put(pair, [], parts);
  }
}
