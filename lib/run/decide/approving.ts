/** From the opening to the moment both gateways hold the approvals. */
import { type Plan, sitesAsked } from '../../runbook/plan.ts';
import type { Move } from '../decide.ts';
import type { RunState } from '../state.ts';
import { isFollower } from '../waves.ts';
import { anythingSent } from './known.ts';

/** undefined when all that is done. */
export function beforeApproval(
  state: RunState,
  plan: Plan | undefined,
  now: number,
): Move | undefined {
  if (state.plan === undefined || plan === undefined) {
    return state.aborted === undefined ? { do: 'resolve' } : { do: 'end', result: 'aborted' };
  }
  const { approval } = state;
  if (approval?.state !== 'complete' && state.aborted !== undefined) {
    return { do: 'end', result: 'aborted' };
  }
  if (approval === undefined && !state.locked && state.wanted === undefined) return { do: 'lock' };
  if (approval === undefined) {
    const site = sitesAsked(plan).find((name) => !state.registered.includes(name));
    if (site !== undefined) return { do: 'register', site };
    if (state.opened?.wave !== undefined && state.wave === undefined) return { do: 'bind-wave' };
    return { do: isFollower(state) ? 'join-approval' : 'request-approval' };
  }
  switch (approval.state) {
    case 'rejected':
      return { do: 'end', result: 'denied' };
    case 'expired':
    case 'voided':
      // With something sent there is something to clean up first.
      return anythingSent(state) ? undefined : { do: 'end', result: approval.state };
    case 'requested':
      return isFollower(state) ? { do: 'join-approval' } : collecting(state, now);
    case 'complete':
      return state.aborted === undefined ? beforeFirstCall(state, plan) : undefined;
  }
}

/** The approvals are where they are checked; then the unit is this run's, and gateways know it. */
function beforeFirstCall(state: RunState, plan: Plan): Move | undefined {
  const { continuedAt, delivered, announced } = state;
  const sites = continuedAt === undefined ? sitesAsked(plan) : [continuedAt];
  const site = sites.find((name) => !delivered.includes(name));
  if (site !== undefined) return { do: 'deliver', site };
  if (!state.locked && continuedAt === undefined) return { do: 'lock' };
  const deaf = state.announces ? sites.find((name) => !announced.includes(name)) : undefined;
  if (deaf !== undefined) return { do: 'announce', site: deaf };
  if (!isFollower(state) || state.turn) return undefined;
  return state.paused === undefined
    ? { do: 'await-turn' }
    : { do: 'wait', until: Number.MAX_SAFE_INTEGER, for: 'operator' };
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
