/**
 * A gateway that shows less than was seen of it has lost its memory: what it does not know it may
 * have sent. It changes nothing more until two people arm it again, as a new incarnation.
 */
import { longestMs } from '../../approval/wave.ts';
import type { HttpRequest } from '../../http.ts';
import type { Plan } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { SignedStatement } from '../protocol.ts';
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
 * Throws GW-AMNESIA for a run that was here before the last arming, whoever signs for it now, and for
 * statements that may be older: its calls may have been sent by the incarnation that ended.
 */
export function assertSinceArmed(
  { book }: Pick<Parts, 'book'>,
  plan: Plan,
  statements: readonly SignedStatement[],
): void {
  const last = book.memory.armings.at(-1);
  if (last === undefined) return;
  if (!book.isOlder(plan.run) && areSince(plan, statements, last.at)) return;
  throw new GatewayError('GW-AMNESIA', `Run ${plan.run} is older than this incarnation.`, {
    why: 'Its approval was asked for before two people armed this gateway again, or too soon after.',
  });
}

/**
 * Whether a call that nobody knows here may have been sent by an incarnation that ended. Who does not
 * say of which plan it is gets no proof.
 */
export function mayBeForgotten(
  { book }: Pick<Parts, 'book'>,
  planHash: string | undefined,
): boolean {
  const last = book.memory.armings.at(-1);
  if (last === undefined) return false;
  const plan = planHash === undefined ? undefined : book.plan(planHash);
  const approvals = planHash === undefined ? undefined : book.approvals(planHash);
  if (plan === undefined || approvals === undefined) return true;
  return book.isOlder(plan.run) || !areSince(plan, approvals.statements, last.at);
}

/** The end of a statement was set no more than its longest time after somebody asked for it. */
const areSince = (plan: Plan, statements: readonly SignedStatement[], armedAt: number): boolean =>
  statements.every(
    ({ statement }) => statement.notAfter - longestMs(statement, plan) > armedAt + SKEW_MS,
  );
