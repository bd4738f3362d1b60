/** The transitions that come by themselves, each with the instant at which it is due. */
import { HOST } from '../data/history.ts';
import { firstInstant } from '../data/instants.ts';
import { noteOpened } from './chronicle.ts';
import { endCopy, exchange, openSvol, stop, unfollow } from './data.ts';
import { deltaLost } from './delta.ts';
import type { RemoteGroup } from './group.ts';
import { isFull, received, restored } from './positions.ts';
import { meetAgain } from './reconcile.ts';
import type { Half, PairState } from './state.ts';

export interface Event {
  readonly at: number;
  apply(at: number): void;
}

/** The first transition due up to `now`, if there is one. */
export function nextEvent(group: RemoteGroup, now: number): Event | undefined {
  const due = [
    copyEnd(group, now),
    orderDone(group, now),
    overflow(group, now),
    deltaLost(group, now),
    ...(group.state.type === 'UR' ? [blockade(group, now)] : [mirrorBroken(group, now)]),
  ].filter((event) => event !== undefined);
  return due.sort((a, b) => a.at - b.at)[0];
}

function copyEnd(group: RemoteGroup, now: number): Event | undefined {
  const ends = group.pairs.flatMap(({ copy }) => copy?.until ?? []);
  const at = Math.min(...ends);
  if (at > now || ends.length === 0) return undefined;
  const ended = group.pairs.filter(({ copy }) => copy?.until === at);
  return {
    at,
    apply: () => {
      for (const pair of ended) endCopy(group, pair, at);
      group.fence(ended, at);
    },
  };
}

function orderDone(group: RemoteGroup, now: number): Event | undefined {
  const waiting = group.pairs.filter(({ order }) => order !== null);
  const first = Math.min(...waiting.map(({ order }) => order?.upTo ?? 0));
  if (waiting.length === 0 || restored(group.track, now) < first) return undefined;
  const ready = waiting.filter(({ order }) => order?.upTo === first);
  const given = Math.max(...ready.map(({ order }) => order?.at ?? 0));
  const at = firstInstant((t) => restored(group.track, t) >= first, given, now);
  return {
    at,
    apply: () => {
      // The markers of a mirror that points the other way count other hosts' writes.
      if (ready.some(({ order }) => order?.does === 'swap')) group.state.incarnation += 1;
      for (const pair of ready) {
        carryOut(group, pair, at);
        // Its P-VOL may have come back while the takeover was still restoring.
        meetAgain(group, pair, at);
      }
      group.retune(at);
      group.fence(ready, at);
    },
  };
}

/** Everything an order waited for is on the S-VOL. */
export function carryOut(group: RemoteGroup, pair: PairState, at: number): void {
  const { order } = pair;
  if (order === null) return;
  unfollow(group, pair, { at, upTo: order.upTo });
  if (order.does === 'swap') {
    exchange(group, pair);
    pair.shut = false;
    openPvol(group, pair, at);
    pair.follows = true;
    if (group.state.type === 'GAD') endCopy(group, pair, at);
    return;
  }
  if (order.p !== undefined) pair.p = order.p;
  if (order.s !== undefined) pair.s = order.s;
  pair.writable = order.writable;
  pair.open = order.does === 'take' ? 's' : 'p';
  if (order.does === 'take') noteOpened(group, pair, at);
  if (order.writable || pair.s === 'SSWS') openSvol(group, pair, at);
}

function openPvol({ field }: RemoteGroup, { from, pvol }: PairState, at: number): void {
  field.keep(from, pvol, [...field.own(from, pvol), ...field.writers.opens(from, pvol, at)]);
}

/** The master journal has been full for longer than its watch: PFUS. */
function overflow(group: RemoteGroup, now: number): Event | undefined {
  const journal = group.journal();
  const { transfer, restore } = group.state;
  if (journal === undefined || (transfer.speed === null && restore.speed === null))
    return undefined;
  // It is the master journal that fills: an array that is dead notices nothing.
  if (!group.field.alive(group.direction.from)) return undefined;
  if (!group.following || !isFull(group.track, now)) return undefined;
  const since = Math.max(transfer.from, restore.from);
  const full = firstInstant((at) => isFull(group.track, at), since, now);
  const at = Math.max(full + journal.overflowWatchMs, journal.changedAt);
  return at > now ? undefined : { at, apply: () => suspend(group, 'PFUS', at) };
}

/** The paths have been down for longer than the watch of the journal: PSUE. */
function blockade(group: RemoteGroup, now: number): Event | undefined {
  const { field, direction } = group;
  const { up, since } = field.reach(direction.from, direction.to);
  const journal = group.journal();
  if (up || journal === undefined) return undefined;
  const waiting = group.pairs.filter((pair) => blockaded(group, pair));
  // An array that was dead begins to watch when it is back.
  const watched = waiting.flatMap(({ p, s, from, to }) => [
    ...(alert(p) && field.alive(from) ? [field.awakeSince(from)] : []),
    ...(alert(s) && field.alive(to) ? [field.awakeSince(to)] : []),
  ]);
  const from = Math.max(since, Math.min(...watched));
  const at = Math.max(from + journal.blockadeMs, journal.changedAt);
  if (watched.length === 0 || at > now) return undefined;
  return { at, apply: () => suspend(group, 'PSUE', at) };
}

