/**
 * Records as spans of their numbers: which of them a history contains, and the small set arithmetic
 * by which two sides are compared. A thousand records of one second are one span.
 */
import { type History, HOST, isWhole, TORN } from './history.ts';
import type { Writers } from './writers.ts';

/** Records of one writer with numbers above `after`, up to and with `upTo`. */
export interface Span {
  readonly writer: string;
  readonly after: number;
  readonly upTo: number;
}

interface At {
  readonly writers: Writers;
  /** ms; where stretches that are still open are cut. */
  readonly now: number;
}

/** What the hosts of a history wrote; single writes and torn places are no records. */
export function spansOf(history: History, { writers, now }: At): Span[] {
  const stretches = history.filter(({ writer }) => writer !== HOST && writer !== TORN);
  return union(
    stretches.map(({ writer, since, until }) => ({
      writer,
      after: writers.recordAt(writer, since),
      upTo: writers.recordAt(writer, until ?? now),
    })),
  );
}

/**
 * What several volumes contain together. Each holds a part of the records only, so one counts when
 * all of them were written up to it; a volume with torn data leaves nothing.
 */
export function keptBy(volumes: readonly History[], at: At): Span[] {
  const [first, ...others] = volumes.map((one) => (isWhole(one) ? spansOf(one, at) : []));
  return others.reduce((kept, spans) => intersection(kept, spans), first ?? []);
}

/** Everything that was ever acknowledged to these writers. */
export const acknowledged = (names: readonly string[], { writers, now }: At): Span[] =>
  union(names.map((writer) => ({ writer, after: 0, upTo: writers.recordAt(writer, now) })));

/** Sorted, without gaps of nothing and without overlaps. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans
    .filter(({ after, upTo }) => upTo > after)
    .sort((a, b) => (a.writer === b.writer ? a.after - b.after : a.writer < b.writer ? -1 : 1));
  const whole: Span[] = [];
  for (const span of sorted) {
    const last = whole.at(-1);
    if (last?.writer === span.writer && span.after <= last.upTo) {
      whole[whole.length - 1] = { ...last, upTo: Math.max(last.upTo, span.upTo) };
    } else {
      whole.push(span);
    }
  }
  return whole;
}

export function intersection(some: readonly Span[], others: readonly Span[]): Span[] {
  return union(
    some.flatMap(({ writer, after, upTo }) =>
      others
        .filter((other) => other.writer === writer)
        .map((other) => ({
          writer,
          after: Math.max(after, other.after),
          upTo: Math.min(upTo, other.upTo),
        })),
    ),
  );
}

/** What is in `some` and in none of `others`. */
export function without(some: readonly Span[], others: readonly Span[]): Span[] {
  return others.reduce((left, gone) => left.flatMap((span) => cutOut(span, gone)), union(some));
}

function cutOut(span: Span, gone: Span): Span[] {
  if (span.writer !== gone.writer) return [span];
  return [
    { ...span, upTo: Math.min(span.upTo, gone.after) },
    { ...span, after: Math.max(span.after, gone.upTo) },
  ].filter(({ after, upTo }) => upTo > after);
}

export const countOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { after, upTo }) => sum + upTo - after, 0);

/** When the last heartbeat among these records was written (ms); null = there is none. */
export function lastBeat(spans: readonly Span[], writers: Writers): number | null {
  const beats = spans.flatMap(({ writer, after, upTo }) => {
    const record = writers.heartbeatAt(writer, upTo) * writers.perSecond(writer);
    return record > after ? (writers.instantOf(writer, record) ?? []) : [];
  });
  return beats.length === 0 ? null : Math.max(...beats);
}
