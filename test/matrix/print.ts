/** The matrix as people read it in a terminal: a line for each cell, and all of them side by side. */
import type { FaultName } from '../../lib/twin/faults/table.ts';
import type { Cell } from './cells.ts';
import type { Played } from './play.ts';

export interface Row {
  readonly cell: Cell;
  readonly played: Played;
}

/** What differs from what is expected, in words; empty when nothing does. */
export function differences({ cell, played }: Row): string[] {
  const found = played.harm.filter((text) => !cell.harm.some((known) => text.includes(known)));
  for (const known of cell.harm) {
    if (!played.harm.some((text) => text.includes(known))) found.push(`nobody found: ${known}`);
  }
  if (played.verdict !== cell.verdict) {
    found.push(`expected ${cell.verdict}, is ${played.verdict}: ${played.seen}`);
  }
  if (played.end !== cell.end) {
    found.push(`expected ${cell.end ?? 'nothing'} in the end, is ${played.end ?? 'nothing'}`);
  }
  return found;
}

/** One cell: expected, actual, and whether they are equal. */
export function lineOf(row: Row): string {
  const { cell, played } = row;
  const bad = differences(row);
  const expected = endOf(cell);
  const actual = endOf(played);
  const name = `${cell.runbook} x ${cell.fault}`.padEnd(38);
  const verdict = bad.length === 0 ? 'equal' : 'DIFFERS';
  return [`${name} ${expected.padEnd(44)} ${actual.padEnd(44)} ${verdict}`, ...bad]
    .join('\n    ')
    .trimEnd();
}

const endOf = ({ verdict, end }: { verdict: string; end?: string | undefined }): string =>
  end === undefined ? verdict : `${verdict}, then ${end}`;

/** Faults down, runbooks across. */
export function tableOf(rows: readonly Row[]): string[] {
  const runbooks = [...new Set(rows.map(({ cell }) => cell.runbook))];
  const faults = [...new Set(rows.map(({ cell }) => cell.fault))];
  const head = ['', ...runbooks.map((name, i) => `${i + 1} ${name}`)];
  const mark = (fault: FaultName, runbook: string): string => {
    const row = rows.find(({ cell }) => cell.fault === fault && cell.runbook === runbook);
    if (row === undefined) return '.';
    if (differences(row).length > 0) return '!';
    return row.played.verdict === 'passed' ? '+' : 'o';
  };
  return [
    ...head,
    '',
    `${''.padEnd(24)}${runbooks.map((_, i) => String(i + 1).padStart(3)).join('')}`,
    ...faults.map(
      (fault) =>
        fault.padEnd(24) + runbooks.map((runbook) => mark(fault, runbook).padStart(3)).join(''),
    ),
    '',
    '+ passes all the same   o stands still or ends, as expected   ! differs   . makes no sense',
  ];
}
