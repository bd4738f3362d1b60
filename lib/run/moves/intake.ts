/** What people asked for, journaled in the order it arrived: granted, or refused with the reason. */
import * as z from 'zod';
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
import { declare } from './intake/declare.ts';
import { abort, note, pause, resume, retry } from './intake/orders.ts';
import { confirmSkip, declineSkip, skip } from './intake/skips.ts';
import type { Answer, Wish } from './intake/wish.ts';
import { refuse } from './standing.ts';

/** Journals all waiting items; true when there was any. */
export async function takeIn(session: Session): Promise<boolean> {
  const items = await session.engine.store.inbox(session.run);
  for (const item of items) {
    if (!session.state().causes.has(causeOf(item.delivery))) {
      const event = await eventFor(session, item);
      await session.append({ ...event, cause: causeOf(item.delivery) });
    }
    await session.engine.store.takeInbox(session.run, item.delivery);
  }
  return items.length > 0;
}

async function eventFor(session: Session, item: InboxItem): Promise<NewEvent> {
  const body = bodyOf(item);
  if (body === undefined) return refused(item, 'unreadable', unreadable);
  const { ask, origin } = body;
  if (item.body.length > BODY_MAX) return refused(item, ask.verb, tooLong);
  const standing = await session.engine.directory.lookup(item.person, origin);
  const answered = await answerTo(session, { item, ask, origin, standing });
  return 'code' in answered ? refused(item, ask.verb, answered) : answered;
}

/** undefined for what another version put there: it must not keep the run from everything else. */
function bodyOf({ body }: InboxItem): InboxBody | undefined {
  try {
    return inboxBodySchema.parse(JSON.parse(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Characters: far more than a person writes, far less than a line of the journal holds. */
const BODY_MAX = 32_768;

const tooLong = refuse('RUN-REASON', 'The order does not count.', 'It is too long to be read.');
const unreadable = refuse('RUN-UNREADABLE', 'The order does not count.', 'Its words are unknown.');

const refused = (item: InboxItem, verb: string, refusal: Refusal): NewEvent => ({
  type: 'refused',
  actor: { id: item.person, kind: 'human' },
  data: { person: item.person, verb, delivery: causeOf(item.delivery), refusal },
});

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
  declare,
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
