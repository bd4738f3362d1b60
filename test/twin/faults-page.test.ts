/** The page of faults says what the code says. */
import { readFileSync } from 'node:fs';
import { FAULT_PAGE, faultPage } from '../../.ci/fault-page.ts';
import { type FaultLine, faultTable } from '../../lib/twin/faults/table.ts';

test('the page is fresh (npm run docs:faults)', () => {
  expect(readFileSync(FAULT_PAGE, 'utf8')).toBe(faultPage());
});

test('at least forty faults, each with a name of its own and a sentence', () => {
  const lines: readonly FaultLine[] = faultTable;
  expect(lines.length).toBeGreaterThanOrEqual(40);
  expect(new Set(lines.map(({ name }) => name)).size).toBe(lines.length);
  for (const { name, does } of lines) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(does).toMatch(/^\S.*\.$/);
    expect(faultPage()).toContain(`| \`${name}\` | ${does}`);
  }
});
