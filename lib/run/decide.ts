/**
 * What may happen next in a run. Pure: no reading, no clock of its own, no chance. One move at a
 * time; the engine performs it, journals what came of it, and asks again.
 */
import type { Refusal } from '../errors.ts';
import type { Plan, PlanStep } from '../runbook/plan.ts';
import type { RunState, StepState } from './state.ts';

export type EndResult = 'passed' | 'failed' | 'aborted' | 'denied' | 'expired' | 'voided';

export type Move =
  | { readonly do: 'start-conductor' }
  | { readonly do: 'turn-away' }
  | { readonly do: 'resolve' }
  | { readonly do: 'lock' }
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
  /** A step stands still and the journal does not say so yet. */
  | { readonly do: 'pause'; readonly step: string; readonly refusal: Refusal }
  /** Nobody says what became of these calls, and somebody waits for the clean-up. */
  | { readonly do: 'give-up-settling'; readonly calls: readonly string[] }
  | { readonly do: 'end'; readonly result: EndResult }
  /** Nothing to do before `until` (ms) unless somebody acts. */
  | { readonly do: 'wait'; readonly until: number; readonly for: 'people' | 'operator' }
  | { readonly do: 'nothing' };

/** Steps of one phase that may run side by side. */
export const STEP_CAP = 4;
/** How long an abort waits for a gateway that does not say what became of a call. */
export const SETTLE_LIMIT_MS = 300_000;

export function decide(state: RunState, plan: Plan | undefined, now: number): Move {
  if (state.opened === undefined || state.ended !== undefined) return { do: 'nothing' };
  if (state.conductors === 0) return { do: 'start-conductor' };
  if (state.opened.refusal !== undefined) return { do: 'turn-away' };
  const early = beforeApproval(state, plan, now);
  if (early !== undefined) return early;
  if (plan === undefined) return { do: 'nothing' };
  const over = isClosing(state, plan);
  if (over && state.aborted?.again === true) return { do: 'end', result: 'failed' };
  const standing = standsStill(state, plan, over);
  if (standing !== undefined) return standing;
  const open = Object.keys(state.calls).filter((call) => state.calls[call]?.state === 'intent');
  // A step that is worked on settles its own calls; these are of steps that nobody works on any more.
  const stray = open.filter((call) => !isWorkedOn(state, plan, { call, over }));
  if (stray.length > 0) {
    const limit = (state.orderedAt ?? now) + SETTLE_LIMIT_MS;
    const silent = state.paused === undefined && now >= limit;
    return { do: silent ? 'give-up-settling' : 'settle', calls: stray };
  }
  return over ? closing(state, plan) : forward(state, plan, now);
}

/** A step that failed, without the pause that belongs to it: its writer died between two lines. */
function standsStill(state: RunState, plan: Plan, over: boolean): Move | undefined {
  if (state.paused !== undefined) return undefined;
  const phase = over ? 'always' : 'forward';
  for (const { id } of stepsOf(plan, phase)) {
    const known = state.steps[id];
    if (known?.state !== 'failed' || known.refusal === undefined) continue;
    if (!awaitsRestart(state, known)) return { do: 'pause', step: id, refusal: known.refusal };
  }
  return undefined;
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
  if (approval === undefined && !state.locked) return { do: 'lock' };
  if (approval === undefined) {
    const site = plan.sites.find((name) => !state.registered.includes(name));
    return site === undefined ? { do: 'request-approval' } : { do: 'register', site };
  }
  switch (approval.state) {
    case 'rejected':
      return { do: 'end', result: 'denied' };
    case 'expired':
    case 'voided':
      // With something sent there is something to clean up first.
      return anythingSent(state) ? undefined : { do: 'end', result: approval.state };
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
  if (state.paused !== undefined) {
    // Stopped before anything was sent: perhaps the facts are not those that were approved.
    if (isUnchecked(state)) return { do: 'check-facts', at: 'first-call' };
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  }
  const steps = stepsOf(plan, 'forward');
  const restart = steps.find((step) => awaitsRestart(state, state.steps[step.id]));
  if (restart !== undefined) {
    return beforeSending(state, plan, { step: restart, now }) ?? startAgain(state, restart);
  }
  const running = steps.filter((step) => state.steps[step.id]?.state === 'running');
  const next = steps.find(
    (step) =>
      state.steps[step.id] === undefined && step.needs.every((need) => isOver(state.steps[need])),
  );
  if (next !== undefined && running.length < STEP_CAP) {
    const first = beforeSending(state, plan, { step: next, now });
    return first ?? { do: 'start-step', step: next.id, attempt: 1 };
  }
  if (running.length > 0) return { do: 'work', steps: running.map((step) => step.id) };
  return { do: 'nothing' };
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
  const late = at.now >= (state.approval?.expiresAt ?? 0);
  return late ? { do: 'expire' } : { do: 'check-facts', at: 'first-call' };
}

/** The `always` steps, one after the other, however the run came here. */
function closing(state: RunState, plan: Plan): Move {
  const steps = stepsOf(plan, 'always');
  if (state.paused !== undefined)
    return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
  for (const step of steps) {
    const known = state.steps[step.id];
    if (isOver(known)) continue;
    if (known === undefined && nothingToUndo(state, plan, step))
      return { do: 'skip-step', step: step.id };
    if (known === undefined) return { do: 'start-step', step: step.id, attempt: 1 };
    if (awaitsRestart(state, known)) return startAgain(state, step);
    return { do: 'work', steps: [step.id] };
  }
  return { do: 'end', result: resultOf(state, plan) };
}

function resultOf(state: RunState, plan: Plan): EndResult {
  const { approval } = state;
  if (approval?.state === 'voided' || approval?.state === 'expired') return approval.state;
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
    state.approval?.state === 'expired' ||
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

/** A failed step that a person's order has set free: a retry, or for the clean-up an abort. */
function awaitsRestart(state: RunState, step: StepState | undefined): boolean {
  if (step?.state !== 'failed') return false;
  const freed = Math.max(step.retry?.at ?? 0, state.aborted?.at ?? 0);
  return freed >= (step.endedAt ?? 0);
}

function startAgain(state: RunState, step: PlanStep): Move {
  const attempt = (state.steps[step.id]?.attempt ?? 0) + 1;
  return { do: 'start-step', step: step.id, attempt };
}
