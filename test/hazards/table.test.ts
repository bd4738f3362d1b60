/** The table of hazards: complete, and what the page says. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { actions } from '../../lib/actions/index.ts';
import { hazards } from '../../lib/vsp/hazards.ts';
import { HAZARDS_PAGE, hazardsPage } from './page.ts';
import { hazardsByRunbook, keeping, meets } from './table.ts';

test(`${HAZARDS_PAGE} is made from the table`, () => {
  expect(readFileSync(HAZARDS_PAGE, 'utf8')).toBe(hazardsPage());
});

test('each hazard has its keepers, and arises in a runbook', () => {
  expect(Object.keys(keeping)).toEqual(Object.keys(hazards));
  const arising = new Set([...hazardsByRunbook().values()].flat());
  expect([...arising].sort((a, b) => a - b).map(String)).toEqual(Object.keys(hazards));
});

test('only actions that there are stand in it', () => {
  for (const name of Object.keys(meets)) expect([...actions.keys()]).toContain(name);
});
