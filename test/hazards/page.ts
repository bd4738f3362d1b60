/** The page of hazards, made from the table: who keeps each away, and in which runbook it can arise. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hazardsByRunbook, keeping } from './table.ts';

export const HAZARDS_PAGE = 'docs/moves/hazards.md';

const NUMBERS = Object.keys(keeping).map(Number);

export function hazardsPage(): string {
  const rules = NUMBERS.map((number) => {
    const rule = keeping[number];
    return `| ${number} | ${rule?.hazard} | ${rule?.engine} | ${rule?.gateway} |`;
  });
  const runbooks = [...hazardsByRunbook()].map(([name, hazards]) => {
    const marks = NUMBERS.map((number) => (hazards.includes(number) ? '•' : ' '));
    return `| ${name} | ${marks.join(' | ')} |`;
  });
  return `<!-- Made by node --import tsx test/hazards/page.ts from test/hazards/table.ts; edit that. -->

# Sixteen hazards

What can make two copies of the truth, or destroy the better one. Each is kept away twice: by the engine, which
makes no plan or stops a step, and by the gateway of the site, which looks for itself the instant before a call
and trusts no plan. A refusal says what was seen on which array, why that is dangerous and what a person can
do, in Korean and English (\`lib/vsp/hazards.ts\`). A condition of a call that keeps hazard 4 away is named
\`…#h4\`; what it reads may say more than that: other volumes in the group (16), volumes that are not in it (8),
pairs that do not stand alike (6), no group at all (5).

| # | hazard | the engine | the gateway |
|---|---|---|---|
${rules.join('\n')}

\`test/hazards\` makes each of them in the twin while the run is under way, and puts the call at the gateway past
the engine as well.

## Where each can arise

| runbook | ${NUMBERS.join(' | ')} |
|---|${NUMBERS.map(() => '---').join('|')}|
${runbooks.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(HAZARDS_PAGE, hazardsPage());
