/** What nobody in a real data centre can see: which records a history contains, and which are lost. */
import type { Contents } from '../../seams.ts';
import { type History, HOST, TORN } from './history.ts';
import type { Writers } from './writers.ts';

/** The oracle's word on a volume, at `now` (ms) for stretches that are still open. */
export function contentsOf(history: History, writers: Writers, now: number): Contents {
  const load = history.findLast(({ writer }) => writer !== HOST && writer !== TORN);
  const drillWrites = history.filter(({ writer }) => writer === HOST).length;
  if (load === undefined) return { record: 0, heartbeat: 0, drillWrites };
  const upTo = writers.recordAt(load.writer, load.until ?? now);
  return {
    record: writers.lastRecordOn(load.writer, load.place ?? 0, upTo),
    heartbeat: writers.heartbeatAt(load.writer, upTo),
    drillWrites,
  };
}

/** False when a copy broke off in the middle: no file system on it can be trusted. */
export const isWhole = (history: History): boolean =>
  history.every(({ writer }) => writer !== TORN);

/** How far a history contains a writer's records: the number of the last of them. */
function heldOf(writer: string, history: History, { writers, now }: At): number {
  const last = history.findLast((stretch) => stretch.writer === writer);
  return last === undefined ? 0 : writers.recordAt(writer, last.until ?? now);
}

interface At {
  readonly writers: Writers;
  readonly now: number;
}

/**
 * How many acknowledged records of a writer are on none of the surviving volumes together: a record
 * counts as kept only when every survivor has been written up to it, because each of them holds a
 * part of the records. A survivor with torn data keeps nothing.
 */
export function lostRecords(writer: string, survivors: readonly History[], at: At): number {
  const written = at.writers.recordAt(writer, at.now);
  const kept = survivors.map((history) => (isWhole(history) ? heldOf(writer, history, at) : 0));
  return written - Math.min(written, ...(kept.length === 0 ? [0] : kept));
}
