/** How a run ended: the verdict, the clocks, and what was not measured. */
import type { Head } from '../../run/head.ts';
import type { Plan } from '../../runbook/plan.ts';
import { duration, when } from '../format.ts';
import type { ChannelView, View } from '../names.ts';
import { markup, say } from '../texts.ts';
import { context, type Message, message, section, sections } from './elements.ts';
import { contextLine, firstLine } from './run.ts';

interface Ended {
  readonly head: Head;
  readonly plan?: Plan | undefined;
}

const REASON_BLOCKS = 8;

/** What everybody in the channel should see once. Only for a head that has a result. */
export function endedMessage(
  ended: Ended & { readonly residue: readonly string[] },
  view: ChannelView,
): Message {
  const { language } = view;
  const result = ended.head.result?.result;
  const first = firstLine(ended.head, ended.plan, view);
  const title =
    result && say(language, 'ended.title', { result: say(language, `result.${result}`) });
  const left = ended.residue.map((residue) => say(language, 'ended.residue', { residue }));
  return message(`${first}. ${title ?? ''}`, [
    section(`*${first}*\n${title ?? ''}`),
    ...sections([...endedLines(ended, view), ...left], { blocks: REASON_BLOCKS, language }),
    context(contextLine(ended.head, view)),
  ]);
}

/** Reasons, T0 to T4 as far as there are any, and RTO and RPO: what is not known is said. */
export function endedLines({ head, plan }: Ended, { language }: View): string[] {
  const reasons = (head.result?.reasons ?? []).map((reason) =>
    say(language, 'ended.reason', { reason }),
  );
  if (head.clocks.t2 === undefined) return reasons;
  const onCopies = plan?.drillType === 'isolated-copy';
  return [
    ...reasons,
    ...(['t0', 't1'] as const).flatMap((clock) => {
      const at = head.clocks[clock];
      return at === undefined ? [] : [say(language, `ended.${clock}`, { at: markup(when(at)) })];
    }),
    ...(['t2', 't3', 't4'] as const).map((clock) => clockLine(head.clocks, clock, language)),
    say(language, onCopies ? 'ended.copies' : 'ended.objectives'),
  ];
}

function clockLine(
  clocks: Head['clocks'],
  clock: 't2' | 't3' | 't4',
  language: View['language'],
): string {
  const at = clocks[clock];
  if (at === undefined) return say(language, `ended.${clock}.none`);
  const took = duration(at - (clocks.t2 ?? at));
  return say(language, `ended.${clock}`, { at: markup(when(at)), took });
}
