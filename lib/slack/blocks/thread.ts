/** The thread of a run: the log a person would read aloud, one line per event worth telling. */
import type { EventType, JournalEvent } from '../../run/events.ts';
import type { Plan } from '../../runbook/plan.ts';
import { duration, shortHash, when } from '../format.ts';
import type { ChannelView } from '../names.ts';
import { refusalIn } from '../texts/codes.ts';
import { markup, say, type TextKey, type Values, verbIn } from '../texts.ts';

type Told = readonly [key: TextKey, values: Values];
type EventOf<T extends EventType> = Extract<JournalEvent, { type: T }>;

interface Telling {
  readonly view: ChannelView;
  step(id: string): string;
}

type Tellers = { readonly [T in EventType]?: (event: EventOf<T>, to: Telling) => Told | undefined };

/** What is missing here is machinery: intents, readings, polling, samples. */
const tellers: Tellers = {
  'run.opened': ({ data }, { view }) => [
    'thread.run.opened',
    { person: view.person(data.requester), runbook: data.runbook, service: data.service },
  ],
  lock: ({ data }) => [
    `thread.lock.${data.state === 'taken' && data.from !== undefined ? 'passed' : data.state}`,
    { unit: data.unit, from: data.from ?? '' },
  ],
  'run.pre-empted': ({ data }) => ['thread.run.pre-empted', { unit: data.unit, by: data.by }],
  'plan.resolved': ({ data }) => [
    'thread.plan.resolved',
    { hash: shortHash(data.planHash), calls: data.calls },
  ],
  'plan.registered': ({ data }, { view }) => [
    'thread.plan.registered',
    { hash: shortHash(data.planHash), site: view.site(data.site) },
  ],
  'facts.checked': ({ data }) => [`thread.facts.${data.verdict}`, { diff: listed(data.diff) }],
  'approval.requested': ({ data }) => [
    'thread.approval.requested',
    { people: data.people, role: data.role },
  ],
  'approval.granted': ({ data }, { view }) => [
    'thread.approval.granted',
    { person: view.person(data.person) },
  ],
  'approval.rejected': ({ data }, { view }) => [
    'thread.approval.rejected',
    { person: view.person(data.person), reason: data.reason },
  ],
  'approval.expired': () => ['thread.approval.expired', {}],
  'approval.voided': ({ data }) => ['thread.approval.voided', { diff: listed(data.diff) }],
  'approval.complete': () => ['thread.approval.complete', {}],
  'approval.delivered': ({ data }, { view }) => [
    'thread.approval.delivered',
    { site: view.site(data.site) },
  ],
  refused: ({ data }, { view }) => [
    'thread.refused',
    {
      ...refusalIn(view.language, data.refusal),
      person: view.person(data.person),
      verb: verbIn(view.language, data.verb),
    },
  ],
  'step.started': ({ data }, { step }) => [
    data.attempt > 1 ? 'thread.step.again' : 'thread.step.started',
    { step: step(data.step), attempt: data.attempt },
  ],
  'step.finished': ({ data }, { step }) => [
    `thread.step.${data.result}`,
    { step: step(data.step), took: duration(data.durationMs) },
  ],
  'step.failed': ({ data }, { view, step }) => [
    'thread.step.failed',
    {
      ...refusalIn(view.language, data.refusal),
      step: step(data.step),
      took: duration(data.durationMs),
    },
  ],
  outcome: ({ data }, { view }) => {
    if (data.state === 'lost') return ['thread.outcome.lost', { call: data.call }];
    if (data.state !== 'refused') return undefined;
    const refusal = data.refusal && refusalIn(view.language, data.refusal);
    const what = refusal?.what ?? '';
    const code = refusal?.code ?? data.status ?? '';
    return ['thread.outcome.refused', { call: data.call, what, code }];
  },
  'manual.step': ({ data }, { view, step }) => [
    `thread.manual.${data.part}`,
    { person: view.person(data.person), step: step(data.step), text: data.text },
  ],
  'service.confirmed': ({ data }, { view, step }) => [
    'thread.service.confirmed',
    { person: view.person(data.person), step: step(data.step), text: data.text },
  ],
  'disaster.declared': ({ data }, { view }) => [
    'thread.disaster.declared',
    {
      person: view.person(data.person),
      occurred: markup(when(data.occurredAt)),
      text: data.text,
    },
  ],
  'check.result': ({ data }) => [
    `thread.check.${data.verdict}`,
    { check: data.check, expected: data.expected, actual: data.actual },
  ],
  'run.paused': ({ data }, { view, step }) => [
    'thread.run.paused',
    { ...refusalIn(view.language, data.refusal), step: step(data.step) },
  ],
  'operator.retry': ({ data }, { view, step }) => [
    'thread.operator.retry',
    { person: view.person(data.person), step: step(data.step), reason: data.reason },
  ],
  'approval.withdrawn': ({ data }, { view }) => [
    'thread.approval.withdrawn',
    { person: view.person(data.person), reason: data.reason },
  ],
  'operator.pause': ({ data }, { view }) => [
    'thread.operator.pause',
    { person: view.person(data.person), reason: data.reason },
  ],
  'operator.resume': ({ data }, { view }) => [
    'thread.operator.resume',
    { person: view.person(data.person), reason: data.reason },
  ],
  'operator.skip': ({ data }, { view, step }) => [
    'thread.operator.skip',
    { person: view.person(data.person), step: step(data.step), reason: data.reason },
  ],
  'skip.confirmed': ({ data }, { view, step }) => [
    'thread.skip.confirmed',
    { person: view.person(data.person), step: step(data.step) },
  ],
  'skip.declined': ({ data }, { view, step }) => [
    'thread.skip.declined',
    { person: view.person(data.person), step: step(data.step), reason: data.reason },
  ],
  'skip.delivered': ({ data }, { view, step }) => [
    'thread.skip.delivered',
    { step: step(data.step), site: view.site(data.site) },
  ],
  'undo.started': ({ data }) => ['thread.undo.started', { reason: data.reason }],
  'operator.abort': ({ data }, { view }) => [
    data.mode === 'undo' ? 'thread.operator.abort.undo' : 'thread.operator.abort',
    { person: view.person(data.person), reason: data.reason },
  ],
  note: ({ data }, { view }) => [
    'thread.note',
    { person: view.person(data.person), text: data.text },
  ],
  'run.ended': ({ data }, { view }) => [
    'thread.run.ended',
    { result: say(view.language, `result.${data.result}`) },
  ],
};

/** Changed facts, each on a line of its own. */
const listed = (lines: readonly string[]): string => lines.map((line) => `\n• ${line}`).join('');

/** The line for an event, or undefined for one that people need not read. */
export function threadLine(
  event: JournalEvent,
  plan: Plan | undefined,
  view: ChannelView,
): string | undefined {
  const step = (id: string) => plan?.steps.find((one) => one.id === id)?.title[view.language] ?? id;
  const told = tell(event, { view, step });
  if (told === undefined) return undefined;
  const [key, values] = told;
  return say(view.language, key, { ...values, at: markup(when(Date.parse(event.ts))) });
}

function tell(event: JournalEvent, to: Telling): Told | undefined {
  const teller = tellers[event.type] as (event: JournalEvent, to: Telling) => Told | undefined;
  return teller?.(event, to);
}
