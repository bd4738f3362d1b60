/** The page of the matrix, made from the cells: what is expected of each runbook under each fault. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultTable } from '../../lib/twin/faults/table.ts';
import { type Cell, cellsOf } from './cells.ts';

export const SCENARIO_PAGE = 'docs/scenarios.md';

const MADE =
  '<!-- Made by node --import tsx test/matrix/page.ts from test/matrix/cells; edit those. -->';

export function scenarioPage(): string {
  const cells = cellsOf();
  const runbooks = [...new Set(cells.map(({ runbook }) => runbook))];
  const faults = new Set(cells.map(({ fault }) => fault)).size;
  return [
    `${MADE}\n\n# Runbooks under faults`,
    intro(cells.length, runbooks.length, faults),
    ...runbooks.map((runbook) => sectionOf(runbook, cells)),
  ]
    .join('\n\n')
    .concat('\n');
}

const intro = (cells: number, runbooks: number, faults: number): string =>
  `${cells} cells: ${runbooks} runbooks, ${faults} of the faults that the twin knows
([their meaning](faults.md)). Each is played in a bank of its own: what must have happened before, the fault
at its moment, two people who sign, everybody who does their part. The verdict is what the people are
shown: the run passed, stands still at a step with a code, or waits. Then the fault is mended and the
people retry, take back or begin anew, and it must end well.

Whatever the verdict, in each cell nothing reached an array or a cloud that a gateway had not accepted, nothing
twice; no record that was acknowledged is missing unless a takeover gave it up; nothing was copied over
newer data; and hosts never wrote on both sides. The twin's own books say so, not the run.

\`\`\`sh
npm run scenarios
npm run scenarios -- --runbook switchover --fault link-cut
npm run scenarios -- --disasters 100 --seed 1
\`\`\`

The last one draws disasters (a site, an array, the link, a gateway, a site that is cut off) at a random line
of a journal or out of the blue, with a random load, and lets people do what they would: fail over,
protect again and come home when main is lost, else repair, retry or take back. The same four things must
be true at the end, hosts write on exactly one side, and what the report says of the loss is right within the
error that it states.`;

function sectionOf(runbook: string, cells: readonly Cell[]): string {
  const rows = cells.filter((cell) => cell.runbook === runbook);
  return [
    `## ${runbook}`,
    '',
    '| fault | strikes | verdict | once mended | why |',
    '|---|---|---|---|---|',
    ...rows.map(
      (cell) =>
        `| \`${cell.fault}\` | ${strikes(cell)} | ${cell.verdict} | ${mended(cell)} | ${cell.why} |`,
    ),
  ].join('\n');
}

function strikes({ at, site, door, fault }: Cell): string {
  const target = faultTable.find(({ name }) => name === fault)?.target;
  const places = target === 'service' || target === 'link' ? [] : [door, site];
  return [at, ...places.filter(Boolean)].join(', ');
}

const mends = { retry: 'retry', undo: 'undo', abort: 'abort', again: 'a new run' } as const;

function mended({ verdict, end, mend }: Cell): string {
  if (end === undefined) return '';
  if (verdict.startsWith('failed')) return `a new run: ${end}`;
  const how = verdict.startsWith('waits') && mend === 'retry' ? 'goes on' : mends[mend];
  return `${how}: ${end}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCENARIO_PAGE, scenarioPage());
  process.stdout.write(`${SCENARIO_PAGE}\n`);
}
