/**
 * A share of the matrix runbook x fault, each cell with the verdict that stands in its file. The rest
 * is played by `npm run scenarios`; DRILLBOOK_CELLS says how many here (10).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openBank } from '../support/bank.ts';
import { harmOf } from '../support/harm.ts';
import { ordered } from '../support/moves.ts';
import { type Cell, cellsOf } from './cells.ts';
import { courses } from './courses.ts';
import { SCENARIO_PAGE, scenarioPage } from './page.ts';
import { play } from './play.ts';
import { differences } from './print.ts';

const all = cellsOf();
const wanted = Number(process.env['DRILLBOOK_CELLS'] ?? 10);

/** Waiting out the limits of a step takes many looks: those are for the night. */
const isQuick = ({ verdict }: Cell): boolean => !/RUN-LATE|^waits/.test(verdict);
const quick = all.filter(isQuick);
const sample = quick.filter(
  (_, i) =>
    Math.floor((i * wanted) / quick.length) !== Math.floor(((i - 1) * wanted) / quick.length),
);

test.each(sample.map((cell) => [`${cell.runbook} x ${cell.fault}`, cell] as const))(
  '%s',
  async (_, cell) => {
    const played = await play(cell);
    expect(differences({ cell, played })).toEqual([]);
  },
  60_000,
);

test('what was sent twice is found, whatever became of it', async () => {
  const bank = await openBank({
    sparing: true,
    between: (_, http) => async (request) => {
      if (request.url.endsWith('/actions/split/invoke')) await http(request);
      return http(request);
    },
  });
  const run = await ordered(bank, 'drill-copy', 'loans');
  await bank.drive(run, ({ steps }) => steps.some((one) => one.id === 'boot' && one.startedAt));
  const harm = await harmOf(bank, [run]);
  await bank.close();
  expect(harm).toEqual([expect.stringMatching(/split.*: 2 sent, 1 accepted$/)]);
});

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
  const bad = all.filter(({ end }) => end !== undefined && !['passed', 'aborted'].includes(end));
  expect(bad.map(({ runbook, fault, end }) => `${runbook} x ${fault}: ${end}`)).toEqual([]);
});

test(`${SCENARIO_PAGE} is made from the cells`, () => {
  expect(readFileSync(SCENARIO_PAGE, 'utf8')).toBe(scenarioPage());
});
