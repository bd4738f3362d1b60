/**
 * A share of the matrix runbook x fault, each cell with the verdict that stands in its file. The rest
 * is played by `npm run scenarios`; DRILLBOOK_CELLS says how many here (12).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type Cell, cellsOf } from './cells.ts';
import { courses } from './courses.ts';
import { SCENARIO_PAGE, scenarioPage } from './page.ts';
import { play } from './play.ts';
import { differences } from './print.ts';

const all = cellsOf();
const wanted = Number(process.env['DRILLBOOK_CELLS'] ?? 12);

/** Waiting out the limits of a step takes many looks: those are for the night. */
const isQuick = ({ verdict }: Cell): boolean => !/RUN-LATE|^waits/.test(verdict);
const quick = all.filter(isQuick);
const sample = quick.filter((_, i) => Math.floor((i * wanted) / quick.length) !== Math.floor(((i - 1) * wanted) / quick.length));

test.each(sample.map((cell) => [`${cell.runbook} x ${cell.fault}`, cell] as const))(
  '%s',
  async (_, cell) => {
    const played = await play(cell);
    expect(differences({ cell, played })).toEqual([]);
  },
  60_000,
);

test('every runbook that moves a service stands against at least 40 faults', () => {
  for (const runbook of ['switchover', 'failover', 'reprotect', 'failback', 'drill-copy']) {
    expect({ runbook, faults: cellsOf(runbook).length >= 40 }).toEqual({ runbook, faults: true });
  }
});

test('every file of cells is one of a runbook that has a course', () => {
  const shipped = readdirSync('runbooks').map((name) => name.replace('.yml', ''));
  for (const { runbook } of all) {
    expect(shipped).toContain(runbook);
    expect(Object.keys(courses)).toContain(runbook);
  }
});

test('what cannot be mended says so, and everything else ends well', () => {
  const bad = all.filter(({ then }) => then !== undefined && !['passed', 'aborted'].includes(then));
  expect(bad.map(({ runbook, fault, then }) => `${runbook} x ${fault}: ${then}`)).toEqual([]);
});

test(`${SCENARIO_PAGE} is made from the cells`, () => {
  expect(readFileSync(SCENARIO_PAGE, 'utf8')).toBe(scenarioPage());
});
