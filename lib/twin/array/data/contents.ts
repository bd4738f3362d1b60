/** What nobody in a real data centre can see: which records a history contains, and which are lost. */
import type { Beat, Beats, Contents } from '../../seams.ts';
import { type History, HOST, TORN } from './history.ts';
import { acknowledged, countOf, keptBy, lastBeat, spansOf, without } from './spans.ts';
import type { Writers } from './writers.ts';

interface At {
  readonly writers: Writers;
  /** ms; where stretches that are still open are cut. */
  readonly now: number;
}

/**
 * The oracle's word on a volume, at `now` (ms) for stretches that are still open. Records are counted
 * through all hosts that wrote one after another, as the application on them would number its own.
 */
export function contentsOf(history: History, writers: Writers, now: number): Contents {
  const drillWrites = history.filter(({ writer }) => writer === HOST).length;
  return { ...depthOf(history, { writers, now }), drillWrites };
}

/** The last heartbeat on a volume, and the last that its present host did not write itself. */
export function beatsOf(history: History, writers: Writers, now: number): Beats {
  const beat = (of: History): Beat | undefined => {
    const at = lastBeat(spansOf(of, { writers, now }), writers);
    return at === null ? undefined : { heartbeat: depthOf(of, { writers, now }).heartbeat, at };
  };
  const last = beat(history);
  const found = beat(history.filter(({ until }) => until !== null));
  return { ...(last === undefined ? {} : { last }), ...(found === undefined ? {} : { found }) };
}

interface Limits {
  /** As which of its writers' volumes the history is read; left out = as what it is. */
  readonly place?: number;
  /** How many records of it are applied. */
  readonly most?: number;
}

/** The last record and heartbeat that a volume shows. */
export function depthOf(history: History, { writers, now }: At, limits: Limits = {}) {
  let [depth, record, heartbeat] = [0, 0, 0];
  for (const { writer, since, until, ...stretch } of history) {
    if (writer === HOST || writer === TORN) continue;
    const after = writers.recordAt(writer, since);
    const most = (limits.most ?? Number.POSITIVE_INFINITY) - depth;
    const upTo = Math.min(writers.recordAt(writer, until ?? now), after + most);
    const last = writers.lastRecordOn(writer, limits.place ?? stretch.place ?? 0, upTo);
    if (last > after) record = depth + last - after;
    heartbeat += writers.heartbeatAt(writer, upTo) - writers.heartbeatAt(writer, after);
    depth += upTo - after;
  }
  return { record, heartbeat };
}

/** How many acknowledged records of a writer are on none of the surviving volumes together. */
export function lostRecords(writer: string, survivors: readonly History[], at: At): number {
  return countOf(without(acknowledged([writer], at), keptBy(survivors, at)));
}
