/** The first look at an order: legal in this state, by this person, with a reason. */
import { needsOwnKey } from '../../../approval/statement.ts';
import type { Refusal } from '../../../errors.ts';
import { runCodes } from '../../errors.ts';
import type { Ask } from '../../inbox.ts';
import type { Session } from '../../session.ts';
import { stageOf } from '../../stage.ts';
import { cellOf, type Order, type Right, rules } from '../../verbs.ts';
import { barred, doubtful, operatorBar, refuse } from '../standing.ts';
import type { Wish } from './wish.ts';

/** A wish that the table knows. */
interface Ordered extends Pick<Wish, 'item' | 'standing'> {
  readonly ask: Extract<Ask, { readonly verb: Order }>;
}

const WHAT = 'The order does not count.';

/** Why the order does not count, whatever it says in detail; undefined when it may. */
export async function barOf(session: Session, order: Ordered): Promise<Refusal | undefined> {
  const { ask } = order;
  const { who, reason } = rules[ask.verb];
  const role = await rightBar(session, order, who);
  if (role !== undefined) return role;
  const stage = stageOf(session.state(), session.plan());
  const cell = cellOf(ask.verb, stage);
  if (cell !== 'legal') return refuse(cell, WHAT, runCodes[cell].means);
  if (reason && reasonOf(order).trim() === '') {
    return refuse('RUN-REASON', WHAT, `${ask.verb} without a reason is not taken.`);
  }
  return undefined;
}

function reasonOf({ ask }: Ordered): string {
  if ('reason' in ask) return ask.reason;
  return 'text' in ask ? ask.text : '';
}

async function rightBar(
  { engine, plan, state }: Session,
  { item, standing }: Ordered,
  who: Right,
): Promise<Refusal | undefined> {
  switch (who) {
    case 'own':
    case 'enrolled':
      return doubtful(standing);
    case 'stopper':
      return item.person === state().opened?.requester
        ? doubtful(standing)
        : operatorBar(engine, standing);
    case 'operator':
      return operatorBar(engine, standing);
    case 'second': {
      // Where a click is not enough to approve, a second operator is not enough to skip.
      const { class: danger = 'none', approval } = plan() ?? {};
      return approval !== undefined && needsOwnKey(danger)
        ? barred(standing, [approval.role])
        : operatorBar(engine, standing);
    }
  }
}
