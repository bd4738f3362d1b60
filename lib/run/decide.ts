/**
 * What may happen next in a run. Pure: no reading, no clock of its own, no chance. One move at a
 * time; the engine performs it, journals what came of it, and asks again.
 */
import type { Refusal } from '../errors.ts';
import type { Plan, PlanStep } from '../runbook/plan.ts';
import { beforeApproval } from './decide/approving.ts';
import { backward } from './decide/backward.ts';
import { asWritten, failedIn, pauseFor } from './decide/failing.ts';
import { forward } from './decide/forward.ts';
import { isOver, openCalls, phaseOf, stepsOf } from './decide/known.ts';
import { resultOf } from './decide/result.ts';
import type { RunResult } from './event-data.ts';
import { findCall } from './parts.ts';
import type { RunState } from './state.ts';

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
  | { readonly do: 'announce'; readonly site: string }
  /** Three of the members of a wave: make the list, take its approval over, wait for one's turn. */
  | { readonly do: 'bind-wave' }
  | { readonly do: 'join-approval' }
  | { readonly do: 'await-turn' }
  | { readonly do: 'start-step'; readonly step: string; readonly attempt: number }
  /** There is nothing for this step to take back. */
  | { readonly do: 'skip-step'; readonly step: string }
  | { readonly do: 'work'; readonly steps: readonly string[] }
  /** Find out what became of calls that were handed over by somebody who is gone. */
  | { readonly do: 'settle'; readonly calls: readonly string[] }
  /** A step stands still and the journal does not say so yet. */
  | { readonly do: 'pause'; readonly step: string; readonly refusal: Refusal }
  /** A step failed and the runbook says to go on: from here on the run is conditional at best. */
  | { readonly do: 'deviate'; readonly step: string; readonly reason: string }
  /** Closes forward for good; what was changed is taken back. */
  | { readonly do: 'begin-undo'; readonly step?: string; readonly reason: string }
  /** Two people skip a step: the gateways hear it first, then it counts. */
  | { readonly do: 'deliver-skip'; readonly step: string; readonly site: string }
  | { readonly do: 'finish-skip'; readonly step: string }
  /** Nobody says what became of these calls, and somebody waits for the clean-up. */
  | { readonly do: 'give-up-settling'; readonly calls: readonly string[] }
  | { readonly do: 'end'; readonly result: RunResult }
  /** Nothing to do before `until` (ms) unless somebody acts. */
  | { readonly do: 'wait'; readonly until: number; readonly for: 'people' | 'operator' | 'time' }
  | { readonly do: 'nothing' };

/** How long an order waits for a gateway that does not say what became of a call. */
export const SETTLE_LIMIT_MS = 300_000;

export function decide(state: RunState, plan: Plan | undefined, now: number): Move {
  if (state.opened === undefined || state.ended !== undefined) return { do: 'nothing' };
  if (state.preempted !== undefined) return { do: 'end', result: 'pre-empted' };
  if (state.conductors === 0) return { do: 'start-conductor' };
  if (state.opened.refusal !== undefined) return { do: 'turn-away' };
  const held = plan === undefined ? undefined : holding(state, plan);
  if (held !== undefined) return held;
  const early = beforeApproval(state, plan, now);
  if (early !== undefined) return early;
  if (plan === undefined) return { do: 'nothing' };
  if (state.aborted?.again === true) return { do: 'end', result: 'failed' };
  return underWay(state, plan, now);
}

/** Approved, and both gateways know it. */
function underWay(state: RunState, plan: Plan, now: number): Move {
  const phase = phaseOf(state, plan);
  const failed = failedIn(state, plan, phase);
  return (
    firstOf(failed, (one) => pauseFor(state, plan, one)) ??
    skipping(state, plan) ??
    settling(state, plan, { phase, now }) ??
    undoOrdered(state, plan) ??
    firstOf(failed, (one) => asWritten(state, plan, one)) ??
    (phase === 'forward'
      ? forward(state, plan, now)
      : (backward(state, plan, { phase, now }) ?? { do: 'end', result: resultOf(state, plan) }))
  );
}

function firstOf<T>(list: readonly T[], move: (one: T) => Move | undefined): Move | undefined {
  for (const one of list) {
    const found = move(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An operator's pause: nothing begins and nothing is handed over; what is on its way is settled. */
function holding(state: RunState, plan: Plan): Move | undefined {
  if (state.held === undefined) return undefined;
  const skip = skipping(state, plan);
  if (skip !== undefined) return skip;
  const calls = openCalls(state);
  if (calls.length > 0) return { do: 'settle', calls };
  return { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
}

/** Steps that two people skip; never while a call of the step is on its way. */
function skipping(state: RunState, plan: Plan): Move | undefined {
  for (const [step, skip] of Object.entries(state.skips)) {
    if (skip.second === undefined || isOver(state.steps[step])) continue;
    const calls = plan.calls.filter((call) => call.step === step);
    if (calls.some(({ id }) => state.calls[id]?.state === 'intent')) continue;
    // A step that sends nothing is nothing that a gateway waits for.
    const told = calls.length === 0 ? [] : [...new Set(plan.calls.map(({ site }) => site))];
    // A plane that is cut off goes on with the gateway it stands beside.
    const reached = (name: string) =>
      state.continuedAt === undefined
        ? plan.givesUp?.includes(name) !== true
        : name === state.continuedAt;
    const site = told.find((name) => !skip.delivered.includes(name) && reached(name));
    return site === undefined ? { do: 'finish-skip', step } : { do: 'deliver-skip', step, site };
  }
  return undefined;
}

/** Calls of steps that nobody works on any more; a step that is worked on settles its own. */
function settling(
  state: RunState,
  plan: Plan,
  { phase, now }: { readonly phase: PlanStep['phase']; readonly now: number },
): Move | undefined {
  const open = openCalls(state);
  if (open.length === 0) return undefined;
  const working =
    state.paused === undefined
      ? stepsOf(plan, phase).filter(({ id }) => state.steps[id]?.state === 'running')
      : [];
  const theirs = new Set(working.map(({ id }) => id));
  const stray = open.filter((call) => !theirs.has(findCall(plan, call)?.step ?? ''));
  if (stray.length === 0) return undefined;
  // From the last order, and from when the last of them was left alone.
  const since = Math.max(state.orderedAt ?? 0, ...stray.map((call) => leftAt(state, plan, call)));
  const silent = state.paused === undefined && now >= since + SETTLE_LIMIT_MS;
  return { do: silent ? 'give-up-settling' : 'settle', calls: stray };
}

/** When nobody worked on the call any more (ms): its step ended, or it was only then handed over. */
function leftAt(state: RunState, plan: Plan, call: string): number {
  const step = state.steps[findCall(plan, call)?.step ?? ''];
  return Math.max(state.calls[call]?.at ?? 0, step?.endedAt ?? 0);
}

/** An abort that undoes: while nothing is cleaned up yet, and there is something that can. */
function undoOrdered(state: RunState, plan: Plan): Move | undefined {
  const { aborted, undoing, paused } = state;
  if (aborted?.mode !== 'undo' || undoing !== undefined || paused !== undefined) return undefined;
  if (stepsOf(plan, 'undo').length === 0) return undefined;
  if (stepsOf(plan, 'always').some(({ id }) => state.steps[id] !== undefined)) return undefined;
  return { do: 'begin-undo', reason: aborted.reason };
}
