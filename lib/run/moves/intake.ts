/** What people asked for, journaled in the order it arrived: granted, or refused with the reason. */
import type { Standing } from '../../approval/directory.ts';
import { evaluate } from '../../approval/evaluate.ts';
import type { Refusal } from '../../errors.ts';
import type { InboxItem } from '../../store/store.ts';
import { asksOf } from '../asks.ts';
import type { NewEvent } from '../events.ts';
import { type Ask, inboxBodySchema, type Origin, type Verb } from '../inbox.ts';
import { causeOf, type Session } from '../session.ts';
import { doubtful, operatorBar, refuse } from './standing.ts';

/** Journals all waiting items; true when there was any. */
export async function takeIn(session: Session): Promise<boolean> {
  const items = await session.engine.store.inbox(session.run);
  for (const item of items) {
    if (!session.state().causes.has(causeOf(item.delivery))) {
      const { ask, origin } = inboxBodySchema.parse(JSON.parse(item.body));
      const event = await eventFor(session, { item, ask, origin });
      await session.append({ ...event, cause: causeOf(item.delivery) });
    }
    await session.engine.store.takeInbox(session.run, item.delivery);
  }
  return items.length > 0;
}

interface Wish {
  readonly item: InboxItem;
  readonly ask: Ask;
  readonly origin: Origin;
}

async function eventFor(session: Session, wish: Wish): Promise<NewEvent> {
  const standing = await session.engine.directory.lookup(wish.item.person, wish.origin);
  const answer = await answers[wish.ask.verb](session, wish, standing);
  if (!('code' in answer)) return answer;
  return {
    type: 'refused',
    actor: { id: wish.item.person, kind: 'human' },
    data: {
      person: wish.item.person,
      verb: wish.ask.verb,
      delivery: causeOf(wish.item.delivery),
      refusal: answer,
    },
  };
}

type Answer = (session: Session, wish: Wish, standing: Standing) => Promise<NewEvent | Refusal>;

const answers: Record<Verb, Answer> = {
  open: async (session) => {
    const opened = session.state().opened;
    const ended = session.state().ended !== undefined;
    return refuse(
      'RUN-SERVICE-BUSY',
      'The drill was not started.',
      ended
        ? `Run ${session.run} has just ended; ask once more.`
        : `Run ${session.run} of ${opened?.service} is open, asked for by ${opened?.requester} at ${iso(opened?.at)}.`,
    );
  },
  approve: decideOn,
  deny: decideOn,
  answer: async (session, { item, ask }, standing) => {
    if (ask.verb !== 'answer') return wrongVerb(ask.verb);
    const doubt = doubtful(standing);
    if (doubt !== undefined) return doubt;
    const asked = asksOf(session.state(), session.plan(), session.engine.actions).find(
      (candidate) => candidate.step === ask.step,
    );
    if (asked === undefined || !asked.parts.includes(ask.part)) {
      return refuse(
        'RUN-NOTHING-ASKED',
        'The answer does not count.',
        `Step ${ask.step} does not wait for it.`,
      );
    }
    const roles = standing.state === 'known' ? standing.roles : [];
    if (ask.part !== 'witnessed' && !roles.includes(asked.role)) {
      return refuse('RUN-ROLE', 'The answer does not count.', `The role ${asked.role} is needed.`);
    }
    const people = session.state().steps[ask.step]?.people ?? [];
    if (ask.part === 'witnessed' && people.some((given) => given.person === item.person)) {
      return refuse('RUN-SAME-PERSON', 'The answer does not count.', 'This person did the work.');
    }
    // Who watched is recorded as that, not under the role of who worked.
    const role = ask.part === 'witnessed' ? 'witness' : asked.role;
    const actor = { id: item.person, kind: 'human', role } as const;
    const given = { step: ask.step, person: item.person, role, text: ask.text };
    return ask.part === 'confirmed'
      ? { type: 'service.confirmed', actor, data: given }
      : { type: 'manual.step', actor, data: { ...given, part: ask.part } };
  },
  retry: async (session, { item, ask }, standing) => {
    if (ask.verb !== 'retry') return wrongVerb(ask.verb);
    const { paused } = session.state();
    const bar = await operatorBar(session.engine, standing);
    if (bar !== undefined) return bar;
    if (paused === undefined || (ask.step !== undefined && ask.step !== paused.step)) {
      return refuse(
        'RUN-NOT-PAUSED',
        'Nothing is retried.',
        paused === undefined
          ? 'The run is not paused.'
          : `The run is paused at step ${paused.step}.`,
      );
    }
    const data = { step: paused.step, person: item.person, reason: ask.reason };
    return { type: 'operator.retry', actor: { id: item.person, kind: 'human' }, data };
  },
  abort: async (session, { item, ask }, standing) => {
    if (ask.verb !== 'abort') return wrongVerb(ask.verb);
    const { ended, aborted, paused, opened } = session.state();
    const own = item.person === opened?.requester ? doubtful(standing) : undefined;
    const bar =
      item.person === opened?.requester ? own : await operatorBar(session.engine, standing);
    if (bar !== undefined) return bar;
    if (ended !== undefined || (aborted !== undefined && paused === undefined)) {
      return refuse(
        'RUN-NOT-OPEN',
        'There is nothing to abort.',
        ended === undefined ? 'The run is being aborted already.' : 'The run has ended.',
      );
    }
    const data = { person: item.person, reason: ask.reason };
    return { type: 'operator.abort', actor: { id: item.person, kind: 'human' }, data };
  },
  note: async (_, { item, ask }) => {
    if (ask.verb !== 'note') return wrongVerb(ask.verb);
    const data = { person: item.person, text: ask.text };
    return { type: 'note', actor: { id: item.person, kind: 'human' }, data };
  },
};

