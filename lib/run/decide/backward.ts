/** Compensations in reverse order, then what is always done: one step after the other. */
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import type { Move } from '../decide.ts';
import type { RunState } from '../state.ts';
import { dueAgain, failedIn } from './failing.ts';
import { startAgain } from './forward.ts';
import { awaitsRestart, isOver, nothingToUndo, stepsOf } from './known.ts';

/** undefined when every step of the phase is over. */
export function backward(
  state: RunState,
  plan: Plan,
  { phase, now }: { readonly phase: 'undo' | 'always'; readonly now: number },
): Move | undefined {
  if (state.paused !== undefined) {
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  }
  const steps = stepsOf(plan, phase);
  const next = (phase === 'undo' ? lastFirst(state, plan, steps) : steps).find(
    ({ id }) => !isOver(state.steps[id]),
  );
  if (next === undefined) return undefined;
  const known = state.steps[next.id];
  if (known === undefined) {
    return nothingToUndo(state, plan, next)
      ? { do: 'skip-step', step: next.id }
      : { do: 'start-step', step: next.id, attempt: 1 };
  }
  if (awaitsRestart(known)) return startAgain(state, next);
  const failed = failedIn(state, plan, phase).find(({ step }) => step.id === next.id);
  if (failed === undefined) return { do: 'work', steps: [next.id] };
  const due = dueAgain(state, plan, failed) ?? Number.MAX_SAFE_INTEGER;
  return now >= due ? startAgain(state, next) : { do: 'wait', until: due, for: 'time' };
}

/** What was begun last is taken back first. */
function lastFirst(state: RunState, plan: Plan, steps: readonly PlanStep[]): PlanStep[] {
  const begun = (step: PlanStep) => state.steps[step.undoes ?? '']?.startedAt ?? 0;
  const place = (step: PlanStep) => plan.steps.findIndex(({ id }) => id === step.undoes);
  return [...steps].sort((a, b) => begun(b) - begun(a) || place(b) - place(a));
}
