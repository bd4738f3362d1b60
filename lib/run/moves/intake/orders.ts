/** Pause, resume, retry, skip, abort, note: each an event that says who and why. */
import type { Refusal } from '../../../errors.ts';
import type { Session } from '../../session.ts';
import { unskippable } from '../../skippable.ts';
import { refuse } from '../standing.ts';
import type { Answer, Wish } from './wish.ts';

const by = ({ item }: Pick<Wish, 'item'>) => ({ id: item.person, kind: 'human' }) as const;

export const pause: Answer<'pause'> = async (_, wish) => ({
  type: 'operator.pause',
  actor: by(wish),
  data: { person: wish.item.person, reason: wish.ask.reason },
});

export const resume: Answer<'resume'> = async (_, wish) => ({
  type: 'operator.resume',
  actor: by(wish),
  data: { person: wish.item.person, reason: wish.ask.reason },
});

/** Only the step that stopped the run. */
export const retry: Answer<'retry'> = async (session, wish) => {
  const { paused } = session.state();
  const { step = paused?.step, reason } = wish.ask;
  if (paused === undefined || step !== paused.step) {
    const why = `The run is paused at step ${paused?.step}.`;
    return refuse('RUN-NOT-PAUSED', 'Nothing is retried.', why);
  }
  const data = { step, person: wish.item.person, reason };
  return { type: 'operator.retry', actor: by(wish), data };
};

/** A second abort is for a run that stopped once more: what is left is then left to people. */
export const abort: Answer<'abort'> = async (session, wish) => {
  const { aborted, paused, undoing } = session.state();
  const { mode, reason } = wish.ask;
  const turns = undoing !== undefined && aborted?.mode !== 'keep' && mode !== 'undo';
  if (aborted !== undefined && paused === undefined && !turns) {
    const why = 'The run is being aborted already.';
    return refuse('RUN-NOT-OPEN', 'There is nothing to abort.', why);
  }
  const data = { person: wish.item.person, reason, ...(mode === undefined ? {} : { mode }) };
  return { type: 'operator.abort', actor: by(wish), data };
};

export const note: Answer<'note'> = async (_, wish) => ({
  type: 'note',
  actor: by(wish),
  data: { person: wish.item.person, text: wish.ask.text },
});

/** A wish only: it counts when a second person confirms it. */
export const skip: Answer<'skip'> = async (session, wish) => {
  const { step, reason } = wish.ask;
  const bar = skipBar(session, step);
  if (bar !== undefined) return bar;
  const before = session.state().skips[step];
  if (before !== undefined) {
    return refuse('RUN-WISHED', 'Nothing is skipped.', `${before.person} asked: ${before.reason}`);
  }
  const data = { step, person: wish.item.person, reason };
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
  const bar = skipBar(session, step);
  if (bar !== undefined) return bar;
  const data = { step, person: wish.item.person, wish: waiting.wish };
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

function skipBar(session: Session, step: string): Refusal | undefined {
  const plan = session.plan();
  if (plan === undefined || plan.steps.every(({ id }) => id !== step)) {
    return refuse('RUN-UNKNOWN-STEP', 'Nothing is skipped.', `The plan has no step "${step}".`);
  }
  const why = unskippable(session.state(), plan, step);
  return why === undefined ? undefined : refuse('RUN-NOT-SKIPPABLE', 'Nothing is skipped.', why);
}
