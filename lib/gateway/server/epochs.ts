/**
 * Who holds a protection unit: one run under one epoch, and epochs only rise. A newer epoch counts
 * only with a plan that is here and approved, so that nobody stops a run without two people.
 */
import type * as z from 'zod';
import { GatewayError } from '../errors.ts';
import type { announcedSchema, EpochAnnouncement, Health } from '../protocol.ts';
import type { Book } from './book.ts';
import type { Parts } from './gateway.ts';
import { isWorse } from './plans.ts';

/**
 * Resolves when the epoch is on the disk. Rejects with GW-PLAN-UNKNOWN, GW-EPOCH-PLAN,
 * GW-NOT-APPROVED, or GW-EPOCH for one that is over. Announcing the same twice is fine.
 */
export async function announceEpoch(
  { book, clock }: Pick<Parts, 'book' | 'clock'>,
  { unit, epoch, planHash, run }: EpochAnnouncement,
): Promise<z.infer<typeof announcedSchema>> {
  const plan = book.plan(planHash);
  if (plan === undefined) {
    throw new GatewayError('GW-PLAN-UNKNOWN', 'An epoch came for a plan that is not here.');
  }
  if (plan.unit !== unit || plan.run !== run) {
    throw new GatewayError('GW-EPOCH-PLAN', `The plan is of run ${plan.run} and ${plan.unit}.`);
  }
  const covered = book.approvals(planHash)?.covered;
  if (covered === undefined || isWorse(plan.class, covered)) {
    const why = `It is of class ${plan.class}; approvals cover ${covered ?? 'nothing'}.`;
    throw new GatewayError('GW-NOT-APPROVED', `The plan of ${run} is not approved here.`, { why });
  }
  assertCurrent(book, { unit, epoch, run });
  const known = book.holder(unit);
  if (known?.epoch !== epoch || known.run !== run) {
    await book.write({ type: 'epoch', at: clock.now(), unit, epoch, planHash, run });
  }
  return { unit, epoch, run };
}

/** Throws GW-EPOCH when the unit belongs to somebody else under this epoch or a newer one. */
export function assertCurrent(
  book: Pick<Book, 'epoch' | 'holder'>,
  claim: { readonly unit: string; readonly epoch: number; readonly run: string },
): void {
  const { unit, epoch, run } = claim;
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
