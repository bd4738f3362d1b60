/**
 * What may happen next in a run. Pure: no reading, no clock of its own, no chance. One move at a
 * time; the engine performs it, journals what came of it, and asks again.
 */
import type { Plan, PlanStep } from '../runbook/plan.ts';
import type { RunState, StepState } from './state.ts';

export type EndResult = 'passed' | 'failed' | 'aborted' | 'denied' | 'expired' | 'voided';

export type Move =
  | { readonly do: 'start-conductor' }
  | { readonly do: 'turn-away' }
  | { readonly do: 'resolve' }
  | { readonly do: 'register'; readonly site: string }
  | { readonly do: 'request-approval' }
  | { readonly do: 'expire' }
  | { readonly do: 'check-facts'; readonly at: 'quorum' | 'first-call' }
  | { readonly do: 'complete-approval' }
  | { readonly do: 'deliver'; readonly site: string }
  | { readonly do: 'start-step'; readonly step: string; readonly attempt: number }
  | { readonly do: 'skip-step'; readonly step: string }
  | { readonly do: 'work'; readonly steps: readonly string[] }
  /** Find out what became of calls that were handed over by somebody who is gone. */
  | { readonly do: 'settle'; readonly calls: readonly string[] }
  | { readonly do: 'end'; readonly result: EndResult }
  /** Nothing to do before `until` (ms) unless somebody acts. */
  | { readonly do: 'wait'; readonly until: number; readonly for: 'people' | 'operator' }
  | { readonly do: 'nothing' };

/** Steps of one phase that may run side by side. */
export const STEP_CAP = 4;

export function decide(state: RunState, plan: Plan | undefined, now: number): Move {
  if (state.opened === undefined || state.ended !== undefined) return { do: 'nothing' };
  if (state.conductors === 0) return { do: 'start-conductor' };
  if (state.opened.refusal !== undefined) return { do: 'turn-away' };
  const early = beforeApproval(state, plan, now);
  if (early !== undefined) return early;
  if (plan === undefined) return { do: 'nothing' };
  const open = Object.keys(state.calls).filter((call) => state.calls[call]?.state === 'intent');
  const over = isClosing(state, plan);
  // A step that is worked on settles its own calls; these are of steps that nobody works on any more.
  const stray = open.filter((call) => !isWorkedOn(state, plan, { call, over }));
  if (stray.length > 0) return { do: 'settle', calls: stray };
  return over ? closing(state, plan) : forward(state, plan, now);
}

function isWorkedOn(state: RunState, plan: Plan, at: { call: string; over: boolean }): boolean {
  const step = plan.steps.find(
    (candidate) => candidate.id === plan.calls.find((call) => call.id === at.call)?.step,
  );
  if (step === undefined || state.paused !== undefined) return false;
  const ofThisPhase = at.over ? step.phase === 'always' : step.phase === 'forward';
  return ofThisPhase && state.steps[step.id]?.state === 'running';
}

/** From the opening to the moment both gateways hold the approvals; undefined when that is done. */
function beforeApproval(state: RunState, plan: Plan | undefined, now: number): Move | undefined {
  if (state.plan === undefined || plan === undefined) {
    return state.aborted === undefined ? { do: 'resolve' } : { do: 'end', result: 'aborted' };
  }
  const { approval } = state;
  if (approval?.state !== 'complete' && state.aborted !== undefined) {
    return { do: 'end', result: 'aborted' };
  }
  if (approval === undefined) {
    const site = plan.sites.find((name) => !state.registered.includes(name));
    return site === undefined ? { do: 'request-approval' } : { do: 'register', site };
  }
  switch (approval.state) {
    case 'rejected':
      return { do: 'end', result: 'denied' };
    case 'expired':
      return { do: 'end', result: 'expired' };
    case 'voided':
      return anythingSent(state) ? undefined : { do: 'end', result: 'voided' };
    case 'requested':
      return collecting(state, now);
    case 'complete': {
      const site = plan.sites.find((name) => !state.delivered.includes(name));
      return site === undefined || state.aborted !== undefined
        ? undefined
        : { do: 'deliver', site };
    }
  }
}

