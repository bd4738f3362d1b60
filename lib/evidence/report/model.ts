/** What the report says, before any words: a pure function of the pack without `report/`. */
import type { Plan } from '../../runbook/plan.ts';
import { type EventOf, eventsOf, type RunContent } from '../content.ts';
import type { HeadFile, ResultFile } from '../result.ts';
import { type Deviation, deviationsOf } from './deviations.ts';
import { type Duty, dutiesOf, type Participant, participantsOf } from './people.ts';
import { type ReplicationPhase, replicationOf } from './replication.ts';
import { type TimelineRow, timelineOf } from './timeline.ts';

export interface ReportInput {
  readonly content: RunContent;
  readonly head: HeadFile;
  readonly result: ResultFile;
  /** Public keys carried in the pack; the first is the evidence key. */
  readonly keys: readonly { readonly name: string; readonly fingerprint: string }[];
}

export interface EvidenceRow {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** UTC; the gateway's own time for a receipt, else the event's. */
  readonly capturedAt: string;
  readonly source: string;
}

/** A difference between two clocks, measured by us or read from answers. */
export interface ClockRow {
  readonly at: string;
  readonly host: string;
  readonly offsetMs: number;
}

export interface ReportModel extends ReportInput {
  readonly plan?: Plan;
  readonly timeline: readonly TimelineRow[];
  readonly participants: readonly Participant[];
  readonly duties: readonly Duty[];
  readonly deviations: readonly Deviation[];
  readonly manual: readonly EventOf<'manual.step'>[];
  readonly checks: readonly EventOf<'check.result'>[];
  readonly replication: readonly ReplicationPhase[];
  readonly clocks: readonly ClockRow[];
  readonly evidence: readonly EvidenceRow[];
}

export function reportModel(input: ReportInput): ReportModel {
  const { content } = input;
  const { events, plan } = content;
  return {
    ...input,
    ...(plan === undefined ? {} : { plan }),
    timeline: timelineOf(events, plan),
    participants: participantsOf(content),
    duties: dutiesOf(content),
    deviations: deviationsOf(content),
    manual: eventsOf(events, 'manual.step'),
    checks: eventsOf(events, 'check.result'),
    replication: replicationOf(events, plan),
    clocks: eventsOf(events, 'clock.checked').map(({ ts, data }) => ({ at: ts, ...data })),
    evidence: evidenceOf(content),
  };
}

function evidenceOf({ raw }: RunContent): EvidenceRow[] {
  return raw.map(({ path, event, evidence, receipts }) => {
    const received = receipts.map((receipt) => receipt.receivedAt);
    const sources = receipts.map(({ gateway, target }) => `${gateway} / ${target}`);
    return {
      path,
      sha256: evidence.sha256,
      bytes: evidence.bytes,
      capturedAt: received.length === 0 ? event.ts : new Date(Math.max(...received)).toISOString(),
      source: sources.length === 0 ? event.actor.id : [...new Set(sources)].join(', '),
    };
  });
}
