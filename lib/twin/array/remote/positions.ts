/**
 * How far the writes of a mirror have come. A position is the instant at which the last write that
 * came through was made, so one number says for all volumes of a group what a copy contains.
 */
import { firstInstant, mix, seedOf } from '../data/instants.ts';
import type { Field } from './field.ts';
import { type Flow, type GroupState, LIVE } from './state.ts';

/** Time the arrays need from receiving a write to having it on the S-VOL (ms). */
const RESTORE_MS = 150;

/** What positions are read off: the group, and what its writers write to it. */
export interface Track {
  readonly state: GroupState;
  readonly field: Field;
  /** Share of each writer's volumes that are in this group. */
  readonly shares: readonly { readonly writer: string; readonly share: number }[];
  /** Bytes that one journal holds; UR only. */
  readonly capacity: number;
}

export interface Pending {
  /** Written and not received; received and not restored: records, and percent of a journal. */
  readonly master: number;
  readonly restore: number;
  readonly masterPercent: number;
  readonly restorePercent: number;
}

/** Records of this group written up to an instant. */
export function recordsUpTo({ field, shares }: Track, at: number): number {
  return shares.reduce(
    (sum, { writer, share }) => sum + Math.floor(field.writers.recordAt(writer, at) * share),
    0,
  );
}

function bytesBetween({ field, shares }: Track, from: number, to: number): number {
  const { writers } = field;
  return shares.reduce((sum, { writer, share }) => {
    const records = writers.recordAt(writer, to) - writers.recordAt(writer, from);
    return sum + records * share * writers.recordBytes(writer);
  }, 0);
}

/** Instant up to which the S-VOL's array has received everything. */
export function received(track: Track, now: number): number {
  const { state } = track;
  if (state.type !== 'UR') return along(state.transfer, now, now);
  const came = along(state.transfer, arrivedLive(track, now), now);
  // A restore journal that is full takes no more; only a held restore can fill it.
  if (state.restore.speed === null) return came;
  const done = along(state.restore, came, now);
  if (bytesBetween(track, done, came) <= track.capacity) return came;
  return firstInstant((at) => bytesBetween(track, done, at) > track.capacity, done, came) - 1;
}

/** Instant up to which the S-VOLs have everything. */
export function restored(track: Track, now: number): number {
  const { state } = track;
  if (state.type !== 'UR') return received(track, now);
  return along(state.restore, received(track, now - RESTORE_MS), now);
}

/** What the journals have to do with, as instants at which writes were made. */
interface Span {
  /** The master journal numbers writes up to here. */
  readonly taken: number;
  /** The S-VOLs shall have writes up to here. */
  readonly wanted: number;
}

/** Up to now; once all pairs that still run are to stop, up to where their orders say. */
export function spanOf({ state }: Track, now: number): Span {
  const running = state.pairs.filter(({ follows }) => follows);
  const orders = running.flatMap(({ order }) => order ?? []);
  if (orders.length === 0 || orders.length < running.length) return { taken: now, wanted: now };
  return {
    taken: Math.max(...orders.map(({ at }) => at)),
    wanted: Math.max(...orders.map(({ upTo }) => upTo)),
  };
}

export function pending(track: Track, now: number): Pending {
  const { taken, wanted } = spanOf(track, now);
  const there = Math.min(wanted, received(track, now));
  const done = Math.min(wanted, restored(track, now));
  return {
    master: recordsUpTo(track, taken) - recordsUpTo(track, there),
    restore: recordsUpTo(track, there) - recordsUpTo(track, done),
    masterPercent: percent(track, bytesBetween(track, there, taken)),
    restorePercent: percent(track, bytesBetween(track, done, there)),
  };
}

/** Whether the master journal can take no more. */
export const isFull = (track: Track, now: number): boolean =>
  bytesBetween(track, received(track, now), now) >= track.capacity;

/** Percent of the journal that writes since a position would fill. */
export const usageSince = (track: Track, at: number, now: number): number =>
  percent(track, bytesBetween(track, at, now));

const percent = ({ capacity }: Track, bytes: number): number =>
  Math.min(100, Math.floor((bytes * 100) / Math.max(1, capacity)));

/** Transfers leave in a slightly uneven beat and carry what was written one beat before. */
function arrivedLive({ state, field }: Track, now: number): number {
  const { transferMs } = field.pace;
  const { startedAt } = field.writers;
  const seed = seedOf(state.name);
  const leaves = (k: number) =>
    startedAt + k * transferMs + (mix(seed, k) % Math.ceil(transferMs / 2));
  const k = Math.floor((now - startedAt) / transferMs);
  return leaves(leaves(k) > now ? k - 1 : k) - transferMs;
}

/** Where a flow is at `now`, never beyond `limit`. */
function along({ at, from, speed }: Flow, limit: number, now: number): number {
  if (speed === null) return limit;
  return Math.min(limit, at + Math.floor(Math.max(0, now - from) * speed));
}

/** Turns both flows as paths and faults want it; positions stay where they are. */
export function retune(track: Track, direction: { from: string; to: string }, now: number): void {
  const { state, field } = track;
  const { up } = field.reach(direction.from, direction.to);
  const carried = state.type === 'UR' ? field.speed(direction.from, direction.to) : RESTORE_SPEED;
  const speed = state.held.transfer || !up ? 0 : carried;
  const wanted = { transfer: speed, restore: state.held.restore ? 0 : RESTORE_SPEED };
  const place = { transfer: received(track, now), restore: restored(track, now) };
  for (const name of ['transfer', 'restore'] as const) {
    const idle = state[name].speed === null && wanted[name] >= LIVELY;
    if (idle || state[name].speed === wanted[name]) continue;
    state[name] = { at: place[name], from: now, speed: wanted[name] };
  }
}

/** Restoring catches up this many times faster than hosts write. */
const RESTORE_SPEED = 8;
/** From this speed on a flow that has caught up stays so. */
const LIVELY = 1.1;

/** Flows that have caught up are live again; call at the end of settling. */
export function relax(track: Track, now: number): void {
  const { state } = track;
  if (caughtUp(state.transfer, state.type === 'UR' ? arrivedLive(track, now) : now, now)) {
    state.transfer = LIVE;
  }
  if (caughtUp(state.restore, received(track, now - RESTORE_MS), now)) state.restore = LIVE;
}

const caughtUp = (flow: Flow, goal: number, now: number): boolean =>
  flow.speed !== null && flow.speed >= LIVELY && along(flow, goal, now) >= goal;
