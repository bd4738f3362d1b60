/**
 * A gateway that shows less than was seen of it has lost its memory: what it does not know it may
 * have sent. It changes nothing more until two people arm it again, as a new incarnation.
 */

import type { HttpRequest } from '../../http.ts';
import type { Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import { SEEN } from '../signatures.ts';
import type { Parts } from './gateway.ts';
import type { Seen } from './memory.ts';

/** How far the clock of a control plane may be ahead of ours, ms. */
const SKEW_MS = 300_000;

/** What the asker has seen of this gateway, from the header its signature covers. */
export function seenIn({ headers }: HttpRequest): Seen | undefined {
  const [, incarnation, counter] =
    /^([A-Za-z0-9-]{1,64}) (\d{1,15})$/.exec(headers[SEEN] ?? '') ?? [];
  if (incarnation === undefined) return undefined;
  return { incarnation, counter: Number(counter) };
}

/** Writes `amnesia` when somebody saw more than is here. `by` is the key id of who says so. */
export async function compareSeen(
  { book, clock, say }: Pick<Parts, 'book' | 'clock' | 'say'>,
  seen: Seen,
  by: string,
): Promise<void> {
  const { memory } = book;
  const ended = memory.armings.some(({ ends }) => ends === seen.incarnation);
  const known = seen.incarnation === book.incarnation && seen.counter <= book.count();
  if (ended || known) return;
  const told = memory.amnesia?.seen;
  if (told?.incarnation === seen.incarnation && told.counter >= seen.counter) return;
  say(
    `GW-AMNESIA: ${by} has seen ${seen.incarnation} ${seen.counter}; this is ${book.incarnation} ${book.count()}.`,
  );
  await book.write({ type: 'amnesia', at: clock.now(), seen, by });
}

/** Throws GW-AMNESIA while the gateway may not change anything. */
export function assertArmed({ book }: Pick<Parts, 'book'>): void {
  const why = amnesiaOf(book);
  if (why === undefined) return;
  throw new GatewayError('GW-AMNESIA', 'This gateway lost its memory.', { why });
}

export function amnesiaOf(book: Parts['book']): string | undefined {
  const { amnesia } = book.memory;
  if (amnesia === undefined) return undefined;
  const { seen, by } = amnesia;
  const here = `${book.count()} lines of ${book.incarnation}`;
  return `${by} has seen line ${seen.counter} of ${seen.incarnation}; here are ${here}.`;
}

/**
 * Throws GW-AMNESIA for approvals that may be older than the last arming: calls of that run may
 * have been sent by the incarnation that ended. `notAfter` was set `expiresMs` after asking.
 */
export function assertSinceArmed(
  { book }: Pick<Parts, 'book'>,
  plan: Plan,
  notAfter: number,
): void {
  const last = book.memory.armings.at(-1);
  if (last === undefined || isSince(plan, notAfter, last.at)) return;
  throw new GatewayError('GW-AMNESIA', `Run ${plan.run} is older than this incarnation.`, {
    why: 'Its approval was asked for before two people armed this gateway again, or too soon after.',
  });
}

/** Whether a call that nobody knows here may have been sent by an incarnation that ended. */
export function mayBeForgotten(
  { book }: Pick<Parts, 'book'>,
  planHash: string | undefined,
): boolean {
  const last = book.memory.armings.at(-1);
  if (last === undefined || planHash === undefined) return false;
  const plan = book.plan(planHash);
  const approvals = book.approvals(planHash);
  return (
    plan === undefined || approvals === undefined || !isSince(plan, approvals.notAfter, last.at)
  );
}

const isSince = (plan: Plan, notAfter: number, armedAt: number): boolean =>
  notAfter - plan.approval.expiresMs > armedAt + SKEW_MS;
