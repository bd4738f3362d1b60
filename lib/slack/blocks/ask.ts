/** A person is needed: what to do, who may, until when, and the buttons to answer with. */
import type { Head } from '../../run/head.ts';
import type { Plan } from '../../runbook/plan.ts';
import { when } from '../format.ts';
import type { ChannelView } from '../names.ts';
import { markup, say } from '../texts.ts';
import { actions, button, context, type Message, message, remark, section } from './elements.ts';
import { contextLine, firstLine } from './run.ts';

export type Ask = Head['asks'][number];

interface Asking {
  readonly head: Head;
  readonly plan: Plan | undefined;
  readonly ask: Ask;
}

/** Pure. One button per part that is still open. */
export function askMessage({ head, plan, ask }: Asking, view: ChannelView): Message {
  const { language } = view;
  const { proof } = ask;
  const first = firstLine(head, plan, view);
  const title = say(language, 'ask.title', { title: titleOf(head, ask.step, view) });
  const who = say(language, 'ask.role', { role: ask.role, mentions: view.mentions(ask.role) });
  const until = say(language, 'ask.deadline', { deadline: markup(when(ask.deadline)) });
  const buttons = ask.parts.map((part) =>
    button(part, {
      language,
      value: {
        run: head.run,
        step: ask.step,
        part,
        ...(proof === undefined ? {} : { proof: true }),
      },
    }),
  );
  return message(`${first}. ${title}`, [
    section(`*${first}*\n${title}`),
    section(say(language, 'ask.instruction', { instruction: ask.instruction[language] })),
    ...(proof === undefined
      ? []
      : [section(say(language, 'ask.proof', { proof: proof[language] }))]),
    section(`${who}\n${until}`),
    context(contextLine(head, view)),
    ...(buttons.length === 0 ? [] : [remark(language), actions(buttons)]),
  ]);
}

/** What is left of the question once it is answered: no dead buttons. */
export function askClosed(
  {
    head,
    plan,
    step,
  }: { readonly head: Head; readonly plan: Plan | undefined; readonly step: string },
  view: ChannelView,
): Message {
  const first = firstLine(head, plan, view);
  const what = say(view.language, 'ask.closed', { title: titleOf(head, step, view) });
  return message(`${first}. ${what}`, [
    section(`*${first}*\n${what}`),
    context(contextLine(head, view)),
  ]);
}

function titleOf(head: Head, step: string, { language }: ChannelView): string {
  return head.steps.find((one) => one.id === step)?.title[language] ?? step;
}
