/** Where a run stands, in one word. Pure. */
import type { Plan } from '../runbook/plan.ts';
import { anythingSent, phaseOf } from './decide/known.ts';
import type { RunState } from './state.ts';
import type { Stage } from './verbs.ts';

const stages = { forward: 'running', undo: 'undoing', always: 'cleaning-up' } as const;

export function stageOf(state: RunState, plan: Plan | undefined): Stage {
  if (state.ended !== undefined || state.preempted !== undefined) return 'ended';
  if (isTurnedDown(state)) return 'ended';
  if (state.held !== undefined) return 'held';
  if (state.paused !== undefined) return 'paused';
  if (plan === undefined || state.approval === undefined) return 'opening';
  if (state.approval.state === 'requested') return 'awaiting-approval';
  return stages[phaseOf(state, plan)];
}

/** Denied, expired or void before anything was sent: nothing comes any more but the end. */
function isTurnedDown(state: RunState): boolean {
  const decided = state.approval?.state ?? 'requested';
  return decided !== 'requested' && decided !== 'complete' && !anythingSent(state);
}
