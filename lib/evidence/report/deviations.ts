/** Everything that did not go as planned, refusals included. Nothing here is an opinion. */
import type { EventData, EventType, JournalEvent } from '../../run/events.ts';
import type { Fork } from '../branches.ts';
import type { RunContent } from '../content.ts';
import { isOffline } from '../numbers.ts';
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

export function deviationsOf({
  events,
  plan,
  forks,
  opening,
}: Pick<RunContent, 'events' | 'plan' | 'forks' | 'opening'>): Deviation[] {
  const started = new Set(
    events.flatMap((event) => (event.type === 'step.started' ? [event.data.step] : [])),
  );
  const ended = events.at(-1);
  const notRun = (plan?.steps ?? []).filter(({ id }) => !started.has(id));
  return [
    ...(isOffline(opening.drill) && events[0] !== undefined
      ? [{ ...placeOf(events[0]), kind: 'devOffline' as const, what: opening.drill, detail: '' }]
      : []),
    ...events.flatMap(fromEvent),
    ...forks.map(forked),
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

/** What the plane that had lost the run still wrote: told, never mixed with what counts. */
function forked({ plane, after, events }: Fork): Deviation {
  const types = [...new Set(events.map(({ type }) => type))].join(', ');
  return {
    ...placeOf(events[0]),
    by: plane,
    kind: 'devFork',
    what: plane,
    detail: `fork-${plane}.jsonl: ${events.length} lines after event ${after}: ${types}`,
  };
}

const placeOf = (event: JournalEvent | undefined) => ({
  at: event?.ts ?? '',
  seq: event?.seq ?? 0,
  by: event?.actor.id ?? '',
});

function fromEvent(event: JournalEvent): Deviation[] {
  return described(event).map((found) => ({
    at: event.ts,
    seq: event.seq,
    by: event.actor.id,
    ...found,
  }));
}

type Found = Pick<Deviation, 'kind' | 'what' | 'detail'>;

type Finders = { readonly [T in EventType]?: (data: EventData<T>) => Found[] };

const one = (kind: TextKey, what: string, detail: string): Found[] => [{ kind, what, detail }];

/** What is missing here went as planned. */
const finders: Finders = {
  refused: ({ verb, refusal }) => one('devRefused', verb, refusalText(refusal)),
  'step.failed': ({ step, refusal }) => one('devFailed', step, refusalText(refusal)),
  'run.paused': ({ step, refusal }) => one('devPaused', step, refusalText(refusal)),
  'run.pre-empted': ({ unit, epoch, by }) => one('devPreempted', unit, `epoch ${epoch}, run ${by}`),
  'plane.continued': ({ site, reason }) => one('devContinued', site, reason),
  'wave.turn': ({ after, result }) =>
    result === 'passed' ? [] : one('devTurn', after, String(result)),
  'operator.pause': ({ reason }) => one('devHeld', '', reason),
  'operator.resume': ({ reason }) => one('devResumed', '', reason),
  'operator.retry': ({ step, reason }) => one('devRetry', step, reason),
  'operator.abort': ({ reason }) => one('devAbort', '', reason),
  'undo.started': ({ step, reason }) => one('devUndo', step ?? '', reason),
  'approval.withdrawn': ({ reason }) => one('devWithdrawn', '', reason),
  'approval.voided': ({ diff }) => one('devVoided', '', diff.join('; ')),
  'approval.expired': ({ expiresAt }) => one('devExpired', '', new Date(expiresAt).toISOString()),
  'approval.rejected': ({ reason }) => one('devDenied', '', reason),
  'step.finished': finished,
  outcome,
  judged: ({ verdicts }) =>
    Object.entries(verdicts)
      .filter(([, verdict]) => verdict.state === 'preexisting')
      .flatMap(([what, verdict]) => one('devPreexisting', what, verdict.reason ?? '')),
  'clock.checked': ({ host, offsetMs }) =>
    Math.abs(offsetMs) > CLOCK_WARNING_MS ? one('devClock', host, `${offsetMs} ms`) : [],
  'run.ended': ({ residue }) => residue.flatMap((detail) => one('devResidue', '', detail)),
};

function described({ type, data }: JournalEvent): Found[] {
  const found = finders[type] as ((data: unknown) => Found[]) | undefined;
  return found?.(data) ?? [];
}

const finishes = {
  done: undefined,
  'not-needed': 'devNotNeeded',
  skipped: 'devSkipped',
  deviated: 'devDeviated',
} as const;

function finished({ step, result, reason }: EventData<'step.finished'>): Found[] {
  const kind = finishes[result];
  return kind === undefined ? [] : [{ kind, what: step, detail: reason ?? '' }];
}

function outcome(data: Extract<JournalEvent, { type: 'outcome' }>['data']): Found[] {
  if (data.state === 'answered' || data.state === 'not-needed') return [];
  const status = data.status === undefined ? '' : ` HTTP ${data.status}`;
  const why = data.refusal === undefined ? '' : ` ${refusalText(data.refusal)}`;
  return [{ kind: 'devCall', what: data.call, detail: `${data.state}${status}${why}` }];
}

const refusalText = (refusal: { code: string; what: string; why: string }): string =>
  `${refusal.code}: ${refusal.what} ${refusal.why}`.trim();
