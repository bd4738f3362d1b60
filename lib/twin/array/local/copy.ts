/** What local copying does to data: cuts, overwrites and breaks of histories; and how long it takes. */
import { cut, type History, torn } from '../data/history.ts';
import { mix } from '../data/instants.ts';
import { historyOf, type Parts } from '../parts.ts';

export interface Volumes {
  readonly pvol: number;
  readonly svol: number;
}

/** The point in time of a copy: what the volume shows at `seen`, without what was written after `at`. */
interface Point {
  readonly at: number;
  /** Left out = `at` too. Later when writes of before `at` had to be waited for. */
  readonly seen?: number;
}

export function heldAt(parts: Parts, ldevId: number, { at, seen }: Point): History {
  return cut(historyOf(parts, ldevId, seen ?? at), at);
}

/** The S-VOL keeps what the P-VOL held at a point in time. */
export function freeze(parts: Parts, { pvol, svol }: Volumes, point: Point): void {
  parts.histories.set(svol, heldAt(parts, pvol, point));
}

/** Copying to a volume stops halfway: old and new blocks are mixed. */
export function breakOff(parts: Parts, ldevId: number, at: number): void {
  parts.histories.set(ldevId, torn(parts.histories.get(ldevId) ?? [], at));
}

/** The P-VOL is overwritten at an instant; hosts that write to it go on from there. */
export function overwrite(parts: Parts, pvol: number, by: { data: History; at: number }): void {
  const { data, at } = by;
  const open = (parts.histories.get(pvol) ?? []).filter(({ until }) => until === null);
  const goOn = open.map((stretch) => ({ ...stretch, since: at }));
  parts.histories.set(pvol, [...cut(data, at), ...goOn]);
}

/** Pairs differ in the time they take: between half and the whole of `ms`. */
export function spread(ms: number, ldevId: number): number {
  return Math.round(ms * (0.5 + (mix(ldevId, ms) % 500) / 1000));
}

/** An initial copy moves everything, a resync only differences; their ratio is our own choice. */
const FULL_COPY = 3;

/** How long a full copy of one volume takes where a resync takes `resyncMs`. */
export function fullCopy(resyncMs: number, ldevId: number): number {
  return spread(resyncMs * FULL_COPY, ldevId);
}

/** Between two pairs that are split one after the other (ms). */
export const ONE_BY_ONE_MS = 700;
