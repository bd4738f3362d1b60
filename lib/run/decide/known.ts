/** What a run's state says of steps and calls: the words that decisions are made of. Pure. */
import { deletesForGood } from '../../runbook/irreversible.ts';
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import type { RunState, StepState } from '../state.ts';

export const stepsOf = (plan: Plan, phase: PlanStep['phase']): PlanStep[] =>
  plan.steps.filter((step) => step.phase === phase);

const OVER: readonly StepState['state'][] = ['done', 'not-needed', 'skipped', 'deviated'];

/** What comes after it may begin. */
export const isOver = (step: StepState | undefined): boolean =>
  step !== undefined && OVER.includes(step.state);

/**
 * What comes after a step may begin. A step that two people skipped before it began stands for
 * itself only: what it would have waited for is waited for all the same.
 */
export function isPassed(state: RunState, plan: Plan, id: string): boolean {
  const known = state.steps[id];
  if (!isOver(known) || known?.state !== 'skipped') return isOver(known);
  const needs = plan.steps.find((step) => step.id === id)?.needs ?? [];
  return needs.every((need) => isPassed(state, plan, need));
}

/** Calls that were handed over and whose outcome is not in the journal. */
export const openCalls = ({ calls, open }: RunState): string[] =>
  open === undefined
    ? Object.keys(calls).filter((call) => calls[call]?.state === 'intent')
    : [...open];

const maybeSent = (state: RunState, call: string): boolean => {
  const known = state.calls[call];
  return known !== undefined && known.state !== 'void' && known.state !== 'not-needed';
};

export function anythingSent(state: RunState): boolean {
  for (const call in state.calls) if (maybeSent(state, call)) return true;
  return false;
}

/** The step of a forward call after which there is nothing to go back to; undefined while there is none. */
export function noWayBack(state: RunState, plan: Plan): string | undefined {
  if (stepsOf(plan, 'undo').length === 0) return undefined;
  const last = plan.calls.find(
    (call) => call.phase === 'forward' && deletesForGood(call) && maybeSent(state, call.id),
  );
  return last?.step;
}

/** True when this run did nothing that the step would take back: neither a call nor by hand. */
export function nothingToUndo(state: RunState, plan: Plan, step: PlanStep): boolean {
  if (step.undoes === undefined) return false;
  const byHand = state.steps[step.undoes]?.people.some(({ part }) => part === 'performed');
  if (byHand === true) return false;
  return !plan.calls.some((call) => call.step === step.undoes && maybeSent(state, call.id));
}

/** Forward is over when every step is, or when a person, a failure or changed facts ended it. */
export function isClosing(state: RunState, plan: Plan): boolean {
  return (
    state.aborted !== undefined ||
    state.undoing !== undefined ||
    state.approval?.state === 'voided' ||
    state.approval?.state === 'expired' ||
    stepsOf(plan, 'forward').every((step) => isOver(state.steps[step.id]))
  );
}

/** Compensations are left to be made; an abort that keeps what was changed ends them. */
function isUndoing(state: RunState, plan: Plan): boolean {
  const { undoing, aborted } = state;
  if (undoing === undefined || aborted?.mode === 'keep') return false;
  return stepsOf(plan, 'undo').some((step) => !isOver(state.steps[step.id]));
}

/** The phase whose steps may begin now. */
export function phaseOf(state: RunState, plan: Plan): PlanStep['phase'] {
  if (!isClosing(state, plan)) return 'forward';
  return isUndoing(state, plan) ? 'undo' : 'always';
}

/** A failed step that a person's order has set free: a retry, or for the clean-up an abort. */
export const awaitsRestart = (step: StepState | undefined): boolean =>
  step?.state === 'failed' && step.freed === true;
