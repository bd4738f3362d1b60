/** The one message of a run that is kept up to date from the request to the end. */
import type { KnownBlock } from '@slack/web-api';
import type { Head } from '../../run/head.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { ChannelView } from '../names.ts';
import {
  actions,
  button,
  context,
  type Message,
  message,
  remark,
  section,
  sections,
} from './elements.ts';
import { endedLines } from './ended.ts';
import { contextLine, firstLine, pauseLines, stateLine, stepLines } from './run.ts';

const STEP_BLOCKS = 6;

/** Pure: the same head and plan give the same message. */
export function rootMessage(
  { head, plan }: { readonly head: Head; readonly plan?: Plan | undefined },
  view: ChannelView,
): Message {
  const first = firstLine(head, plan, view);
  const state = stateLine(head, view);
  const { language } = view;
  const limit = { blocks: STEP_BLOCKS, language };
  return message(`${first}. ${state}`, [
    section(`*${first}*`),
    section(state),
    ...sections(pauseLines(head, view), limit),
    ...(head.result === undefined ? [] : sections(endedLines({ head, plan }, view), limit)),
    ...sections(stepLines(head.steps, view), limit),
    context(contextLine(head, view)),
    ...controls(head, view),
  ]);
}

/** At most two buttons, the dangerous one red and last; none once the run has ended. */
function controls(head: Head, { language }: ChannelView): KnownBlock[] {
  const value = { run: head.run };
  const abort = button('abort', {
    language,
    value,
    danger: true,
    confirm: { title: 'confirm.abort.title', text: 'confirm.abort.text' },
  });
  if (head.state === 'paused') {
    const step = head.pause === undefined ? {} : { step: head.pause.step };
    const retry = button('retry', { language, value: { ...value, ...step } });
    return [remark(language), actions([retry, abort])];
  }
  const canStop = ['opening', 'awaiting-approval', 'running'].includes(head.state);
  return canStop ? [remark(language), actions([abort])] : [];
}
