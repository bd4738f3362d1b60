/** What the volumes of a pair hold when the pair begins, stops or turns to copy. */
import { cut, type History, torn } from '../data/history.ts';
import { noteOverwritten } from './chronicle.ts';
import type { RemoteGroup } from './group.ts';
import { received, restored } from './positions.ts';
import type { PairState } from './state.ts';

/** What a volume of a pair holds while the pair decides it; undefined = its own history. */
export function heldBy(
  group: RemoteGroup,
  pair: PairState,
  { array, now }: { readonly array: string; readonly now: number },
): History | undefined {
  if (!pair.follows || pair.s !== 'PAIR') return undefined;
  if (group.state.type === 'GAD') return merged(group, pair);
  if (array !== pair.to) return undefined;
  const upTo = Math.min(pair.order?.upTo ?? now, restored(group.track, now));
  return cut(group.field.history(pair.from, pair.pvol, now), upTo);
}

/** GAD: hosts write to both volumes, and each write is on both. */
function merged({ field }: RemoteGroup, pair: PairState): History {
  const both = [...field.own(pair.from, pair.pvol), ...field.own(pair.to, pair.svol)];
  return both.sort((a, b) => a.since - b.since);
}

/** The pair stops at `at`: from now on its S-VOL holds what was written up to `upTo`. */
export function unfollow(
  group: RemoteGroup,
  pair: PairState,
  { at, upTo }: { readonly at: number; readonly upTo: number },
): void {
  const { field, state } = group;
  if (!pair.follows) return;
  if (pair.s !== 'PAIR') {
    field.keep(pair.to, pair.svol, torn(field.own(pair.to, pair.svol), at));
  } else if (state.type === 'GAD') {
    const both = merged(group, pair);
    const written = new Set(field.own(pair.to, pair.svol));
    const side = (own: boolean) =>
      both.flatMap((one) => (written.has(one) === own ? [one] : cut([one], upTo)));
    field.keep(pair.from, pair.pvol, side(false));
    field.keep(pair.to, pair.svol, side(true));
  } else {
    field.keep(pair.to, pair.svol, cut(field.history(pair.from, pair.pvol, at), upTo));
  }
  const journals = {
    p: pair.order?.at ?? at,
    s: Math.min(pair.order?.upTo ?? at, received(group.track, at)),
  };
  pair.follows = false;
  pair.copy = null;
  pair.order = null;
  group.rest(at, upTo, journals);
}

/** Stops a pair with what its S-VOL's array has received. */
export function stop(group: RemoteGroup, pair: PairState, at: number): void {
  unfollow(group, pair, { at, upTo: Math.min(pair.order?.upTo ?? at, received(group.track, at)) });
}

/** Hosts of the S-VOL's site may write to it from now on, unless they do already. */
export function openSvol({ field }: RemoteGroup, { to, svol }: PairState, at: number): void {
  const own = field.own(to, svol);
  const writing = new Set(own.flatMap(({ writer, until }) => (until === null ? [writer] : [])));
  const opens = field.writers.opens(to, svol, at).filter(({ writer }) => !writing.has(writer));
  field.keep(to, svol, [...own, ...opens]);
}

/** Differences are copied to the S-VOL; whatever was written to it is given up. */
export function startCopy(
  group: RemoteGroup,
  pair: PairState,
  { now, ms }: { readonly now: number; readonly ms: number },
): void {
  noteOverwritten(group, pair, now);
  pair.p = 'COPY';
  pair.s = 'COPY';
  pair.follows = true;
  pair.copy = { from: now, until: now + ms };
  pair.order = null;
  pair.writable = false;
  pair.shut = false;
  pair.open = 'both';
  if (!group.reach(pair).up) pauseCopy(pair, now);
}

export function pauseCopy(pair: PairState, now: number): void {
  const { copy } = pair;
  if (copy?.until === null || copy === null) return;
  pair.copy = { ...copy, until: null, left: Math.max(0, copy.until - now) };
}

export function resumeCopy(pair: PairState, now: number): void {
  const { copy } = pair;
  if (copy?.left === undefined) return;
  pair.copy = { from: now - Math.max(0, now - copy.from), until: now + copy.left };
}

/** The copying has ended: both halves are PAIR, or a delta mirror is armed. */
export function endCopy(group: RemoteGroup, pair: PairState, at: number): void {
  const half = pair.p === 'HOLDING' ? 'HOLD' : 'PAIR';
  pair.p = half;
  pair.s = half;
  pair.copy = null;
  // What the S-VOL held before is gone; only writes that its own hosts make from now on count.
  if (group.state.type !== 'GAD' || half === 'HOLD') return;
  group.field.keep(pair.to, pair.svol, []);
  openSvol(group, pair, at);
}

/** P-VOL and S-VOL exchange their roles; the names of the device groups stay with the arrays. */
export function exchange(group: RemoteGroup, pair: PairState): void {
  const { from, to, pvol, svol } = pair;
  Object.assign(pair, { from: to, to: from, pvol: svol, svol: pvol });
  group.field.turned();
}

/** Pairs that are dissolved on both sides are gone. */
export function dropDissolved(group: RemoteGroup): void {
  const left = group.pairs.filter(({ p, s }) => p !== 'SMPL' || s !== 'SMPL');
  if (left.length < group.pairs.length) group.setPairs(left);
}
