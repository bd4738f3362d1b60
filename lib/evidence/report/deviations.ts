/** Everything that did not go as planned, refusals included. Nothing here is an opinion. */
import type { JournalEvent } from '../../run/events.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { TextKey } from './texts.ts';

export interface Deviation {
  readonly at: string;
  readonly seq: number;
  readonly kind: TextKey;
  /** Step, call, verb or host it concerns. */
  readonly what: string;
  readonly detail: string;
  /** Person or part of the system. */
  readonly by: string;
}

/** More than this between two clocks is worth a line (ms). */
export const CLOCK_WARNING_MS = 1_000;

export function deviationsOf(events: readonly JournalEvent[], plan: Plan | undefined): Deviation[] {
  const started = new Set(
    events.flatMap((event) => (event.type === 'step.started' ? [event.data.step] : [])),
  );
  const ended = events.at(-1);
  const notRun = (plan?.steps ?? []).filter(({ id }) => !started.has(id));
  return [
    ...events.flatMap(fromEvent),
    ...notRun.map(({ id, title }) => ({
      at: ended?.ts ?? '',
      seq: ended?.seq ?? 0,
      kind: 'devNotRun' as const,
      what: id,
      detail: `${title.ko} / ${title.en}`,
      by: 'drillbook',
    })),
  ];
}

function fromEvent(event: JournalEvent): Deviation[] {
  return described(event).map((found) => ({
    at: event.ts,
    seq: event.seq,
    by: event.actor.id,
    ...found,
  }));
}

type Found = Pick<Deviation, 'kind' | 'what' | 'detail'>;

function described(event: JournalEvent): Found[] {
  switch (event.type) {
    case 'refused':
      return [
        { kind: 'devRefused', what: event.data.verb, detail: refusalText(event.data.refusal) },
      ];
    case 'step.failed':
      return [
        { kind: 'devFailed', what: event.data.step, detail: refusalText(event.data.refusal) },
      ];
    case 'run.paused':
      return [
        { kind: 'devPaused', what: event.data.step, detail: refusalText(event.data.refusal) },
      ];
    case 'operator.retry':
      return [{ kind: 'devRetry', what: event.data.step, detail: event.data.reason }];
    case 'operator.abort':
      return [{ kind: 'devAbort', what: '', detail: event.data.reason }];
    case 'approval.voided':
      return [{ kind: 'devVoided', what: '', detail: event.data.diff.join('; ') }];
    case 'approval.expired': {
      const detail = new Date(event.data.expiresAt).toISOString();
      return [{ kind: 'devExpired', what: '', detail }];
    }
    case 'approval.rejected':
      return [{ kind: 'devDenied', what: '', detail: event.data.reason }];
    case 'step.finished':
      return event.data.result === 'not-needed'
        ? [{ kind: 'devNotNeeded', what: event.data.step, detail: '' }]
        : [];
    case 'outcome':
      return outcome(event.data);
    case 'judged':
      return Object.entries(event.data.verdicts)
        .filter(([, verdict]) => verdict.state === 'preexisting')
        .map(([what, verdict]) => ({
          kind: 'devPreexisting' as const,
          what,
          detail: verdict.reason ?? '',
        }));
    case 'clock.checked':
      return Math.abs(event.data.offsetMs) > CLOCK_WARNING_MS
        ? [{ kind: 'devClock', what: event.data.host, detail: `${event.data.offsetMs} ms` }]
        : [];
    case 'run.ended':
      return event.data.residue.map((detail) => ({
        kind: 'devResidue' as const,
        what: '',
        detail,
      }));
    default:
      return [];
  }
}

function outcome(data: Extract<JournalEvent, { type: 'outcome' }>['data']): Found[] {
  if (data.state === 'answered' || data.state === 'not-needed') return [];
  const status = data.status === undefined ? '' : ` HTTP ${data.status}`;
  const why = data.refusal === undefined ? '' : ` ${refusalText(data.refusal)}`;
  return [{ kind: 'devCall', what: data.call, detail: `${data.state}${status}${why}` }];
}

const refusalText = (refusal: { code: string; what: string; why: string }): string =>
  `${refusal.code}: ${refusal.what} ${refusal.why}`.trim();
