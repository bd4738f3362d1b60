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
  const call = plan.calls.find(({ id }) => id === callId);
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
 * step two people skipped counts as settled. For cleaning up it is enough that none is on its way or
 * was turned down: what the world looks like is then for the call's own guards.
 */
export function assertAfter(parts: Parts, { plan, call, body }: Put): readonly PlanCall[] {
  const lost: PlanCall[] = [];
  const before = new Set([...call.after, ...call.holes.map((hole) => hole.call)]);
  for (const one of plan.calls) {
    if (!before.has(one.id) || parts.book.skipped(body.planHash, one.step)) continue;
    const { standing } = standingOf(parts, plan, one);
    if (isSettled(standing, { call, before: one })) continue;
    if (standing !== 'lost') {
      const text = standing === 'never' && one.site !== call.site ? abroad(one.site) : standing;
      throw new GatewayError('GW-AFTER', `${call.id} comes after ${one.id}, which is ${text}.`);
    }
    lost.push(one);
  }
  return lost;
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
  const undone = plan.calls.some(
    ({ id, phase }) =>
      phase === 'undo' &&
      (book.sentOf(planHash).some(({ record }) => record.callId === id) ||
        receiptsOf(book.abroad, { run: plan.run, callId: id }).length > 0),
  );
  if (undone) throw new GatewayError('GW-PHASE', `${call}: undoing has begun.`);
}

interface Phased {
  readonly plan: Plan;
  readonly planHash: string;
}
