/** What became of a call over all its attempts, and what that is worth to those that follow it. */
import type { Plan, PlanCall } from '../../runbook/plan.ts';
import { callKey } from '../keys.ts';
import type { Receipt } from '../protocol.ts';
import { receiptsOf } from './abroad.ts';
import type { Book } from './book.ts';
import type { Parts } from './gateway.ts';
import type { Sent } from './pages.ts';

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

interface Known {
  readonly standing: Standing;
  readonly receipt?: Receipt;
  /** When it was accepted here (ms). */
  readonly acceptedAt?: number;
}

/** A call of this site by its log; one of another site by the receipts of its gateway. */
export function standingOf(
  { book, folder }: Pick<Parts, 'book' | 'folder'>,
  plan: Plan,
  call: PlanCall,
): Known {
  const known =
    call.site === folder.settings.site
      ? attemptsHere(book, plan, call)
      : receiptsOf(book.abroad, { run: plan.run, callId: call.id }).map((receipt) => ({
          standing: standingBy(receipt, call),
          receipt,
        }));
  return known.reduce(
    (best, one) => (order.indexOf(one.standing) >= order.indexOf(best.standing) ? one : best),
    { standing: 'never' },
  );
}

function attemptsHere(book: Book, plan: Plan, call: PlanCall): Known[] {
  const known: Known[] = [];
  const coming = book.coming();
  for (let attempt = 1; ; attempt++) {
    const key = callKey({ run: plan.run, callId: call.id, attempt });
    if (coming.some((entry) => entry.type === 'accepted' && entry.key === key)) {
      known.push({ standing: 'accepted' });
      continue;
    }
    const sent = book.sent(key);
    if (sent === undefined && !book.isVoid(key)) return known;
    if (sent === undefined) {
      known.push({ standing: 'void' });
      continue;
    }
    const { receipt, record } = sent;
    known.push({
      standing: standingOfOne(sent, call),
      ...(receipt === undefined ? {} : { receipt }),
      ...(record.acceptedAt === undefined ? {} : { acceptedAt: record.acceptedAt }),
    });
  }
}

export function standingOfOne({ record, receipt }: Sent, call: PlanCall): Standing {
  if (record.state !== 'answered' || receipt === undefined) {
    return record.state === 'accepted' ? 'accepted' : 'lost';
  }
  return standingBy(receipt, call);
}

/** A DELETE that finds nothing has reached what it wanted. */
function standingBy(receipt: Receipt, call: PlanCall): Standing {
  if (receipt.kind === 'not-needed') return 'not-needed';
  const { status } = receipt;
  if (status >= 200 && status < 300) return 'well';
  if (status === 404 && call.method === 'DELETE') return 'well';
  return (status >= 400 && status < 500) || status === 503 ? 'refused' : 'unclear';
}
