/**
 * Each hazard, made in the twin, in each runbook in which it can arise: the run stops and says it, and the
 * gateway refuses the call although nobody's judgement stands before it.
 */
import { expect, test } from '@jest/globals';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { hazardCases } from './cases.ts';
import { refused } from './refused.ts';
import { shareOf } from './share.ts';

test.each(
  shareOf(hazardCases).map(
    (one) => [one.hazard, one.runbook, one.fault ?? 'as it is', one.at, one] as const,
  ),
)(
  'hazard %i in %s: %s at %s',
  async (hazard, _runbook, _fault, _at, given) => {
    const { engine, gateway, sent } = await refused(given);
    const { engine: first = hazard } = given;
    if (first instanceof RegExp) expect(engine).toMatch(first);
    else expect(engine).toContain(hazardText(first));
    if (given.call !== undefined) {
      expect(gateway).toMatch(/GW-(GUARD|GRANT-REFUSED|HAZARD)/);
      expect(gateway).toMatch(/\((array|nova):\S+, HTTP \d+\): /);
      expect(gateway).toContain(hazardText(hazard));
      expect(sent).toBe(0);
    }
  },
  60_000,
);
