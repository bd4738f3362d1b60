/** The step in which one person fenced a site and another one watched: what must stand before doors open. */
import * as z from 'zod';
import type { PlanStep } from '../runbook/plan.ts';
import type { PlanContext, StepView } from './action.ts';
import { ActionError } from './errors.ts';

/**
 * Throws ACT-PLAN unless it is an earlier step of that kind, and what the policy wants on top
 * (`fencing`, docs/moves/failover.md) stands in the plan. That remote paths are down the guards of
 * the opening itself ask, whatever the policy says.
 */
export function assertProof(
  proof: string,
  { steps = [], config }: Pick<PlanContext, 'steps' | 'config'>,
): void {
  const step = steps.find(({ id }) => id === proof);
  const refuse = (why: string) =>
    new ActionError('ACT-PLAN', `No proof in step ${proof} that the other site cannot write.`, why);
  if (step?.uses !== 'people/do') {
    throw refuse('It must be an earlier people/do step that fences it before a witness.');
  }
  const { fencing = [] } = config.policy;
  const given = (one: PlanStep): Record<string, unknown> => ({ ...(one.input as object) });
  if (fencing.includes('power-cut-record') && given(step)['proof'] === undefined) {
    throw refuse('The policy asks for a power-cut-record: give that step a `proof` to be written.');
  }
  const quiet = steps.some(
    (one) => one.uses === 'servers/assert-off' && given(one)['silent'] === true,
  );
  if (fencing.includes('site-silent') && !quiet) {
    throw refuse(
      'The policy asks for site-silent: a servers/assert-off with `silent: true` comes first.',
    );
  }
}

const proved = z.looseObject({ performed: z.string(), witnessed: z.string() });

/** Why it does not count yet; undefined once both people have said it. */
export const unproved = (proof: string, { readings }: Pick<StepView, 'readings'>) =>
  proved.safeParse(readings[proof]).success
    ? undefined
    : `Step ${proof} does not say yet that main cannot write.`;
