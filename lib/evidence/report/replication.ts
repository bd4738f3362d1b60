/** Replication as it was seen before, during and after the run changed anything. */
import type { JournalEvent } from '../../run/events.ts';
import { eventsOf } from '../content.ts';

export interface ReplicationPhase {
  readonly phase: 'before' | 'during' | 'after';
  readonly samples: readonly {
    readonly at: string;
    readonly seq: number;
    readonly step: string;
    readonly states: readonly string[];
  }[];
}

/** `during` runs from the first intent to the last outcome of a call. */
export function replicationOf(events: readonly JournalEvent[]): ReplicationPhase[] {
  const first = eventsOf(events, 'intent')[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = eventsOf(events, 'outcome').at(-1)?.seq ?? Number.POSITIVE_INFINITY;
  const phaseOf = (seq: number) => (seq < first ? 'before' : seq <= last ? 'during' : 'after');
  const samples = eventsOf(events, 'replication.sample').map(({ ts, seq, data }) => ({
    at: ts,
    seq,
    ...data,
  }));
  return (['before', 'during', 'after'] as const).map((phase) => ({
    phase,
    samples: samples.filter(({ seq }) => phaseOf(seq) === phase),
  }));
}
