/** docs/night.md: the last night, as it was seen. Only what stands below the mark is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Done, Result } from './done.ts';
import type { Section } from './sections.ts';

const PAGE = 'docs/night.md';
const MARK = '<!-- below: written by .ci/night -->';
const TOLD_MAX = 24;

export function resultOf(section: Section, done: Done): Result | undefined {
  const results = section.parts.flatMap(({ key }) => done.parts[`${section.name} ${key}`] ?? []);
  if (results.length < section.parts.length) return undefined;
  return {
    ok: results.every(({ ok }) => ok),
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
    told: results.flatMap(({ told }) => told),
  };
}

export function writePage(sections: readonly Section[], done: Done, now: Date): void {
  const rows = sections.map((section) => {
    const result = resultOf(section, done);
    if (result === undefined) return `| ${section.name} | not run | | ${section.shows} |`;
    const minutes = (result.seconds / 60).toFixed(1);
    return `| ${section.name} | ${result.ok ? 'passed' : 'FAILED'} | ${minutes} | ${section.shows} |`;
  });
  const told = sections.flatMap((section) => {
    const lines = resultOf(section, done)?.told ?? [];
    const more = lines.length - TOLD_MAX;
    const shown = [...lines.slice(0, TOLD_MAX), ...(more > 0 ? [`and ${more} more lines`] : [])];
    return lines.length === 0 ? [] : ['', `### ${section.name}`, '', '```', ...shown, '```'];
  });
  const day = now.toISOString().slice(0, 16).replace('T', ' ');
  const text = [
    ...['', `${day} UTC, sources ${done.sources}, seed ${done.seed}, Node ${process.version}.`, ''],
    ...[
      '| section | result | minutes | what it shows |',
      '|---|---|---|---|',
      ...rows,
      ...told,
      '',
    ],
  ];
  const [before = ''] = readFileSync(PAGE, 'utf8').split(MARK);
  writeFileSync(PAGE, `${before}${MARK}\n${text.join('\n')}`);
}
