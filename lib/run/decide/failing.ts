/**
 * What the failure of a step leads to, when no person has ordered anything yet:
 *
 *   in doubt (a call lost, a gateway not to be believed)   pause: people decide
 *   tries left                                             again, after a wait that doubles
 *   on-failure: continue                                   deviate: recorded, and on it goes
 *   on-failure: undo                                       begin-undo: forward is closed
 *   else                                                   pause
 */
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import type { Move } from '../decide.ts';
import type { RunState, StepState } from '../state.ts';
import { awaitsRestart, stepsOf } from './known.ts';

/** Refusals that no runbook may pass over: what is true is not known, or not believed. */
const FOR_PEOPLE: readonly string[] = ['RUN-LOST', 'RUN-GATEWAY-FORGOT', 'RUN-HISTORY'];

interface Failed {
  readonly step: PlanStep;
  readonly known: StepState;
}

/** The steps of a phase that failed and that no person has set free. */
export function failedIn(state: RunState, plan: Plan, phase: PlanStep['phase']): Failed[] {
  return stepsOf(plan, phase).flatMap((step) => {
    const known = state.steps[step.id];
    return known?.state !== 'failed' || awaitsRestart(known) ? [] : [{ step, known }];
  });
}

/** A move for people comes at once, before anything else is looked at. */
export function pauseFor(state: RunState, plan: Plan, { step, known }: Failed): Move | undefined {
  if (known.refusal === undefined || state.paused !== undefined) return undefined;
  if (!isInDoubt(state, plan, { step, known })) {
    if (step.onFailure !== undefined || triesLeft({ step, known })) return undefined;
  }
  return { do: 'pause', step: step.id, refusal: known.refusal };
}

/** What the runbook says becomes of a failure, once nothing of the step is on its way any more. */
export function asWritten(state: RunState, plan: Plan, failed: Failed): Move | undefined {
  const { step, known } = failed;
  if (known.refusal === undefined || state.paused !== undefined || triesLeft(failed)) {
    return undefined;
  }
  if (isInDoubt(state, plan, failed)) return undefined;
  const { code, what, why } = known.refusal;
  const reason = `${code}: ${what} ${why}`.trim();
  if (step.onFailure === 'continue') return { do: 'deviate', step: step.id, reason };
  if (step.onFailure === 'undo') return { do: 'begin-undo', step: step.id, reason };
  return undefined;
}

/** When a step that failed is tried again by itself (ms); undefined when it is not. */
export function dueAgain(state: RunState, plan: Plan, failed: Failed): number | undefined {
  const { step, known } = failed;
  if (!triesLeft(failed) || isInDoubt(state, plan, failed)) return undefined;
  const backoff = (step.retry?.backoffMs ?? 0) * 2 ** (known.attempt - 1);
  return (known.endedAt ?? 0) + backoff;
}

const triesLeft = ({ step, known }: Failed): boolean =>
  step.retry !== undefined && known.attempt < step.retry.attempts;

function isInDoubt(state: RunState, plan: Plan, { step, known }: Failed): boolean {
  if (FOR_PEOPLE.includes(known.refusal?.code ?? '')) return true;
  return plan.calls.some(({ id, step: of }) => {
    const call = of === step.id ? state.calls[id]?.state : undefined;
    return call === 'lost' || call === 'intent';
  });
}
