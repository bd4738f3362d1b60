/** What failures and other people do to a copy group, without any request. */
import { HOST } from '../data/history.ts';
import { openSvol, startCopy, stop } from './data.ts';
import { suspend } from './events.ts';
import type { RemoteGroup } from './group.ts';
import { operate } from './operate.ts';
import { freshPair, type PairState } from './state.ts';

/** A failure: all pairs PSUE. */
export const fail = (group: RemoteGroup, now: number): void => suspend(group, 'PSUE', now);

/** The master journal overflowed: all pairs PFUS. */
export function overflowed(group: RemoteGroup, now: number): void {
  if (group.field.alive(group.direction.from)) suspend(group, 'PFUS', now);
}

/** Taken over, or dissolved: nobody at main can do anything to it. */
const isGone = ({ s }: PairState): boolean => s === 'SSWS' || s === 'SMPL';

/** All suspended pairs are resynchronised, as somebody at main would do it. */
export function mend(group: RemoteGroup, now: number): void {
  const split = group.pairs.filter(
    (pair) => ['PSUS', 'PFUS', 'PSUE'].includes(pair.p) && !isGone(pair),
  );
  if (split.length > 0) group.state.incarnation += 1;
  for (const pair of split) startCopy(group, pair, { now, ms: group.field.pace.mirrorCopyMs });
  group.retune(now);
  group.fence(split, now);
}

/** Somebody opened the S-VOLs of these pairs, in another console. */
export function takeOver(group: RemoteGroup, pairs: readonly PairState[], now: number): void {
  operate(group, { operation: 'swap-split', array: group.direction.to, pairs: [...pairs], now });
}

/** Dissolved and made anew in the old direction: whatever the S-VOLs held is copied over. */
export function remake(group: RemoteGroup, now: number): void {
  const apart = group.pairs.filter(({ follows, order }) => !follows || order !== null);
  if (apart.length > 0) group.state.incarnation += 1;
  for (const pair of apart) {
    stop(group, pair, now);
    startCopy(group, pair, { now, ms: group.field.pace.mirrorCopyMs });
  }
  group.retune(now);
  group.fence(apart, now);
}

/** Stops what comes to DR (`transfer`) or the writing into S-VOLs (`restore`), or lets it go on. */
export function hold(
  group: RemoteGroup,
  { flow, on }: { readonly flow: 'transfer' | 'restore'; readonly on: boolean },
  now: number,
): void {
  group.state.held = { ...group.state.held, [flow]: on };
  group.retune(now);
}

/** The first pair is in COPY and stays there, or goes on to PAIR. */
export function stick(group: RemoteGroup, on: boolean, now: number): void {
  const pair = group.pairs[0];
  if (pair === undefined || isGone(pair)) return;
  startCopy(group, pair, { now, ms: group.field.pace.mirrorCopyMs });
  if (on) pair.copy = { from: now, until: null };
  group.fence([pair], now);
}

/** Somebody split the first pair alone; it holds what it held then. */
export function splitOne(group: RemoteGroup, now: number): void {
  const pair = group.pairs[0];
  if (pair === undefined || isGone(pair)) return;
  leaveSplit(group, pair, now);
  group.fence([pair], now);
}

/** Somebody split all pairs so that S-VOLs can be written, and wrote to them. */
export function writeBehind(group: RemoteGroup, now: number): void {
  const { field } = group;
  for (const pair of group.pairs) {
    if (isGone(pair)) continue;
    leaveSplit(group, pair, now);
    pair.writable = true;
    openSvol(group, pair, now);
    const write = { writer: HOST, since: now - 1, until: now };
    field.keep(pair.to, pair.svol, [...field.own(pair.to, pair.svol), write]);
  }
  group.fence(group.pairs, now);
}

function leaveSplit(group: RemoteGroup, pair: PairState, now: number): void {
  stop(group, pair, now);
  pair.p = 'PSUS';
  pair.s = 'SSUS';
}

/** One more pair, in PAIR, as if it had always been there. */
export function addPair(
  group: RemoteGroup,
  { name, pvol, svol }: Pick<PairState, 'name' | 'pvol' | 'svol'>,
): void {
  const { from, to } = group.direction;
  const pair = freshPair({ name, from, to, pvol, svol }, { copy: null, delta: false });
  group.setPairs([...group.pairs, pair]);
}

/** A pair and all it bound are gone. */
export function dropPair(group: RemoteGroup, name: string): void {
  group.setPairs(group.pairs.filter((pair) => pair.name !== name));
}