/** A half that still counts on its paths, on an array that is alive to notice. */
const blockaded = ({ field }: RemoteGroup, pair: PairState): boolean =>
  (alert(pair.p) && field.alive(pair.from)) || (alert(pair.s) && field.alive(pair.to));

const alert = (half: Half): boolean => half === 'PAIR' || half === 'COPY';

/**
 * All pairs of a mirror stop together. What the S-VOL's array has received is safe in its journal
 * and is still applied. A half changes when its array is alive and, for an overflow, is told.
 */
export function suspend(group: RemoteGroup, half: 'PFUS' | 'PSUE', at: number): void {
  const told = half === 'PSUE' || group.reach(group.direction).up;
  const touched = group.pairs.filter((pair) => blockaded(group, pair));
  for (const pair of touched) {
    stop(group, pair, at);
    if (alert(pair.p) && group.field.alive(pair.from)) pair.p = half;
    if (alert(pair.s) && group.field.alive(pair.to) && told) pair.s = half;
    pair.shut = false;
    pair.open = 'p';
  }
  group.fence(touched, at);
}

/**
 * TrueCopy and GAD meet a failure at the first write that cannot be mirrored. TrueCopy: the P-VOL is
 * suspended and, by its fence level, goes on or refuses writes; nobody tells the S-VOL. GAD: the
 * quorum disk decides who goes on; without it nobody does.
 */
function mirrorBroken(group: RemoteGroup, now: number): Event | undefined {
  const pairs = group.pairs.filter((pair) => pair.follows && !group.reach(pair).up);
  const due = pairs.flatMap((pair) => {
    const at = firstWrite(group, pair, now);
    return at === undefined ? [] : [{ pair, at }];
  });
  const at = Math.min(...due.map((one) => one.at));
  if (due.length === 0) return undefined;
  const hit = due.filter((one) => one.at === at).map(({ pair }) => pair);
  return {
    at,
    apply: () => {
      for (const pair of hit) breakMirror(group, pair, at);
      // A write that is refused was never acknowledged: its writer stopped just before.
      group.fence(hit, quorumOf(group, hit) ? at - 1 : at);
    },
  };
}

function firstWrite(group: RemoteGroup, pair: PairState, now: number): number | undefined {
  const { field, state } = group;
  const { since } = group.reach(pair);
  const sides = [
    { array: pair.from, ldevId: pair.pvol },
    ...(state.type === 'GAD' ? [{ array: pair.to, ldevId: pair.svol }] : []),
  ];
  // Without a quorum the arrays do not wait for a write.
  if (!quorumOf(group, [pair])) return now;
  const writes = sides.flatMap(({ array, ldevId }) => {
    // Hosts of an active-active service whose own array is dead write through the other one.
    if (state.type !== 'GAD' && !field.alive(array)) return [];
    const single = field
      .own(array, ldevId)
      .find((one) => one.writer === HOST && one.since >= since);
    const running = field.writers.on(array, ldevId);
    return [
      single?.until ?? [],
      running.flatMap(({ writer }) => field.writers.nextWrite(writer, since, now) ?? []),
    ].flat();
  });
  return writes.length === 0 ? undefined : Math.min(...writes);
}

/** Whether somebody decides between the arrays; TrueCopy asks nobody. */
const quorumOf = ({ field, state }: RemoteGroup, pairs: readonly PairState[]): boolean =>
  state.type !== 'GAD' ||
  pairs.every(({ from, to }) => field.quorum([from, to], state.quorumDiskId));

function breakMirror(group: RemoteGroup, pair: PairState, at: number): void {
  const { field, state } = group;
  const { since } = group.reach(pair);
  const here = { p: field.alive(pair.from), s: field.alive(pair.to) };
  if (state.type === 'TC') {
    unfollow(group, pair, { at, upTo: received(group.track, since) });
    pair.p = 'PSUE';
    // STATUS refuses as well: over paths that are down the S-VOL's status cannot be changed.
    pair.shut = state.fenceLevel === 'DATA' || state.fenceLevel === 'STATUS';
    return;
  }
  const quorum = quorumOf(group, [pair]);
  unfollow(group, pair, { at, upTo: quorum ? since : at });
  pair.open = !quorum ? 'none' : here.p ? 'p' : 's';
  // An array that is dead finds out when it is back, before it takes any write.
  pair.p = 'PSUE';
  if (here.s) pair.s = pair.open === 's' ? 'SSWS' : 'PSUE';
  if (pair.s !== 'SSWS') return;
  noteOpened(group, pair, at);
  openSvol(group, pair, since);
}
