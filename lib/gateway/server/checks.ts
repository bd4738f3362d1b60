/**
 * May this call be put now? All that can be said from what the gateway has on its disk, without
 * asking an array or a cloud. Pure but for its reads of the book.
 */
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import { callKey } from '../keys.ts';
import type { PutCall } from '../protocol.ts';
import type { Book } from './book.ts';
import type { Parts } from './gateway.ts';
import { dangerHere, isWorse } from './plans.ts';
import { standingOf, standingOfOne } from './standing.ts';

/** A put with the call that it names, as registered. */
export interface Put {
  readonly key: string;
  readonly body: PutCall;
  readonly plan: Plan;
  readonly call: PlanCall;
}

/** Finds the call, or throws GW-PLAN-UNKNOWN, GW-CALL-SITE or GW-KEY. */
export function findCall(parts: Parts, key: string, body: PutCall): Put {
  const plan = parts.book.plan(body.planHash);
  if (plan === undefined) throw new GatewayError('GW-PLAN-UNKNOWN', 'The plan is not known here.');
  const { callId, attempt } = body;
  const call = plan.calls.find(({ id }) => id === callId);
  if (call === undefined || call.site !== parts.folder.settings.site) {
    const why = call === undefined ? 'It is not in the plan.' : `It belongs to ${call.site}.`;
    throw new GatewayError('GW-CALL-SITE', `${callId} cannot be put here.`, { why });
  }
  if (key !== callKey({ run: plan.run, callId, attempt })) {
    throw new GatewayError('GW-KEY', `The key does not name attempt ${attempt} of ${callId}.`);
  }
  return { key, body, plan, call };
}

/** Throws the first reason why this put may not be accepted at this instant. */
export function assertMayPut(parts: Parts, put: Put): void {
  const { book, clock } = parts;
  const other = book.planOfRun(put.plan.run);
  if (other !== undefined && other !== put.body.planHash) {
    throw new GatewayError('GW-RUN-OTHER-PLAN', `Run ${put.plan.run} began with another plan.`);
  }
  if (clock.now() > put.body.putBy) {
    throw new GatewayError('GW-LATE', `The put is ${clock.now() - put.body.putBy} ms late.`);
  }
  if (put.body.epoch < book.epoch(put.plan.unit)) {
    const what = `Epoch ${put.body.epoch} of ${put.plan.unit} is over.`;
    throw new GatewayError('GW-EPOCH', what);
  }
  assertApproved(parts, put);
  assertInTime(book, put, clock.now());
  assertAttempt(parts, put);
  if (put.call.phase === 'forward') assertForwardOpen(book, put);
}

function assertApproved(parts: Parts, { plan, call, body }: Put): void {
  const danger = dangerHere(parts, plan, call);
  const approvals = parts.book.approvals(body.planHash);
  if (approvals === undefined || isWorse(danger, approvals.covered)) {
    const has = approvals === undefined ? 'none came' : `they cover ${approvals.covered}`;
    const why = `The call is of class ${danger}; of approvals, ${has}.`;
    throw new GatewayError('GW-NOT-APPROVED', `${call.id} is not approved here.`, { why });
  }
}

/**
 * The approvals' own end limits the first forward call only; then `runWithin` counts from it. What
 * cleans up stays allowed, but only after something was sent that it could clean up.
 */
function assertInTime(book: Book, { plan, call, body }: Put, now: number): void {
  const first = book
    .sentOf(body.planHash)
    .filter(({ record }) => phaseOf(plan, record.callId) === 'forward')
    .flatMap(({ record }) => record.acceptedAt ?? [])
    .at(0);
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

function assertForwardOpen(book: Book, { plan, call, body }: Put): void {
  const undone = book
    .sentOf(body.planHash)
    .some(({ record }) => phaseOf(plan, record.callId) === 'undo');
  if (undone) throw new GatewayError('GW-PHASE', `${call.id}: undoing has begun.`);
}

const phaseOf = (plan: Plan, callId: string): PlanCall['phase'] | undefined =>
  plan.calls.find(({ id }) => id === callId)?.phase;

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

/**
 * Predecessors at this site that are not settled: `lost` ones are left to the caller, which can
 * look. For cleaning up it is enough that none is on its way or was turned down: what the world
 * looks like is then for the call's own guards.
 */
export function assertAfter(book: Book, { plan, call }: Put): readonly PlanCall[] {
  const lost: PlanCall[] = [];
  const before = new Set([...call.after, ...call.holes.map((hole) => hole.call)]);
  for (const one of plan.calls) {
    if (!before.has(one.id) || one.site !== call.site) continue;
    const { standing } = standingOf(book, plan, one);
    if (standing === 'well' || standing === 'not-needed') continue;
    const cleaning = call.phase !== 'forward';
    if (cleaning && (one.phase === 'forward' ? standing !== 'accepted' : mayBePassed(standing))) {
      continue;
    }
    if (standing !== 'lost') {
      throw new GatewayError('GW-AFTER', `${call.id} comes after ${one.id}, which is ${standing}.`);
    }
    lost.push(one);
  }
  return lost;
}

const mayBePassed = (standing: string): boolean => ['never', 'void', 'lost'].includes(standing);
