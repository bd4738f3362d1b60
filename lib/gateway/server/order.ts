/**
 * The order of calls: what must have come before, at this site by its own log, at another site by
 * receipts that its gateway signed.
 */
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import { callKey } from '../keys.ts';
import type { Receipt } from '../protocol.ts';
import { verifyReceipt } from '../receipt.ts';
import { receiptsOf } from './abroad.ts';
import type { Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { callOf } from './plan-calls.ts';
import { type Standing, standingOf } from './standing.ts';

/**
 * Keeps the receipts of other sites that came along. Rejects with GW-RECEIPT unless each one is of a
 * call of this very plan at that site and verifies with the key that trust.yml has for it.
 */
export async function keepReceipts(parts: Parts, { plan, body }: Put): Promise<void> {
  const { book, clock } = parts;
  const told = body.receipts ?? [];
  for (const receipt of told) assertOfPlan(parts, { plan, planHash: body.planHash, receipt });
  const known = book.abroad.receipts;
  const receipts = told.filter(({ key }) => key !== undefined && !known.has(key));
  if (receipts.length > 0) await book.write({ type: 'peer-receipts', at: clock.now(), receipts });
}

/** More attempts than an engine ever makes of one call. */
const ATTEMPTS = 100;

function assertOfPlan(
  { folder }: Parts,
  { plan, planHash, receipt }: { plan: Plan; planHash: string; receipt: Receipt },
): void {
  const { gateway, callId = '', key, kind } = receipt;
  const refuse = (why: string): GatewayError =>
    new GatewayError('GW-RECEIPT', `The receipt for ${callId} does not count.`, { why });
  const peer = folder.trust.peers.find(({ site }) => site === gateway);
  if (peer === undefined) throw refuse(`trust.yml has no gateway ${gateway}.`);
  if (!verifyReceipt(receipt, peer.publicKey)) throw refuse('It does not verify.');
  const call = callOf(plan, callId);
  if (receipt.planHash !== planHash || call?.site !== gateway || kind === 'read') {
    throw refuse(`It is of no call of this plan at ${gateway}.`);
  }
  const names = (attempt: number) => callKey({ run: plan.run, callId, attempt }) === key;
  if (!Array.from({ length: ATTEMPTS }, (_, i) => i + 1).some(names)) {
    throw refuse('Its key is of no attempt of that call.');
  }
}

/**
 * Predecessors that are not settled: `lost` ones are left to the caller, which can look. One whose
 * step two people skipped counts as settled, and so does one that failed where the approved plan says
 * `on-failure: continue`; at another site a receipt of the refusal must show it. For cleaning up it
 * is enough that none is on its way or was turned down: what the world looks like is then for the
 * call's own guards.
 */
export function assertAfter(parts: Parts, put: Put): readonly PlanCall[] {
  const { plan, call } = put;
  const lost: PlanCall[] = [];
  assertNotOvertaken(parts, put);
  for (const one of predecessors(parts, put)) {
    const { standing } = standingOf(parts, plan, one);
    if (isSettled(standing, { call, before: one })) continue;
    if (mayFail(plan, one) && one.site === call.site && FAILED.includes(standing)) continue;
    if (mayFail(plan, one) && standing === 'refused') continue;
    if (standing !== 'lost') {
      const text = standing === 'never' && one.site !== call.site ? abroad(one.site) : standing;
      throw new GatewayError('GW-AFTER', `${call.id} comes after ${one.id}, which is ${text}.`);
    }
    lost.push(one);
  }
  return lost;
}

/** What has to come first. Where a step was skipped, that is what it would itself have waited for. */
function predecessors({ book }: Parts, { plan, call, body }: Put): PlanCall[] {
  const ids = new Set<string>();
  const follow = (one: PlanCall): void => {
    for (const id of [...one.after, ...one.holes.map((hole) => hole.call)]) {
      const before = callOf(plan, id);
      if (before === undefined || ids.has(id)) continue;
      ids.add(id);
      if (book.skipped(body.planHash, before.step)) follow(before);
    }
  };
  follow(call);
  return [...ids]
    .flatMap((id) => callOf(plan, id) ?? [])
    .filter(({ step }) => !book.skipped(body.planHash, step));
}

/** Without an effect, and without one that may still come. */
const FAILED: readonly Standing[] = ['never', 'void', 'refused'];

const mayFail = (plan: Plan, { step }: PlanCall): boolean =>
  plan.steps.find(({ id }) => id === step)?.onFailure === 'continue';

/** What was passed over is not sent after all, behind the back of what came after it. */
function assertNotOvertaken({ book }: Parts, { plan, call, body }: Put): void {
  if (!mayFail(plan, call)) return;
  const begun = begunOf(book, body.planHash);
  const later = plan.calls.find(({ id, after }) => after.includes(call.id) && begun(id));
  if (later === undefined) return;
  throw new GatewayError('GW-AFTER', `${later.id} comes after ${call.id} and was sent already.`);
}

const abroad = (site: string): string => `of ${site}, and no receipt of it came along`;

function isSettled(
  standing: Standing,
  { call, before }: { readonly call: PlanCall; readonly before: PlanCall },
): boolean {
  if (standing === 'well' || standing === 'not-needed') return true;
  if (call.phase === 'forward') return false;
  if (before.phase === 'forward') return standing !== 'accepted';
  return standing === 'never' || standing === 'void' || standing === 'lost';
}

/** The first undo call closes forward, wherever it was sent. Throws GW-PHASE. */
export function assertForwardOpen({ book }: Parts, { plan, planHash }: Phased, call: string): void {
  const begun = begunOf(book, planHash);
  const undone = plan.calls.some(
    ({ id, phase }) =>
      phase === 'undo' &&
      (begun(id) || receiptsOf(book.abroad, { run: plan.run, callId: id }).length > 0),
  );
  if (undone) throw new GatewayError('GW-PHASE', `${call}: undoing has begun.`);
}

/** Whether a call of the plan was accepted here, also one whose line is still being written. */
function begunOf(book: Parts['book'], planHash: string): (id: string) => boolean {
  const known = book.begun(planHash);
  const coming = book
    .coming()
    .flatMap((one) => (one.type === 'accepted' && one.planHash === planHash ? [one.callId] : []));
  return (id) => known.has(id) || coming.includes(id);
}

interface Phased {
  readonly plan: Plan;
  readonly planHash: string;
}