function collecting(state: RunState, now: number): Move {
  const { approval } = state;
  if (approval === undefined) return { do: 'nothing' };
  if (now >= approval.expiresAt) return { do: 'expire' };
  if (new Set(approval.granted.map((grant) => grant.person)).size >= approval.people) {
    return state.factsChecked.includes('quorum')
      ? { do: 'complete-approval' }
      : { do: 'check-facts', at: 'quorum' };
  }
  return { do: 'wait', until: approval.expiresAt, for: 'people' };
}

function forward(state: RunState, plan: Plan, now: number): Move {
  const early = !state.factsChecked.includes('first-call');
  if (state.paused !== undefined) {
    // Stopped before anything was sent: perhaps the facts are not those that were approved.
    if (early && !anythingSent(state)) return { do: 'check-facts', at: 'first-call' };
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  }
  const steps = stepsOf(plan, 'forward');
  const restart = steps.find((step) => awaitsRestart(state.steps[step.id]));
  if (restart !== undefined) return startAgain(state, restart);
  const running = steps.filter((step) => state.steps[step.id]?.state === 'running');
  const next = steps.find(
    (step) =>
      state.steps[step.id] === undefined && step.needs.every((need) => isOver(state.steps[need])),
  );
  if (next !== undefined && running.length < STEP_CAP) {
    const sends = plan.calls.some((call) => call.step === next.id);
    if (sends && early) {
      // What the gateways would refuse is not even tried.
      const late = now >= (state.approval?.expiresAt ?? 0);
      return late ? { do: 'expire' } : { do: 'check-facts', at: 'first-call' };
    }
    return { do: 'start-step', step: next.id, attempt: 1 };
  }
  if (running.length > 0) return { do: 'work', steps: running.map((step) => step.id) };
  return { do: 'nothing' };
}

/** The `always` steps, one after the other, however the run came here. */
function closing(state: RunState, plan: Plan): Move {
  const steps = stepsOf(plan, 'always');
  if (state.aborted?.again === true) return { do: 'end', result: 'failed' };
  if (state.paused !== undefined)
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  for (const step of steps) {
    const known = state.steps[step.id];
    if (isOver(known)) continue;
    if (known === undefined && nothingToUndo(state, plan, step))
      return { do: 'skip-step', step: step.id };
    if (known === undefined) return { do: 'start-step', step: step.id, attempt: 1 };
    if (awaitsRestart(known)) return startAgain(state, step);
    return { do: 'work', steps: [step.id] };
  }
  return { do: 'end', result: resultOf(state, plan) };
}

function resultOf(state: RunState, plan: Plan): EndResult {
  if (state.approval?.state === 'voided') return 'voided';
  if (state.aborted !== undefined) return 'aborted';
  const complete = stepsOf(plan, 'forward').every((step) => state.steps[step.id]?.state === 'done');
  const checks = Object.values(state.steps).flatMap((step) => Object.values(step.checks));
  return complete && checks.every((check) => check.verdict === 'passed') ? 'passed' : 'failed';
}

/** Forward is over when every step is, or when a person or changed facts ended it. */
export function isClosing(state: RunState, plan: Plan): boolean {
  return (
    state.aborted !== undefined ||
    state.approval?.state === 'voided' ||
    stepsOf(plan, 'forward').every((step) => isOver(state.steps[step.id]))
  );
}

/** True when this run handed over nothing that the step would take back. */
export function nothingToUndo(state: RunState, plan: Plan, step: PlanStep): boolean {
  if (step.undoes === undefined) return false;
  return !plan.calls.some((call) => call.step === step.undoes && maybeSent(state, call.id));
}

const maybeSent = (state: RunState, call: string): boolean => {
  const known = state.calls[call];
  return known !== undefined && known.state !== 'void' && known.state !== 'not-needed';
};

export const anythingSent = (state: RunState): boolean =>
  Object.keys(state.calls).some((call) => maybeSent(state, call));

const stepsOf = (plan: Plan, phase: PlanStep['phase']): PlanStep[] =>
  plan.steps.filter((step) => step.phase === phase);

export const isOver = (step: StepState | undefined): boolean =>
  step?.state === 'done' || step?.state === 'not-needed';

/** A failed step whose pause was lifted by a person's retry. */
const awaitsRestart = (step: StepState | undefined): boolean => step?.state === 'failed';

function startAgain(state: RunState, step: PlanStep): Move {
  const attempt = (state.steps[step.id]?.attempt ?? 0) + 1;
  return { do: 'start-step', step: step.id, attempt };
}
