/**
 * The table every changing call is judged by: what this run did about it against what is seen.
 *
 *                 there         absent                  moving    unknown
 *   never sent    preexisting   ready                   pending   pending
 *   intent        pending       pending                 pending   pending
 *   answered      done          pending                 pending   pending
 *   lost          done          pending, then a person  pending   pending
 */
import type { Verdict } from '../run/events.ts';
import type { Mine } from './action.ts';

/** Limit of a job on the target: what a lost call did must show within it (ms). */
export const JOB_LIMIT_MS = 60_000;

/** Whether the effect that a call wants is so. `blocked`: absent, and not yet the time to send. */
export interface Effect {
  readonly seen: 'there' | 'absent' | 'blocked' | 'moving' | 'unknown' | 'broken';
  /** What a person reads when it is not simply there. */
  readonly why?: string;
  readonly reading?: Verdict['reading'];
}

export interface CallCase {
  readonly mine: Mine | undefined;
  readonly now: number;
  readonly effect: Effect;
  /** Why it may be so already, for `preexisting`. */
  readonly before?: string;
}

const NEVER: Mine = { attempt: 0, state: 'none' };

/** Never `done` without an intent of this run. */
export function judgeCall({ mine = NEVER, now, effect, before }: CallCase): Verdict {
  const { seen, why, reading } = effect;
  const kept = reading === undefined ? {} : { reading };
  const reason = why === undefined ? {} : { reason: why };
  const pending: Verdict = { state: 'pending', ...reason, ...kept };
  if (seen === 'broken') return { state: 'refuse', ...reason, ...kept };
  if (seen === 'unknown' || seen === 'moving') return pending;
  switch (mine.state) {
    case 'intent':
      return pending;
    case 'answered':
    case 'lost':
      if (seen === 'there') return { state: 'done', ...kept };
      return isUnclear(mine) ? judgeLost({ mine, now, effect }, pending) : pending;
    case 'not-needed': {
      const text = 'The gateway found that what it works on was never made.';
      return { state: 'refuse', reason: text, ...kept };
    }
    case 'none':
    case 'void':
    case 'refused':
      if (seen === 'blocked') return pending;
      if (seen === 'absent') return { state: 'ready', ...kept };
      return {
        state: 'preexisting',
        ...(before === undefined ? reason : { reason: before }),
        ...kept,
      };
  }
}

/** No answer, or a failure of the target that says nothing about what it did. */
const isUnclear = (mine: Mine): boolean => mine.state === 'lost' || (mine.status ?? 0) >= 500;

/** The effect of a lost call did not show: after the limit only a person may have it sent again. */
function judgeLost({ mine = NEVER, now, effect }: CallCase, pending: Verdict): Verdict {
  if (!isPastLimit(mine, now)) return pending;
  if (mine.retry === true)
    return effect.seen === 'absent' ? { ...pending, state: 'ready' } : pending;
  const text = `Whether it was carried out is not known and nothing of it is seen${
    effect.why === undefined ? '' : ` (${effect.why})`
  }. A person must look; retry sends it again.`;
  return { ...pending, state: 'refuse', reason: text };
}

export const isPastLimit = (mine: Mine, now: number): boolean =>
  now - (mine.at ?? 0) >= JOB_LIMIT_MS;

/** Sent, or it may have been. */
export const maySent = (mine: Mine | undefined): boolean =>
  mine?.state === 'answered' || mine?.state === 'lost' || mine?.state === 'intent';

/** Nothing to take back: what it would undo was provably never made. */
export const notNeeded: Verdict = { state: 'done', reading: { notNeeded: true } };
