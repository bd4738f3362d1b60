/** What became of a call over all its attempts, and what that is worth to those that follow it. */
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import { callKey } from '../keys.ts';
import type { Book, Sent } from './book.ts';

/**
 * `well` = answered as wanted, `refused` = the target
 * said 4xx or 503, `unclear` = another answer, `never` = no attempt is known here.
 */
export type Standing =
  | 'never'
  | 'void'
  | 'refused'
  | 'unclear'
  | 'lost'
  | 'accepted'
  | 'well'
  | 'not-needed';

/** Rising: one attempt that may have worked outweighs later ones that did not. */
const order: readonly Standing[] = [
  'never',
  'void',
  'refused',
  'unclear',
  'lost',
  'accepted',
  'well',
  'not-needed',
];

export function standingOf(
  book: Book,
  plan: Plan,
  call: PlanCall,
): { standing: Standing; sent?: Sent } {
  let best: { standing: Standing; sent?: Sent } = { standing: 'never' };
  for (let attempt = 1; ; attempt++) {
    const key = callKey({ run: plan.run, callId: call.id, attempt });
    const sent = book.sent(key);
    if (sent === undefined && !book.isVoid(key)) return best;
    const standing = sent === undefined ? 'void' : standingOfOne(sent, call);
    if (order.indexOf(standing) >= order.indexOf(best.standing)) {
      best = { standing, ...(sent === undefined ? {} : { sent }) };
    }
  }
}

/** A DELETE that finds nothing has reached what it wanted. */
export function standingOfOne({ record, receipt }: Sent, call: PlanCall): Standing {
  if (record.state !== 'answered' || receipt === undefined) {
    return record.state === 'accepted' ? 'accepted' : 'lost';
  }
  if (receipt.kind === 'not-needed') return 'not-needed';
  const { status } = receipt;
  if (status >= 200 && status < 300) return 'well';
  if (status === 404 && call.method === 'DELETE') return 'well';
  return (status >= 400 && status < 500) || status === 503 ? 'refused' : 'unclear';
}
