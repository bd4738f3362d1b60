/**
 * What two people state who skip a step. Up to class `copy` the control plane is the witness of their
 * clicks; above it each signs with an own key, one as operator and one as approver of the plan.
 */
import { type Plan, sitesAsked } from '../runbook/plan.ts';
import { needsOwnKey, type Offer } from './statement.ts';

export type SkipVerb = 'skip' | 'confirm-skip';
const OPERATOR = 'operator';

/** Who skips speaks in these roles. */
export const skipRole = (plan: Plan, verb: SkipVerb): string =>
  verb === 'confirm-skip' && needsOwnKey(plan.class) ? plan.approval.role : OPERATOR;

/** `notAfter` (ms): until then gateways take it. A member of a wave is skipped in its own plan. */
export function skipOfferOf(
  plan: Plan,
  about: {
    readonly planHash: string;
    readonly step: string;
    readonly role: string;
    readonly notAfter: number;
  },
): Offer {
  const { planHash, step, role, notAfter } = about;
  return {
    v: 1,
    run: plan.run,
    planHash,
    factsHash: plan.factsHash,
    decision: 'skip',
    step,
    role,
    class: plan.class,
    gateways: sitesAsked(plan),
    notAfter,
  };
}

/** What a run that is skipped by signature shows, in its head. */
interface Shown {
  readonly statement: Omit<Offer, 'step' | 'role' | 'notAfter'>;
  readonly roles: Readonly<Record<SkipVerb, string>>;
  readonly lastsMs: number;
}

/** The words for one step and one of the two people; `now` in ms. */
export const shownOffer = (
  { statement, roles, lastsMs }: Shown,
  at: { readonly verb: SkipVerb; readonly step: string; readonly now: number },
): Offer => ({
  ...statement,
  step: at.step,
  role: roles[at.verb],
  notAfter: at.now + lastsMs,
});
