/**
 * May this call be put now? All that can be said from what the gateway has on its disk, without
 * asking an array or a cloud. Pure but for its reads of the book.
 */
import type { DangerClass, Plan, PlanCall } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import { callKey } from '../keys.ts';
import type { GuardReading, PutCall } from '../protocol.ts';
import { coverNow } from './approvals.ts';
import { assertArmed, assertSinceArmed } from './arming.ts';
import type { Book } from './book.ts';
import { assertAnnounced, assertCurrent } from './epochs.ts';
import type { Parts } from './gateway.ts';
import { assertForwardOpen } from './order.ts';
import { callOf } from './plan-calls.ts';
import { dangerHere, isWorse } from './plans.ts';
import { assertNotSkipped } from './skips.ts';
import { standingOfOne } from './standing.ts';

/** A put with the call that it names, as registered. */
export interface Put {
  readonly key: string;
  readonly body: PutCall;
  readonly plan: Plan;
  readonly call: PlanCall;
  /** What the gateway saw on its way to a yes, for the receipt. */
  readonly looks: GuardReading[];
}

/** Finds the call, or throws GW-PLAN-UNKNOWN, GW-CALL-SITE or GW-KEY. */
export function findCall(parts: Parts, key: string, body: PutCall): Put {
  const plan = parts.book.plan(body.planHash);
  if (plan === undefined) throw new GatewayError('GW-PLAN-UNKNOWN', 'The plan is not known here.');
  const { callId, attempt } = body;
  const call = callOf(plan, callId);
  if (call === undefined || call.site !== parts.folder.settings.site) {
    const why = call === undefined ? 'It is not in the plan.' : `It belongs to ${call.site}.`;
    throw new GatewayError('GW-CALL-SITE', `${callId} cannot be put here.`, { why });
  }
  if (key !== callKey({ run: plan.run, callId, attempt })) {
    throw new GatewayError('GW-KEY', `The key does not name attempt ${attempt} of ${callId}.`);
  }
  return { key, body, plan, call, looks: [] };
}

/** Throws the first reason why this put may not be accepted at this instant. */
export function assertMayPut(parts: Parts, put: Put): void {
  const { book, clock } = parts;
  assertArmed(parts);
  assertNotSkipped(parts, put.body.planHash, put.call);
  assertOnePlan(book, put.plan, put.body.planHash);
  if (clock.now() > put.body.putBy) {
    throw new GatewayError('GW-LATE', `The put is ${clock.now() - put.body.putBy} ms late.`);
  }
  const { unit, run } = put.plan;
  const claim = { unit, epoch: put.body.epoch, run };
  assertCurrent(book, claim);
  assertAnnounced(book, claim);
  const danger = dangerHere(parts, put.plan, put.call);
  const { planHash } = put.body;
  assertCovered(parts, { plan: put.plan, planHash, id: put.call.id, danger });
  assertInTime(book, put, clock.now());
  assertAttempt(parts, put);
  if (put.call.phase === 'forward') {
    assertForwardOpen(parts, { plan: put.plan, planHash: put.body.planHash }, put.call.id);
  }
}

/** A call of another gateway: the same questions, as far as this one can answer them. */
export interface Asked {
  readonly plan: Plan;
  readonly planHash: string;
  readonly call: PlanCall;
  readonly epoch: number;
  readonly danger: DangerClass;
}

/** Throws the first reason why this gateway does not say yes to a call of its peer now. */
export function assertMayGrant(parts: Parts, asked: Asked): void {
  const { book, clock } = parts;
  const { plan, planHash, call, epoch, danger } = asked;
  assertArmed(parts);
  assertNotSkipped(parts, planHash, call);
  assertOnePlan(book, plan, planHash);
  assertCurrent(book, { unit: plan.unit, epoch, run: plan.run });
  assertCovered(parts, { plan, planHash, id: call.id, danger });
  if (call.phase !== 'forward') return;
  assertForwardOpen(parts, { plan, planHash }, call.id);
  // When the run began is known to the asker, which holds it to the minute.
  const until = (book.approvals(planHash)?.notAfter ?? 0) + plan.approval.runWithinMs;
  if (clock.now() <= until) return;
  throw new GatewayError('GW-EXPIRED', `The time of the run ended ${clock.now() - until} ms ago.`);
}

