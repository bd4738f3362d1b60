/** Planned against actual, step by step, with the time people waited in between. */
import type { JournalEvent } from '../../run/events.ts';
import type { Plan, PlanStep, Text } from '../../runbook/plan.ts';
import { eventsOf } from '../content.ts';

export interface TimelineRow {
  readonly kind: 'step' | 'approval' | 'pause';
  /** Step id, or the kind of the wait. */
  readonly id: string;
  readonly title?: Text;
  readonly manual: boolean;
  readonly phase?: PlanStep['phase'];
  /** Longest time the plan allows (ms). */
  readonly limitMs?: number;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly attempts: number;
  readonly result:
    | 'done'
    | 'not-needed'
    | 'skipped'
    | 'deviated'
    | 'failed'
    | 'not-run'
    | 'unfinished'
    | 'granted'
    | 'rejected'
    | 'expired'
    | 'voided'
    | 'retried'
    | 'aborted';
}

/** In the order things began; steps that never began stand last, in the order of the plan. */
export function timelineOf(events: readonly JournalEvent[], plan: Plan | undefined): TimelineRow[] {
  const rows = [
    ...approvalWaits(events),
    ...pauses(events),
    ...(plan?.steps ?? []).map((step) => stepRow(events, step)),
  ];
  const begin = (row: TimelineRow) => row.startedAt ?? '9999';
  return rows.sort((a, b) => (begin(a) < begin(b) ? -1 : begin(a) > begin(b) ? 1 : 0));
}

function stepRow(events: readonly JournalEvent[], step: PlanStep): TimelineRow {
  const starts = eventsOf(events, 'step.started').filter(({ data }) => data.step === step.id);
  const ends = [...eventsOf(events, 'step.finished'), ...eventsOf(events, 'step.failed')]
    .filter(({ data }) => data.step === step.id)
    .sort((a, b) => a.seq - b.seq);
  const started = starts[0];
  // A later attempt that never ended is not covered by the end of the one before.
  const ended = ends.filter(({ seq }) => seq > (starts.at(-1)?.seq ?? 0)).at(-1);
  return {
    kind: 'step',
    id: step.id,
    title: step.title,
    manual: step.uses.startsWith('people/'),
    phase: step.phase,
    limitMs: step.withinMs,
    attempts: starts.length,
    ...(started === undefined ? {} : { startedAt: started.ts }),
    ...(ended === undefined ? {} : { endedAt: ended.ts }),
    result: stepResult(started, ended),
  };
}

function stepResult(
  started: JournalEvent | undefined,
  ended: JournalEvent | undefined,
): TimelineRow['result'] {
  if (ended?.type === 'step.finished') return ended.data.result;
  if (ended?.type === 'step.failed') return 'failed';
  return started === undefined ? 'not-run' : 'unfinished';
}

const approvalEnds = {
  'approval.complete': 'granted',
  'approval.rejected': 'rejected',
  'approval.expired': 'expired',
  'approval.voided': 'voided',
  'operator.abort': 'aborted',
  'run.ended': 'unfinished',
} as const;

function approvalWaits(events: readonly JournalEvent[]): TimelineRow[] {
  return eventsOf(events, 'approval.requested').map((asked) => {
    const ended = events.find(({ seq, type }) => seq > asked.seq && type in approvalEnds);
    const result = approvalEnds[ended?.type as keyof typeof approvalEnds] ?? 'unfinished';
    return wait('approval', {
      asked,
      ended,
      result,
      limitMs: asked.data.expiresAt - Date.parse(asked.ts),
    });
  });
}

const pauseEnds = {
  'operator.retry': 'retried',
  'operator.abort': 'aborted',
  'run.ended': 'unfinished',
} as const;

function pauses(events: readonly JournalEvent[]): TimelineRow[] {
  return eventsOf(events, 'run.paused').map((asked) => {
    const ended = events.find(({ seq, type }) => seq > asked.seq && type in pauseEnds);
    const result = pauseEnds[ended?.type as keyof typeof pauseEnds] ?? 'unfinished';
    return { ...wait('pause', { asked, ended, result }), id: asked.data.step };
  });
}

function wait(
  kind: 'approval' | 'pause',
  of: {
    asked: JournalEvent;
    ended: JournalEvent | undefined;
    result: TimelineRow['result'];
    limitMs?: number;
  },
): TimelineRow {
  return {
    kind,
    id: kind,
    manual: true,
    attempts: 1,
    startedAt: of.asked.ts,
    result: of.result,
    ...(of.limitMs === undefined ? {} : { limitMs: of.limitMs }),
    ...(of.ended === undefined ? {} : { endedAt: of.ended.ts }),
  };
}
