/** Approve, deny, withdraw: decisions about the plan that waits for them. */
import { evaluate } from '../../../approval/evaluate.ts';
import { judgeSigning } from '../../../approval/personal.ts';
import type { NewEvent } from '../../events.ts';
import type { Session } from '../../session.ts';
import { offerOfRun } from '../../waves.ts';
import { refuse } from '../standing.ts';
import type { Answer, Wish } from './wish.ts';

export const approve: Answer<'approve'> = async (session, wish) => {
  const judged = await judgeDecision(session, wish);
  if ('code' in judged) return judged;
  const unsigned = await signingBar(session, wish);
  if (unsigned !== undefined) return unsigned;
  const { actor, data } = judged;
  const { signed } = wish.ask;
  const nonce = signed?.statement.nonce ?? session.engine.random(16);
  const own = signed === undefined ? {} : { signed };
  return { type: 'approval.granted', actor, data: { ...data, nonce, ...own } };
};

/** A click is enough up to class `copy`; a signature is held against what is waited for. */
async function signingBar(session: Session, { ask, item }: Wish<'approve'>) {
  const { approval } = session.state();
  const plan = session.plan();
  if (plan === undefined || approval === undefined) return undefined;
  const { people } = await session.engine.config();
  const granted = session.events().filter((event) => event.type === 'approval.granted');
  return judgeSigning({
    offer: offerOfRun(session.state(), plan),
    person: item.person,
    signed: ask.signed,
    keys: people.find(({ id }) => id === item.person)?.keys ?? [],
    nonces: granted.map(({ data }) => data.nonce),
  });
}

export const deny: Answer<'deny'> = async (session, wish) => {
  const judged = await judgeDecision(session, wish);
  if ('code' in judged) return judged;
  const { actor, data } = judged;
  return { type: 'approval.rejected', actor, data: { ...data, reason: wish.ask.reason } };
};

/** Only one's own approval, only while approvals are collected, only of the plan that waits. */
export const withdraw: Answer<'withdraw'> = async (session, { item, ask }) => {
  const { approval } = session.state();
  const { planHash, reason } = ask;
  const own = approval?.granted.find(({ person }) => person === item.person);
  if (approval?.state !== 'requested' || own === undefined || approval.planHash !== planHash) {
    const why = 'There is no approval of this person that still waits for others.';
    return refuse('RUN-NOT-COLLECTING', 'Nothing is taken back.', why);
  }
  const actor = { id: item.person, kind: 'human', role: own.role } as const;
  const data = { planHash, person: item.person, reason };
  return { type: 'approval.withdrawn', actor, data } satisfies NewEvent;
};

async function judgeDecision(session: Session, wish: Wish<'approve'> | Wish<'deny'>) {
  const { ask, item, origin, standing } = wish;
  const { approval, opened, ended, aborted, preempted } = session.state();
  const note = await session.engine.store.note(session.run, 'message');
  const pressed = origin.messageTs;
  const refusal = evaluate(
    {
      state:
        (ended ?? aborted ?? preempted) !== undefined && approval?.state === 'requested'
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
  if (refusal !== undefined) return refusal;
  if (approval === undefined) {
    return refuse('RUN-NOT-OPEN', 'The decision does not count.', 'The run waits for none.');
  }
  const { planHash, role } = approval;
  const actor = { id: item.person, kind: 'human', role } as const;
  return { actor, data: { planHash, person: item.person, role, via: origin.via } };
}

/** Where the approval was asked for; an unknown message is like none (rule 12: doubt means no). */
const messageOf = (note: string | undefined): { channel: string; ts: string } =>
  note === undefined ? { channel: '', ts: '' } : JSON.parse(note);
