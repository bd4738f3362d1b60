/** Answers to `/dr status` and `/dr runs`, made from heads alone. */
import type { Head } from '../../run/head.ts';
import { when } from '../format.ts';
import type { View } from '../names.ts';
import { markup, say } from '../texts.ts';
import { context, type Message, message, section, sections } from './elements.ts';
import { endedLines } from './ended.ts';
import { choiceLines, standingLines } from './orders.ts';
import { contextLine, pauseLines, stateLine, stepLines } from './run.ts';

/** The newest state of one run, below what services are unprotected. */
export function statusText(head: Head, view: View, unprotected: readonly string[] = []): Message {
  const { language } = view;
  const limit = { blocks: 6, language };
  const first = say(language, 'first.noroute', {
    type: head.runbook.title[language],
    service: head.service.name[language],
  });
  const state = stateLine(head, view);
  return message(`${first}. ${state}`, [
    section(`*${first}*\n${state}`),
    ...sections(unprotected, limit),
    ...sections(standingLines(head, view), limit),
    ...sections(pauseLines(head, view), limit),
    ...sections(choiceLines(head, language), limit),
    ...(head.result === undefined ? [] : sections(endedLines({ head }, view), limit)),
    ...sections(stepLines(head.steps, view), limit),
    context(contextLine(head, view)),
  ]);
}

/** One line per run, newest first. */
export function runsText(heads: readonly Head[], { language }: View): Message {
  if (heads.length === 0) {
    const none = say(language, 'runs.none');
    return message(none, [section(none)]);
  }
  const title = say(language, 'runs.title');
  const lines = heads.map((head) =>
    say(language, 'runs.line', {
      run: head.run,
      service: head.service.name[language],
      runbook: head.runbook.title[language],
      state: say(language, head.result ? `result.${head.result.result}` : `short.${head.state}`),
      at: markup(when(head.openedAt)),
    }),
  );
  return message(title, [section(title), ...sections(lines, { blocks: 6, language })]);
}
