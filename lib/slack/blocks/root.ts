/** The one message of a run that is kept up to date from the request to the end. */
import type { Head } from '../../run/head.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { ChannelView } from '../names.ts';
import { context, type Message, message, section, sections } from './elements.ts';
import { endedLines } from './ended.ts';
import { choiceLines, controls, standingLines } from './orders.ts';
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
    ...sections(standingLines(head, view), limit),
    ...sections(pauseLines(head, view), limit),
    ...sections(choiceLines(head, language), limit),
    ...(head.result === undefined ? [] : sections(endedLines({ head, plan }, view), limit)),
    ...sections(stepLines(head.steps, view), limit),
    context(contextLine(head, view)),
    ...controls(head, language),
  ]);
}
