/** Pause, resume, retry, abort, note: each an event that says who and why. */
import { noWayBack, phaseOf } from '../../decide/known.ts';
import type { Session } from '../../session.ts';
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
  // Asked for twice it is no wish to leave everything as it is and clean nothing up.
  if (mode === 'undo' && aborted?.mode === 'undo' && isUndoing(session)) {
    const why = 'It is being undone already: retry the step, or abort with --keep.';
    return refuse('RUN-NOT-OPEN', 'There is nothing to abort.', why);
  }
  const gone = mode === 'undo' ? goneIn(session) : undefined;
  if (gone !== undefined) {
    const why = `Step ${gone} has begun to delete what the run would go back to.`;
    return refuse('RUN-NO-WAY-BACK', 'The run cannot be undone any more.', why);
  }
  const data = { person: wish.item.person, reason, ...(mode === undefined ? {} : { mode }) };
  return { type: 'operator.abort', actor: by(wish), data };
};

function goneIn({ state, plan: planned }: Session): string | undefined {
  const plan = planned();
  return plan === undefined ? undefined : noWayBack(state(), plan);
}

function isUndoing({ state, plan: planned }: Session): boolean {
  const plan = planned();
  return plan !== undefined && phaseOf(state(), plan) === 'undo';
}

export const note: Answer<'note'> = async (_, wish) => ({
  type: 'note',
  actor: by(wish),
  data: { person: wish.item.person, text: wish.ask.text },
});
