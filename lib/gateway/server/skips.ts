/** A step that two people skip: signed like an approval, because it lets go what comes after it. */
import type * as z from 'zod';
import { needsOwnKey } from '../../approval/statement.ts';
import { type DangerClass, type Plan, type PlanCall, worseOf } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { SignedStatement, skippedSchema, skipSchema } from '../protocol.ts';
import { assertGood, reachOf } from './approvals.ts';
import { assertSinceArmed } from './arming.ts';
import type { Entry } from './entries.ts';
import type { Parts } from './gateway.ts';
import { dangerHere, isWorse } from './plans.ts';
import { type Standing, standingOf } from './standing.ts';

/**
 * Takes both statements or none; twice is fine. Rejects with GW-SKIP when the step is not in the
 * plan, when one of its calls may have been carried out, or when the statements are not enough for its class.
 */
export async function skipStep(
  parts: Parts,
  { planHash, step, statements }: z.infer<typeof skipSchema>,
): Promise<z.infer<typeof skippedSchema>> {
  const { book, clock } = parts;
  const plan = book.plan(planHash);
  if (plan === undefined) {
    throw new GatewayError('GW-PLAN-UNKNOWN', 'A skip came for a plan that is not here.');
  }
  if (book.skipped(planHash, step)) return { step };
  assertSkippable(parts, { plan, step });
  for (const signed of statements) {
    assertGood(parts, { plan, planHash, decision: 'skip', step }, signed);
  }
  assertSinceArmed(parts, plan, statements);
  assertEnough(parts, { plan, step }, statements);
  await book.write({ type: 'skip', at: clock.now(), planHash, step, statements });
  return { step };
}

/** Throws GW-SKIP for a call of a skipped step: what was skipped is not done later after all. */
export function assertNotSkipped(
  { book }: Pick<Parts, 'book'>,
  planHash: string,
  call: PlanCall,
): void {
  const isNamed = (one: Entry) =>
    one.type === 'skip' && one.planHash === planHash && one.step === call.step;
  if (!book.skipped(planHash, call.step) && !book.coming().some(isNamed)) return;
  throw new GatewayError(
    'GW-SKIP',
    `Two people skipped step ${call.step}; ${call.id} stays unsent.`,
  );
}

function assertSkippable(parts: Parts, { plan, step }: { plan: Plan; step: string }): void {
  const calls = plan.calls.filter((call) => call.step === step);
  if (calls.length === 0 && !plan.steps.some(({ id }) => id === step)) {
    throw new GatewayError('GW-SKIP', `The plan has no step ${step}.`);
  }
  const begun = calls.find((call) => !UNDONE.includes(standingOf(parts, plan, call).standing));
  if (begun === undefined) return;
  throw new GatewayError('GW-SKIP', `Step ${step} has begun: ${begun.id} was accepted.`);
}

/** What left no trace: never sent, or refused by the target. */
const UNDONE: readonly Standing[] = ['never', 'void', 'refused', 'not-needed'];

function assertEnough(
  parts: Parts,
  { plan, step }: { plan: Plan; step: string },
  statements: readonly SignedStatement[],
): void {
  const { trust } = parts.folder;
  const danger = dangerOfSkip(parts, plan, step);
  const good = statements.filter((one) => !isWorse(danger, reachOf(trust, one)));
  const people = new Set(good.map(({ statement }) => statement.person));
  const roles = good.map(({ statement }) => statement.role);
  const approver = !needsOwnKey(danger) || roles.includes(plan.approval.role);
  const allowed = roles.every((role) => role === 'operator' || role === plan.approval.role);
  if (people.size >= 2 && approver && allowed) return;
  const why = needsOwnKey(danger)
    ? `It lets go class ${danger}: two own keys must sign, one as ${plan.approval.role}.`
    : `Two different people, operators or ${plan.approval.role}, must sign.`;
  throw new GatewayError('GW-SKIP', `Step ${step} is not skipped.`, { why });
}

/** The worst class among the step's own calls and all that come after them. */
function dangerOfSkip(parts: Parts, plan: Plan, step: string): DangerClass {
  const after = new Set(plan.calls.filter((call) => call.step === step).map(({ id }) => id));
  // Calls stand in an order in which each comes after all it depends on.
  for (const call of plan.calls) {
    if (call.after.some((id) => after.has(id))) after.add(call.id);
  }
  return plan.calls
    .filter(({ id }) => after.has(id))
    .map((call) =>
      call.site === parts.folder.settings.site ? dangerHere(parts, plan, call) : call.class,
    )
    .reduce(worseOf, 'none');
}
