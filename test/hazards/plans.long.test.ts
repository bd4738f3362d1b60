/** Every plan carries, for each hazard that its steps can meet, a condition that keeps it away at a gateway. */
import { expect, test } from '@jest/globals';
import type { PlanStep } from '../../lib/runbook/plan.ts';
import { courses } from '../matrix/courses.ts';
import { openBank } from '../support/bank.ts';
import { planOf } from '../support/proof.ts';
import { shareOf } from './share.ts';
import { carries, hazardsOfStep, meets } from './table.ts';

/** Kept away without a condition in the plan: no state excuses them, or the array itself refuses. */
const WITHOUT = [10, 12, 13, 14, 15];
/** Of a site that is given up nobody can confirm anything: people fence it before a witness. */
const OF_THE_OTHER = [2];

/** Held against the servers when the plan is made; the gateway looks as long as they run. */
const WHILE_THEY_RUN: Readonly<Record<number, string>> = { 7: 'servers/stop' };

const inputOf = ({ uses, input }: PlanStep) => ({ uses, with: { ...Object(input) } });

test.each(shareOf(Object.keys(courses)))('%s', async (runbook) => {
  const course = courses[runbook];
  if (course === undefined) throw new Error(`no course for ${runbook}`);
  const { edit = {} } = course;
  const bank = await openBank({ sparing: true, edit });
  try {
    await course.furnish?.(bank);
    await course.prelude(bank);
    const { steps, calls, givesUp } = await planOf(
      bank,
      await bank.ask(`run ${runbook} ${course.service}`),
    );
    const wanted = steps.flatMap((step) => {
      const sent = calls.filter((call) => call.step === step.id);
      const guards = sent.flatMap((call) => [...call.guards, ...(call.grant?.guards ?? [])]);
      const kept = givesUp === undefined ? [] : OF_THE_OTHER;
      return hazardsOfStep(inputOf(step))
        .filter((hazard) => sent.length > 0 && ![...WITHOUT, ...kept].includes(hazard))
        .filter((hazard) => {
          const only = WHILE_THEY_RUN[hazard];
          return only === undefined || (only === step.uses && step.phase === 'forward');
        })
        .map((hazard) => ({
          step: step.id,
          uses: step.uses,
          hazard,
          carried: guards.some((guard) => carries(guard, hazard)),
        }));
    });
    expect(wanted.filter(({ carried }) => !carried)).toEqual([]);
    // A step that changes pairs or paths and stands in no row would go unlooked at.
    const changing = calls.filter(({ path }) => /remote-mirror-|local-clone-|\/luns/.test(path));
    const uses = changing.map((call) => steps.find(({ id }) => id === call.step)?.uses ?? '');
    for (const one of uses) expect(Object.keys(meets)).toContain(one);
  } finally {
    await bank.close();
  }
});
