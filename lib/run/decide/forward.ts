/** Steps that go forward: what each needs comes first, independent ones side by side. */
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import type { Move } from '../decide.ts';
import type { RunState } from '../state.ts';
import { validUntil } from '../waves.ts';
import { dueAgain, failedIn } from './failing.ts';
import { anythingSent, awaitsRestart, isPassed, stepsOf } from './known.ts';

/** Steps of one phase that may run side by side. */
export const STEP_CAP = 4;

export function forward(state: RunState, plan: Plan, now: number): Move {
  if (state.paused !== undefined) {
    // Stopped before anything was sent: perhaps the facts are not those that were approved.
    if (isUnchecked(state)) return { do: 'check-facts', at: 'first-call' };
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  }
  const steps = stepsOf(plan, 'forward');
  const waiting = failedIn(state, plan, 'forward').map((failed) => ({
    step: failed.step,
    due: dueAgain(state, plan, failed) ?? Number.MAX_SAFE_INTEGER,
  }));
  const restart =
    steps.find((step) => awaitsRestart(state.steps[step.id])) ??
    waiting.find(({ due }) => now >= due)?.step;
  if (restart !== undefined) {
    return beforeSending(state, plan, { step: restart, now }) ?? startAgain(state, restart);
  }
  const running = steps.filter((step) => state.steps[step.id]?.state === 'running');
  const next = steps.find(
    (step) =>
      state.steps[step.id] === undefined && step.needs.every((need) => isPassed(state, plan, need)),
  );
  if (next !== undefined && running.length < STEP_CAP) {
    const first = beforeSending(state, plan, { step: next, now });
    return first ?? { do: 'start-step', step: next.id, attempt: 1 };
  }
  if (running.length > 0) return { do: 'work', steps: running.map((step) => step.id) };
  if (waiting.length === 0) return { do: 'nothing' };
  return { do: 'wait', until: Math.min(...waiting.map(({ due }) => due)), for: 'time' };
}

/** Nothing was sent yet, and the facts were not read again since a person last looked. */
const isUnchecked = (state: RunState): boolean =>
  !anythingSent(state) && !state.factsChecked.includes('first-call');

/** What comes before the first step that sends: the facts as approved, within the validity. */
function beforeSending(
  state: RunState,
  plan: Plan,
  at: { readonly step: PlanStep; readonly now: number },
): Move | undefined {
  const sends = plan.calls.some((call) => call.step === at.step.id);
  if (!sends || !isUnchecked(state)) return undefined;
  // What the gateways would refuse is not even tried.
  const late = at.now >= validUntil(state, plan);
  return late ? { do: 'expire' } : { do: 'check-facts', at: 'first-call' };
}

export function startAgain(state: RunState, step: PlanStep): Move {
  const attempt = (state.steps[step.id]?.attempt ?? 0) + 1;
  return { do: 'start-step', step: step.id, attempt };
}
