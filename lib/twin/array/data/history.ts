/**
 * What a volume holds, as stretches of time in which somebody wrote to it. Nothing is stored per
 * record: which records a stretch contains is read off its writer and the clock. Everything a copy
 * does to data is then one of two things: cut a history at an instant, or take over another's.
 */

/** Writes of one writer to one volume from `since` (exclusive) up to `until` (inclusive, ms). */
export interface Stretch {
  readonly writer: string;
  readonly since: number;
  /** null = the writer still writes. */
  readonly until: number | null;
  /** Which of the writer's volumes this data is, from 0; left out for single host writes. */
  readonly place?: number;
}

/** Oldest first. An empty history is a fresh volume. */
export type History = readonly Stretch[];

/** Writer of single writes by hosts, e.g. the guests of a drill. */
export const HOST = 'host';

/** Not a writer: copying broke off here and left old and new blocks mixed. */
export const TORN = 'torn';

/** The history as it was at an instant: what came later is cut off. */
export function cut(history: History, at: number): History {
  return history
    .filter(({ since }) => since < at)
    .map((stretch) => ({ ...stretch, until: Math.min(stretch.until ?? at, at) }));
}

/** The history of a volume in which a copy broke off at an instant. */
export function torn(history: History, at: number): History {
  return [...cut(history, at), { writer: TORN, since: at - 1, until: at }];
}

/** False when a copy broke off in the middle: no file system on it can be trusted. */
export const isWhole = (history: History): boolean =>
  history.every(({ writer }) => writer !== TORN);