function assertOnePlan(book: Book, { run }: Plan, planHash: string): void {
  const other = book.planOfRun(run);
  if (other === undefined || other === planHash) return;
  throw new GatewayError('GW-RUN-OTHER-PLAN', `Run ${run} began with another plan.`);
}

interface Covering extends Pick<Asked, 'plan' | 'planHash' | 'danger'> {
  readonly id: string;
}

function assertCovered(parts: Parts, { plan, planHash, id, danger }: Covering): void {
  const approvals = parts.book.approvals(planHash);
  const covered = coverNow(parts, planHash);
  if (approvals === undefined || covered === undefined || isWorse(danger, covered)) {
    const has = approvals === undefined ? 'none came' : `they cover ${covered ?? 'nothing now'}`;
    const why = `The call is of class ${danger}; of approvals, ${has}.`;
    throw new GatewayError('GW-NOT-APPROVED', `${id} is not approved here.`, { why });
  }
  assertSinceArmed(parts, plan, approvals.statements);
}

/**
 * The approvals' own end limits the first forward call only; then `runWithin` counts from it. What
 * cleans up stays allowed, but only after something was sent that it could clean up.
 */
function assertInTime(book: Book, { plan, call, body }: Put, now: number): void {
  const first = forwardSince(book, plan, body.planHash);
  if (call.phase !== 'forward') {
    if (first !== undefined) return;
    throw new GatewayError('GW-PHASE', `${call.id}: this run has changed nothing here to undo.`);
  }
  const until =
    first === undefined
      ? (book.approvals(body.planHash)?.notAfter ?? 0)
      : first + plan.approval.runWithinMs;
  if (now <= until) return;
  const which = first === undefined ? 'The approvals ended' : 'The time of the run ended';
  throw new GatewayError('GW-EXPIRED', `${which} ${now - until} ms ago.`);
}

/** When the first forward call was accepted (ms): the first of all, as a rule. */
function forwardSince(book: Book, plan: Plan, planHash: string): number | undefined {
  for (const [id, at] of book.begun(planHash)) {
    if (at !== undefined && callOf(plan, id)?.phase === 'forward') return at;
  }
  return undefined;
}

/** Attempt n + 1 only if n is void, was turned down, or an operator says so, once. */
function assertAttempt({ book, folder }: Parts, { plan, call, body }: Put): void {
  const { attempt, retry } = body;
  if (attempt === 1) return;
  const before = callKey({ run: plan.run, callId: call.id, attempt: attempt - 1 });
  const sent = book.sent(before);
  if (sent === undefined) {
    if (book.isVoid(before)) return;
    const what = `Attempt ${attempt - 1} of ${call.id} is not known here; ask for its key first.`;
    throw new GatewayError('GW-ATTEMPT', what);
  }
  const standing = standingOfOne(sent, call);
  if (standing === 'refused') return;
  const what = `Attempt ${attempt - 1} of ${call.id} is ${standing}.`;
  if (standing === 'accepted' || retry === undefined) throw new GatewayError('GW-ATTEMPT', what);
  const person = folder.trust.people.find(({ id }) => id === retry.person);
  const used = book
    .sentOf(body.planHash)
    .some((one) => one.record.callId === call.id && one.retry?.event === retry.event);
  if (!person?.roles.includes('operator') || used) {
    const why = used ? 'It allowed an attempt before.' : `${retry.person} is no operator here.`;
    throw new GatewayError('GW-RETRY', `The retry of ${call.id} does not count.`, { why });
  }
}
