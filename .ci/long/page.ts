/** docs/night.md: what each section saw last. Only what stands below the mark is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Last } from './last.ts';
import type { Section } from './sections.ts';

const PAGE = 'docs/night.md';
const MARK = '<!-- below: written by .ci/night -->';

export function writePage(
  sections: readonly Section[],
  last: Readonly<Record<string, Last>>,
): void {
  const rows = sections.map(({ name, shows }) => {
    const known = last[name];
    if (known === undefined) return `| ${name} | not run yet | | | | ${shows} |`;
    const { ok, seconds, at, sources } = known;
    const minutes = (seconds / 60).toFixed(1);
    return `| ${name} | ${ok ? 'passed' : 'FAILED'} | ${at} | ${sources} | ${minutes} | ${shows} |`;
  });
  const told = sections.flatMap(({ name }) => {
    const { told: lines = [], seed, node } = last[name] ?? {};
    return lines.length === 0
      ? []
      : ['', `## ${name}`, '', `Seed ${seed}, Node ${node}.`, '', '```', ...lines, '```'];
  });
  const text = [
    '',
    '| section | result | when (UTC) | sources | minutes | what it shows |',
    '|---|---|---|---|---|---|',
    ...rows,
    ...told,
    '',
  ];
  const [before = ''] = readFileSync(PAGE, 'utf8').split(MARK);
  writeFileSync(PAGE, `${before}${MARK}\n${text.join('\n')}`);
}
