/** `npm run docs:faults`: the page of all faults, made from the table beside the code. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FaultLine, type FaultTarget, faultTable } from '../lib/twin/faults/table.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const FAULT_PAGE = 'docs/faults.md';

const MADE = '<!-- Made by npm run docs:faults from lib/twin/faults/table.ts; edit that. -->';

/** Sections in the order in which a reader looks for them, and how a fault says where it strikes. */
const sections: readonly (readonly [FaultTarget, string, string])[] = [
  ['service', 'Pairs and volumes of a service', '`service`, left out = the first'],
  ['array', 'Arrays', '`site`, left out = where the first service is copied to'],
  ['link', 'Links between arrays', '`between: [main, dr]`, left out = those of the first service'],
  ['site', 'Sites', '`site`, left out = where the first service is copied to'],
  [
    'cloud',
    'Clouds',
    '`site` or the name of the cloud, left out = where the first service is copied to',
  ],
  [
    'door',
    'Network ports',
    '`site`, and `door: array` (the default) or `door: cloud`; left out as for arrays',
  ],
  ['gateway', 'Processes of ours', '`site`; at the control port of the house, not of the twin'],
];

export function faultPage(): string {
  const lines: readonly FaultLine[] = faultTable;
  const tables = sections.map(([target, title, where]) =>
    [
      `## ${title}`,
      '',
      `Where: ${where}.`,
      '',
      '| name | what happens while it is on |',
      '|---|---|',
      ...lines.filter((line) => line.target === target).map(row),
    ].join('\n'),
  );
  return [MADE, `# Faults by name\n\n${intro(lines.length)}`, ...tables].join('\n\n').concat('\n');
}

const row = ({ name, does, lasts }: FaultLine): string =>
  `| \`${name}\` | ${does}${lasts === 'once' ? ' Strikes once.' : ''} |`;

const intro = (count: number): string =>
  `The twin knows ${count} faults. A scenario has them from the first day, one line each:

\`\`\`yaml
faults:
  - { name: backlog, service: payments }
  - { name: door-slow, site: dr, door: cloud }
\`\`\`

and the control door switches them while it runs, on and off:

\`\`\`http
POST /twin/v1/faults
{"name":"backlog","on":true,"service":"payments"}
\`\`\`

A place that means nothing for a fault is refused.
\`GET /twin/v1/faults\` lists them all and says where which of them is on. A fault stays on until it is
switched off, also over a restart; one that strikes once is over when it struck. Off means that the
cause is gone: what it did to pairs and data is mended by the arrays as real ones would, or by people.
[The twin](twin.md) says how to talk to it.`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path.join(root, FAULT_PAGE), faultPage());
  process.stdout.write(`${FAULT_PAGE}\n`);
}
