/** The step in which one person fenced a site and another one watched: what must stand before doors open. */
import * as z from 'zod';
import type { PlanContext, StepView } from './action.ts';
import { ActionError } from './errors.ts';

/** Throws ACT-PLAN unless it is an earlier step of that kind. */
export function assertProof(proof: string, { steps = [] }: Pick<PlanContext, 'steps'>): void {
  if (steps.find((step) => step.id === proof)?.uses === 'people/do') return;
  const why = 'It must be an earlier people/do step in which main is fenced before a witness.';
  throw new ActionError('ACT-PLAN', `No proof in step ${proof} that main cannot write.`, why);
}

const proved = z.looseObject({ performed: z.string(), witnessed: z.string() });

/** Why it does not count yet; undefined once both people have said it. */
export const unproved = (proof: string, { readings }: Pick<StepView, 'readings'>) =>
  proved.safeParse(readings[proof]).success
    ? undefined
    : `Step ${proof} does not say yet that main cannot write.`;
