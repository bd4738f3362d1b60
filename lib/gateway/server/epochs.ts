/**
 * Who holds a protection unit: one run under one epoch, and epochs only rise. A newer epoch counts
 * only with a plan that is here and approved, so that nobody stops a run without two people.
 */
import type * as z from 'zod';
import { GatewayError } from '../errors.ts';
import type { announcedSchema, EpochAnnouncement, Health } from '../protocol.ts';
import { coverNow } from './approvals.ts';
import { assertSinceArmed } from './arming.ts';
import type { Book } from './book.ts';
import type { Parts } from './gateway.ts';
import { isWorse } from './plans.ts';

/**
 * Resolves when the epoch is on the disk. Rejects with GW-PLAN-UNKNOWN, GW-EPOCH-PLAN,
 * GW-NOT-APPROVED, GW-EXPIRED, or GW-EPOCH for one that is over. Announcing the same twice is fine.
 */
export async function announceEpoch(
  parts: Pick<Parts, 'book' | 'clock' | 'folder'>,
  { unit, epoch, planHash, run }: EpochAnnouncement,
): Promise<z.infer<typeof announcedSchema>> {
  const { book, clock } = parts;
  const plan = book.plan(planHash);
  if (plan === undefined) {
    throw new GatewayError('GW-PLAN-UNKNOWN', 'An epoch came for a plan that is not here.');
  }
  if (plan.unit !== unit || plan.run !== run) {
    throw new GatewayError('GW-EPOCH-PLAN', `The plan is of run ${plan.run} and ${plan.unit}.`);
  }
  const approvals = book.approvals(planHash);
  const covered = coverNow(parts, planHash);
  if (approvals === undefined || covered === undefined || isWorse(plan.class, covered)) {
    const why = `It is of class ${plan.class}; approvals cover ${covered ?? 'nothing'}.`;
    throw new GatewayError('GW-NOT-APPROVED', `The plan of ${run} is not approved here.`, { why });
  }
  assertCurrent(book, { unit, epoch, run });
  const known = book.holder(unit);
  if (known?.epoch === epoch && known.run === run) return { unit, epoch, run };
  assertSinceArmed(parts, plan, approvals.statements);
  const until = approvals.notAfter + plan.approval.runWithinMs;
  if (clock.now() > until) {
    const what = `The time of run ${run} ended ${clock.now() - until} ms ago.`;
    throw new GatewayError('GW-EXPIRED', what);
  }
  await book.write({ type: 'epoch', at: clock.now(), unit, epoch, planHash, run });
  return { unit, epoch, run };
}

/** Epochs rise by one from run to run. One that leaps was made up, and at the end no other could follow. */
const FARTHEST = 10_000;

/** Throws GW-EPOCH for an epoch that is further above the known one than any run could be. */
export function assertNear(book: Pick<Book, 'epoch'>, unit: string, epoch: number): void {
  const known = book.epoch(unit);
  if (epoch <= known + FARTHEST) return;
  const why = `Here it is epoch ${known}: no run is that far ahead.`;
  throw new GatewayError('GW-EPOCH', `Epoch ${epoch} of ${unit} is not taken.`, { why });
}

/** Throws GW-EPOCH for a call that would take the unit from an announced holder without saying so. */
export function assertAnnounced(book: Pick<Book, 'holder'>, { unit, epoch, run }: Claim): void {
  const holder = book.holder(unit);
  if (holder === undefined || holder.run === run || epoch <= holder.epoch) return;
  const why = `Run ${holder.run} holds it under epoch ${holder.epoch}, and ${run} was not announced.`;
  throw new GatewayError('GW-EPOCH', `Epoch ${epoch} of ${unit} is not taken.`, { why });
}

/** A run that says it holds a unit under this epoch. */
interface Claim {
  readonly unit: string;
  readonly epoch: number;
  readonly run: string;
}

/** Throws GW-EPOCH when the unit belongs to somebody else under this epoch or a newer one. */
export function assertCurrent(
  book: Pick<Book, 'epoch' | 'holder'>,
  { unit, epoch, run }: Claim,
): void {
  assertNear(book, unit, epoch);
  const known = book.epoch(unit);
  const holder = book.holder(unit);
  const taken = holder !== undefined && holder.epoch === epoch && holder.run !== run;
  if (epoch >= known && !taken) return;
  const why = `Here it is epoch ${known}, of ${holder?.run ?? 'a run that was not announced'}.`;
  throw new GatewayError('GW-EPOCH', `Epoch ${epoch} of ${unit} is over.`, { why });
}

/** For health: what an engine needs to know to see whom it would stop. */
export function epochsOf(book: Pick<Book, 'holders' | 'plan'>): NonNullable<Health['epochs']> {
  return Object.fromEntries(
    book.holders().map(({ unit, epoch, run, planHash }) => {
      const drillType = book.plan(planHash)?.drillType ?? 'real-disaster';
      return [unit, { epoch, run, drillType }];
    }),
  );
}
