/** Skip, confirm, decline: a step is let go by two people, from class `data` on with their own keys. */
import { approvalCodes } from '../../../approval/errors.ts';
import { judgeSkip } from '../../../approval/personal.ts';
import { skipOfferOf, skipRole } from '../../../approval/skip.ts';
import { needsOwnKey } from '../../../approval/statement.ts';
import type { Refusal } from '../../../errors.ts';
import type { Session } from '../../session.ts';
import { unskippable } from '../../skippable.ts';
import { refuse } from '../standing.ts';
import type { Answer, Wish } from './wish.ts';

type Skip = Wish<'skip'> | Wish<'confirm-skip'>;

const by = ({ item }: Pick<Wish, 'item'>) => ({ id: item.person, kind: 'human' }) as const;
const ownOf = ({ ask }: Skip) => (ask.signed === undefined ? {} : { signed: ask.signed });

/** A wish only: it counts when a second person confirms it. */
export const skip: Answer<'skip'> = async (session, wish) => {
  const { step, reason } = wish.ask;
  const bar = skipBar(session, step) ?? (await signingBar(session, wish));
  if (bar !== undefined) return bar;
  const before = session.state().skips[step];
  if (before !== undefined && !isLapsed(session, step)) {
    return refuse('RUN-WISHED', 'Nothing is skipped.', `${before.person} asked: ${before.reason}`);
  }
  const data = { step, person: wish.item.person, reason, ...ownOf(wish) };
  return { type: 'operator.skip', actor: by(wish), data };
};

export const confirmSkip: Answer<'confirm-skip'> = async (session, wish) => {
  const { step } = wish.ask;
  const waiting = session.state().skips[step];
  if (waiting === undefined || waiting.second !== undefined) return noWish(step);
  if (waiting.person === wish.item.person) {
    const why = `${waiting.person} asked for it.`;
    return refuse('RUN-SAME-PERSON', 'The skip is not confirmed.', why);
  }
  if (isLapsed(session, step)) {
    const why = `What ${waiting.person} signed holds no longer; it must be asked for anew.`;
    return refuse('RUN-NO-WISH', 'Nothing is confirmed or declined.', why);
  }
  const bar = skipBar(session, step) ?? (await signingBar(session, wish));
  if (bar !== undefined) return bar;
  const data = { step, person: wish.item.person, wish: waiting.wish, ...ownOf(wish) };
  return { type: 'skip.confirmed', actor: by(wish), data };
};

/** Anybody who may ask for it may decline it, and so may who asked. */
export const declineSkip: Answer<'decline-skip'> = async (session, wish) => {
  const { step, reason } = wish.ask;
  const waiting = session.state().skips[step];
  if (waiting === undefined || waiting.second !== undefined) return noWish(step);
  const data = { step, person: wish.item.person, reason };
  return { type: 'skip.declined', actor: by(wish), data };
};

const noWish = (step: string): Refusal =>
  refuse('RUN-NO-WISH', 'Nothing is confirmed or declined.', `Step ${step}.`);

/** The gateways would not take what the first person signed any more. */
function isLapsed({ state, engine }: Session, step: string): boolean {
  const { signed, second } = state().skips[step] ?? {};
  if (signed === undefined || second !== undefined) return false;
  return signed.statement.notAfter <= engine.clock.now();
}

function skipBar(session: Session, step: string): Refusal | undefined {
  const plan = session.plan();
  if (plan === undefined || plan.steps.every(({ id }) => id !== step)) {
    return refuse('RUN-UNKNOWN-STEP', 'Nothing is skipped.', `The plan has no step "${step}".`);
  }
  const why = unskippable(session.state(), plan, step);
  return why === undefined ? undefined : refuse('RUN-NOT-SKIPPABLE', 'Nothing is skipped.', why);
}

/** The words must be those of this very step and plan, and the requester's never count (rule 1). */
async function signingBar(session: Session, { ask, item }: Skip): Promise<Refusal | undefined> {
  const { opened, plan: known } = session.state();
  const plan = session.plan();
  if (plan === undefined || known === undefined) return undefined;
  if (needsOwnKey(plan.class) && item.person === opened?.requester) {
    const { next } = approvalCodes['APR-SELF'];
    const why = 'This person asked for the run.';
    return { code: 'APR-SELF', what: 'The skip does not count.', why, next };
  }
  const { people } = await session.engine.config();
  const role = skipRole(plan, ask.verb);
  const longestMs = plan.approval.expiresMs;
  const now = session.engine.clock.now();
  return judgeSkip(
    {
      offer: skipOfferOf(plan, { planHash: known.hash, step: ask.step, role, notAfter: now }),
      person: item.person,
      signed: ask.signed,
      keys: people.find(({ id }) => id === item.person)?.keys ?? [],
      nonces: noncesOf(session),
    },
    { now, longestMs },
  );
}

/** Of every statement that people signed in this run, also those that came to nothing. */
const noncesOf = (session: Session): string[] =>
  session.events().flatMap(({ type, data }) => {
    const signed =
      type === 'operator.skip' || type === 'skip.confirmed' || type === 'approval.granted'
        ? data.signed
        : undefined;
    return signed === undefined ? [] : [signed.statement.nonce];
  });