async function decideOn(session: Session, wish: Wish, standing: Standing) {
  const { ask, item, origin } = wish;
  if (ask.verb !== 'approve' && ask.verb !== 'deny') return wrongVerb(ask.verb);
  const { approval, opened, ended } = session.state();
  const note = await session.engine.store.note(session.run, 'message');
  const pressed = origin.messageTs;
  const refusal = evaluate(
    {
      state:
        ended !== undefined && approval?.state === 'requested'
          ? 'voided'
          : (approval?.state ?? 'none'),
      planHash: approval?.planHash ?? '',
      requester: opened?.requester ?? '',
      role: approval?.role ?? '',
      people: approval?.people ?? 0,
      expiresAt: approval?.expiresAt ?? 0,
      granted: (approval?.granted ?? []).map((grant) => grant.person),
      ...(note === undefined && origin.via !== 'slack' ? {} : { message: messageOf(note) }),
    },
    {
      verb: ask.verb,
      person: item.person,
      planHash: ask.planHash,
      ...(pressed === undefined ? {} : { message: { channel: origin.channel ?? '', ts: pressed } }),
    },
    { standing, now: session.engine.clock.now() },
  );
  if (refusal !== undefined || approval === undefined) {
    return (
      refusal ?? refuse('RUN-NOT-OPEN', 'The decision does not count.', 'The run waits for none.')
    );
  }
  const actor = { id: item.person, kind: 'human', role: approval.role } as const;
  const { planHash, role } = approval;
  const data = { planHash, person: item.person, role, via: origin.via };
  return ask.verb === 'approve'
    ? ({
        type: 'approval.granted',
        actor,
        data: { ...data, nonce: session.engine.random(16) },
      } as const)
    : ({ type: 'approval.rejected', actor, data: { ...data, reason: ask.reason } } as const);
}

/** Where the approval was asked for; an unknown message is like none (rule 12: doubt means no). */
const messageOf = (note: string | undefined): { channel: string; ts: string } =>
  note === undefined ? { channel: '', ts: '' } : JSON.parse(note);

const wrongVerb = (verb: string): Refusal =>
  refuse('RUN-HISTORY', 'The order is not understood.', verb);

const iso = (ms: number | undefined): string =>
  ms === undefined ? 'an unknown time' : new Date(ms).toISOString();
