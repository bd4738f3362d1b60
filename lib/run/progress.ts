/** How far a `for-each` has come. Pure. */
import type { Plan, PlanStep } from '../runbook/plan.ts';
import { partsOf } from './parts.ts';
import type { RunState } from './state.ts';
import { isDone } from './verdict.ts';

/** Items done and in all; undefined for a step that has none. */
export function progressOf(
  state: RunState,
  plan: Plan,
  step: PlanStep,
): { readonly done: number; readonly total: number } | undefined {
  if (step.items === undefined) return undefined;
  const verdicts = state.steps[step.id]?.verdicts ?? {};
  const done = partsOf(plan, step).filter(({ names }) =>
    names.every((name) => isDone(verdicts[name])),
  );
  return { done: done.length, total: step.items.length };
}
