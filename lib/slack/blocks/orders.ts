/** What a run waits for, who holds it, what is wished, and what a person can do about it. */
import type { KnownBlock } from '@slack/web-api';
import type { Head } from '../../run/head.ts';
import { when } from '../format.ts';
import type { View } from '../names.ts';
import { type Language, markup, say, type TextKey } from '../texts.ts';
import { actions, button, remark } from './elements.ts';

/** Nothing once the run has ended. */
export function standingLines(head: Head, view: View): string[] {
  if (head.state === 'ended') return [];
  return [...waitingLines(head, view), ...heldLines(head, view), ...wishLines(head, view)];
}

function waitingLines({ waiting }: Head, { language }: View): string[] {
  if (waiting === undefined) return [];
  const what = say(language, whatKey(waiting), {
    who: waiting.who.join(', '),
    after: waiting.after[language],
  });
  const values = { what: markup(what), since: markup(when(waiting.since)) };
  if (waiting.for === 'nothing') return [say(language, 'waiting.line', values)];
  const after = waiting.after[language];
  if (waiting.until === undefined) return [say(language, 'waiting.open', { ...values, after })];
  const until = markup(when(waiting.until));
  return [say(language, 'waiting.until', { ...values, until, after })];
}

function whatKey({ for: kind, who }: NonNullable<Head['waiting']>): TextKey {
  if (who.length === 0 && kind === 'gateway') return 'waiting.gateway.any';
  if (who.length === 0 && kind === 'second-person') return 'waiting.second-person.any';
  return `waiting.${kind}`;
}

function heldLines({ held }: Head, { language, person }: View): string[] {
  if (held === undefined) return [];
  const at = markup(when(held.at));
  return [say(language, 'held.by', { person: person(held.person), at, reason: held.reason })];
}

function wishLines(head: Head, { language, person }: View): string[] {
  return (head.skips ?? []).map((wish) => {
    const step = head.steps.find(({ id }) => id === wish.step)?.title[language] ?? wish.step;
    const values = { step, person: person(wish.person), reason: wish.reason };
    return wish.second === undefined
      ? say(language, 'skip.wished', values)
      : say(language, 'skip.confirmed', { ...values, second: person(wish.second) });
  });
}

const waits = (head: Head) => head.skips?.find(({ second }) => second === undefined);

/** The legal orders with what each does, for a run that stands still. */
export function choiceLines(head: Head, language: Language): string[] {
  const choices = head.choices ?? [];
  if (head.state === 'ended' || choices.length === 0) return [];
  const step = head.pause?.step ?? stepUnderWay(head) ?? '…';
  const lines = choices.map((order) => {
    const about = order.endsWith('-skip') ? (waits(head)?.step ?? '') : step;
    return say(language, choiceKey(order, head), { run: head.run, step: about });
  });
  return [say(language, 'choice.title'), ...lines];
}

function choiceKey(order: string, head: Head): TextKey {
  if (order === 'retry' && head.pause?.refusal.code === 'RUN-LOST') return 'choice.retry.lost';
  const phase = head.steps.find(({ id }) => id === head.pause?.step)?.phase;
  if (order === 'abort' && phase === 'always') return 'choice.abort.again';
  if (order.endsWith('skip') && order !== 'decline-skip' && head.skipping !== undefined) {
    return order === 'skip' ? 'choice.skip.own' : 'choice.confirm-skip.own';
  }
  return `choice.${order}` as TextKey;
}

const stepUnderWay = ({ steps }: Head): string | undefined =>
  steps.find(({ state }) => state === 'running' || state === 'asking')?.id;

const STOPPABLE: readonly Head['state'][] = [
  'opening',
  'awaiting-approval',
  'running',
  'held',
  'paused',
  'undoing',
];

/** The dangerous one red and last; none once the run has ended. */
export function controls(head: Head, language: Language): KnownBlock[] {
  const value = { run: head.run };
  const wish = waits(head);
  const step = head.pause?.step ?? stepUnderWay(head);
  const plain = (name: Parameters<typeof button>[0], more = {}) =>
    button(name, { language, value: { ...value, ...more } });
  const paused = head.state === 'paused' && head.pause !== undefined;
  const buttons = [
    ...(paused ? [plain('retry', { step })] : []),
    ...(head.state === 'held' ? [plain('resume')] : []),
    ...(['running', 'undoing', 'cleaning-up'].includes(head.state) ? [plain('pause')] : []),
    ...(wish === undefined
      ? skipButton({ head, step, language })
      : [
          // What is signed with an own key is signed at a terminal.
          ...(head.skipping === undefined ? [plain('confirmSkip', { step: wish.step })] : []),
          plain('declineSkip', { step: wish.step }),
        ]),
    ...(STOPPABLE.includes(head.state) ? [abortButton(head, language)] : []),
  ];
  return buttons.length === 0 ? [] : [remark(language), actions(buttons)];
}

function skipButton(at: { head: Head; step: string | undefined; language: Language }) {
  const { head, step, language } = at;
  if (head.choices?.includes('skip') !== true || step === undefined) return [];
  if (head.skipping !== undefined) return [];
  const confirm = { title: 'confirm.skip.title', text: 'confirm.skip.text' } as const;
  return [button('skip', { language, value: { run: head.run, step }, confirm })];
}

const abortButton = ({ run }: Head, language: Language) =>
  button('abort', {
    language,
    value: { run },
    danger: true,
    confirm: { title: 'confirm.abort.title', text: 'confirm.abort.text' },
  });
