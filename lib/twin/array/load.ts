/**
 * The write load of main, as a pure function of time: which record was written when, and to which
 * volume. Nothing is stored per record, so a jump of hours costs no more than a second.
 */

export interface Load {
  readonly seed: number;
  /** When record 0 would have been written (ms). */
  readonly startedAt: number;
  /** Records per second; the last of each second is the heartbeat. */
  readonly perSecond: number;
  /** How many volumes the ordinary records spread over. */
  readonly volumes: number;
}

/** Number of the last record written at or before an instant. */
export function recordAt(load: Load, at: number): number {
  return Math.max(0, Math.floor(((at - load.startedAt) * load.perSecond) / 1000));
}

/** Number of the last heartbeat among the records up to `record`. */
export function heartbeatAt(load: Load, record: number): number {
  return Math.floor(record / load.perSecond);
}

/**
 * The last record that a volume holds when all records up to `upTo` have been applied. A heartbeat
 * goes to every volume, so the walk backwards ends within one second of records.
 */
export function lastRecordOn(load: Load, volume: number, upTo: number): number {
  for (let record = upTo; record > 0; record--) {
    if (record % load.perSecond === 0) return record;
    if (mix(load.seed, record) % load.volumes === volume) return record;
  }
  return 0;
}

/** First instant in [from, to] at which a condition that never turns back holds, else `to`. */
export function firstInstant(holds: (at: number) => boolean, from: number, to: number): number {
  let [before, after] = [from - 1, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** A well spread 32-bit number from a seed and a counter: jitter that replays. */
export function mix(seed: number, n: number): number {
  let x = (seed ^ Math.imul(n | 0, 0x9e3779b1)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}
