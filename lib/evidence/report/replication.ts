/** Replication as it was seen before, during and after the run changed anything. */
import type { JournalEvent } from '../../run/events.ts';
import type { Plan } from '../../runbook/plan.ts';
import { eventsOf } from '../content.ts';

export interface ReplicationSample {
  readonly at: string;
  readonly seq: number;
  readonly step: string;
  /** As recorded, e.g. `main PAIR`. */
  readonly states: readonly string[];
}

export interface ReplicationPhase {
  readonly phase: 'before' | 'during' | 'after';
  readonly samples: readonly ReplicationSample[];
}

/** `during` runs from the first intent to the last outcome of a call. */
export function replicationOf(
  events: readonly JournalEvent[],
  plan: Plan | undefined,
): ReplicationPhase[] {
  const first = eventsOf(events, 'intent')[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = eventsOf(events, 'outcome').at(-1)?.seq ?? Number.POSITIVE_INFINITY;
  const phaseOf = (seq: number) => (seq < first ? 'before' : seq <= last ? 'during' : 'after');
  const samples = events.flatMap((event) => sampleIn(event, plan));
  return (['before', 'during', 'after'] as const).map((phase) => ({
    phase,
    samples: samples.filter(({ seq }) => phaseOf(seq) === phase),
  }));
}

function sampleIn(event: JournalEvent, plan: Plan | undefined): ReplicationSample[] {
  const { ts: at, seq, type, data } = event;
  if (type === 'replication.sample') return [{ at, seq, ...data }];
  if (type !== 'judged') return [];
  // Steps that look at the pairs keep what they saw in their reading; the assertion as `states`.
  const uses = plan?.steps.find(({ id }) => id === data.step)?.uses;
  const field = uses === 'replication/assert' ? 'states' : 'replication';
  const readings = Object.values(data.verdicts).map(({ reading }) => textsIn(reading, field));
  const states = readings.find((texts) => texts.length > 0);
  return states === undefined ? [] : [{ at, seq, step: data.step, states }];
}

function textsIn(reading: unknown, field: string): string[] {
  if (typeof reading !== 'object' || reading === null) return [];
  const value: unknown = (reading as Record<string, unknown>)[field];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
