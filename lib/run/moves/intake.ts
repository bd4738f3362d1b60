/** What people asked for, journaled in the order it arrived: granted, or refused with the reason. */
import { iso } from '../../clock.ts';
import type { Refusal } from '../../errors.ts';
import type { InboxItem } from '../../store/store.ts';
import type { NewEvent } from '../events.ts';
import { type Ask, type InboxBody, inboxBodySchema, type Verb } from '../inbox.ts';
import { causeOf, type Session } from '../session.ts';
import type { Order } from '../verbs.ts';
import { answer } from './intake/answers.ts';
import { barOf } from './intake/bars.ts';
import { approve, deny, withdraw } from './intake/decisions.ts';
import {
  abort,
  confirmSkip,
  declineSkip,
  note,
  pause,
  resume,
  retry,
  skip,
} from './intake/orders.ts';
import type { Answer, Wish } from './intake/wish.ts';
import { refuse } from './standing.ts';

/** Journals all waiting items; true when there was any. */
export async function takeIn(session: Session): Promise<boolean> {
  const items = await session.engine.store.inbox(session.run);
  for (const item of items) {
    if (!session.state().causes.has(causeOf(item.delivery))) {
      const event = await eventFor(session, item, inboxBodySchema.parse(JSON.parse(item.body)));
      await session.append({ ...event, cause: causeOf(item.delivery) });
    }
    await session.engine.store.takeInbox(session.run, item.delivery);
  }
  return items.length > 0;
}

async function eventFor(
  session: Session,
  item: InboxItem,
  { ask, origin }: InboxBody,
): Promise<NewEvent> {
  const standing = await session.engine.directory.lookup(item.person, origin);
  const { person } = item;
  const answered = await answerTo(session, { item, ask, origin, standing });
  if (!('code' in answered)) return answered;
  const delivery = causeOf(item.delivery);
  return {
    type: 'refused',
    actor: { id: person, kind: 'human' },
    data: { person, verb: ask.verb, delivery, refusal: answered },
  };
}

async function answerTo(session: Session, wish: Wish): Promise<NewEvent | Refusal> {
  const { ask, item, standing } = wish;
  const bar = isOrder(ask) ? await barOf(session, { ask, item, standing }) : undefined;
  return bar ?? (answers[ask.verb] as Answer)(session, wish);
}

const isOrder = (ask: Ask): ask is Extract<Ask, { readonly verb: Order }> =>
  ask.verb !== 'open' && ask.verb !== 'approve' && ask.verb !== 'deny';

const answers: { readonly [V in Verb]: Answer<V> } = {
  open: async ({ run, state }) =>
    refuse('RUN-SERVICE-BUSY', 'The drill was not started.', busy(run, state())),
  approve,
  deny,
  withdraw,
  answer,
  pause,
  resume,
  retry,
  skip,
  'confirm-skip': confirmSkip,
  'decline-skip': declineSkip,
  abort,
  note,
};

function busy(run: string, { opened, ended }: ReturnType<Session['state']>): string {
  if (ended !== undefined || opened === undefined)
    return `Run ${run} has just ended; ask once more.`;
  const { service, requester, at } = opened;
  return `Run ${run} of ${service} is open, asked for by ${requester} at ${iso(at)}.`;
}
