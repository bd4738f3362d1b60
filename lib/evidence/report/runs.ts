/** A drill of several runs in one report: how each ended first, then each heading for all of them. */
import { canonical } from '../../canonical.ts';
import type { ResultFile } from '../result.ts';
import { type Section, table, text } from './doc.ts';
import { kstCell } from './format.ts';
import type { Texts } from './texts.ts';

/** Nothing for a drill of one run: its own headings say all. */
export function runSections(result: ResultFile, t: Texts): Section[] {
  if (result.runs === undefined) return [];
  const rows = result.runs.map((run, index) => [
    String(index + 1),
    `${run.service}\n${run.run}`,
    run.runbook,
    run.requester,
    kstCell(run.openedAt),
    kstCell(run.endedAt),
    t[run.result],
  ]);
  const columns = [t.cNo, t.run, t.runbook, t.requester, t.cStart, t.cEnd, t.cResult];
  return [
    { number: '0', heading: t.h0, blocks: [table(columns, [0.8, 3, 2, 2, 2.6, 2.6, 2], rows)] },
  ];
}

/** Each heading once; under it what each run has to say, or once what all have in common. */
export function sideBySide(
  ofRuns: readonly (readonly Section[])[],
  names: readonly string[],
): Section[] {
  const [first = [], ...others] = ofRuns;
  if (others.length === 0) return [...first];
  return first.map((section, place) => {
    const alike = others.every((run) => canonical(run[place]) === canonical(section));
    if (alike) return section;
    const blocks = ofRuns.flatMap((run, index) => [
      text(names[index] ?? ''),
      ...(run[place]?.blocks ?? []),
    ]);
    return { ...section, blocks };
  });
}
