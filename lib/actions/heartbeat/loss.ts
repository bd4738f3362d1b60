/**
 * How much a disaster took, as an interval that is certain: pure. A recovery point is the instant up
 * to which the side that goes on has everything; the loss is the time from there to when main ended.
 * All times in ms.
 */
import { markerReached } from '../../vsp/pairs.ts';

export interface Between {
  readonly from: number;
  readonly to: number;
}

/** True is something from `lossMs - errorMs` to `lossMs + errorMs`. */
export interface Loss {
  readonly lossMs: number;
  readonly errorMs: number;
}

/** Main's marker at an instant. */
export interface Sample {
  readonly at: number;
  /** Hexadecimal. */
  readonly marker: string;
}

/** One heartbeat a second: what came after the last one that is there is less than this. */
export const BEAT_MS = 1_000;

/** Both are only known to lie in an interval. */
export function lossBetween(point: Between, ended: Between): Loss {
  const least = Math.max(0, ended.from - point.to);
  const most = Math.max(least, ended.to - point.from);
  const lossMs = Math.round((least + most) / 2);
  return { lossMs, errorMs: Math.max(lossMs - least, most - lossMs) };
}

/** `found`: when the last heartbeat that is there was written, by the clock of main's host. */
export const lossByBeat = (found: number, ended: Between): Loss =>
  lossBetween({ from: found, to: Math.min(found + BEAT_MS, Math.max(found, ended.to)) }, ended);

/**
 * `restored`: the last marker that arrived. undefined when no sample is as old as that: then nothing
 * is known of when it was written.
 */
export function lossByMarkers(
  samples: readonly Sample[],
  restored: string,
  ended: Between,
): Loss | undefined {
  const known = sinceReset(samples);
  const arrived = known.findLast(({ marker }) => markerReached(restored, marker));
  if (arrived === undefined) return undefined;
  const missing = known.find(({ marker }) => !markerReached(restored, marker));
  const to = Math.max(arrived.at, missing?.at ?? ended.to);
  return lossBetween({ from: arrived.at, to }, ended);
}

/** In order of time. A marker that went back was set anew: what was seen before says nothing. */
function sinceReset(samples: readonly Sample[]): readonly Sample[] {
  const sorted = [...samples].sort((a, b) => a.at - b.at);
  const reset = sorted.findLastIndex(({ marker }, i) => {
    const before = sorted[i - 1];
    return before !== undefined && !markerReached(marker, before.marker);
  });
  return sorted.slice(Math.max(0, reset));
}
