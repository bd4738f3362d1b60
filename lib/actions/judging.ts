/**
 * How every changing call is judged: what this run did about it against what is seen. What was never
 * sent is judged here; for the rest `unknown.ts` decides, and its decision becomes a verdict:
 *
 *                 there         absent   blocked   moving    unknown   broken
 *   never sent    preexisting   ready    pending   pending   pending   refuse
 *   else          done -> done, observe -> pending, send-again -> ready, ask -> refuse
 *
 * What is there although this run's attempt was void or refused is `preexisting`: the action says
 * whether that may be accepted.
 */
import type { Verdict } from '../run/verdict.ts';
import type { PlanCall } from '../runbook/plan.ts';
import type { Mine, StepView } from './action.ts';
import { type Case, type Decision, decideOutcome, natureOf, recordOf } from './unknown.ts';

/** Limit of a job on the target: what a lost call did must show within it (ms). */
export const JOB_LIMIT_MS = 60_000;

/** Whether the effect that a call wants is so. `blocked`: absent, and not yet the time to send. */
export interface Effect {
  readonly seen: 'there' | 'absent' | 'blocked' | 'moving' | 'unknown' | 'broken';
  /** Of what is absent: the target itself says that it took the call and did not carry it out. */
  readonly failed?: boolean;
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
  /** The call that is judged; without one it is taken for one that cannot be taken back. */
  readonly call?: Pick<PlanCall, 'creates' | 'method' | 'class'>;
}

/** Verdicts of a step that makes one call. */
export function judgeOnly(
  { calls: [call], mine, now }: Pick<StepView, 'calls' | 'mine' | 'now'>,
  found: Pick<CallCase, 'effect' | 'before'>,
): Record<string, Verdict> {
  if (call === undefined) return {};
  return { [call.id]: judgeCall({ call, mine: mine[call.id], now, ...found }) };
}

const NEVER: Mine = { attempt: 0, state: 'none' };

/** Never `done` without an intent of this run. */
export function judgeCall(given: CallCase): Verdict {
  const { mine = NEVER, effect, before } = given;
  const { seen, why, reading } = effect;
  const kept = reading === undefined ? {} : { reading };
  const reason = why === undefined ? {} : { reason: why };
  if (seen === 'broken') return { state: 'refuse', ...reason, ...kept };
  const pending: Verdict = { state: 'pending', ...reason, ...kept };
  if (mine.state === 'not-needed') {
    if (seen === 'unknown' || seen === 'moving') return pending;
    const text = 'The gateway found that what it works on was never made.';
    return { state: 'refuse', reason: text, ...kept };
  }
  const earlier: Verdict = {
    state: 'preexisting',
    ...(before === undefined ? reason : { reason: before }),
    ...kept,
  };
  const record = recordOf(mine, effect.failed);
  const decision = record === undefined ? firstTime(seen) : decided(given, record, seen);
  switch (decision) {
    case 'done':
      return { state: 'done', ...kept };
    case 'observe':
      return pending;
    case 'send-again':
      if (seen === 'blocked') return pending;
      return { state: 'ready', ...(record === 'failed' ? { failed: true } : {}), ...kept };
    case 'ask':
      if (seen === 'there') return earlier;
      return { state: 'refuse', reason: doubtOf(effect, record), ...kept };
  }
}

const observed = {
  there: 'proven',
  absent: 'absent',
  blocked: 'absent',
  moving: 'changing',
  unknown: 'unknown',
} as const satisfies Readonly<Record<Exclude<Effect['seen'], 'broken'>, Case['seen']>>;

function firstTime(seen: keyof typeof observed): Decision {
  if (seen === 'there') return 'ask';
  return seen === 'absent' ? 'send-again' : 'observe';
}

/** The limit of the step is the engine's to watch: here it never has passed. */
function decided(
  { mine = NEVER, now, call }: CallCase,
  record: Case['record'],
  seen: keyof typeof observed,
): Decision {
  return decideOutcome({
    record,
    seen: observed[seen],
    nature: call === undefined ? 'one-way' : natureOf(call),
    limit: isPastLimit(mine, now) ? 'job' : 'before',
    freed: mine.retry === true,
  });
}

/** Only a person may have it sent again. */
function doubtOf({ seen, why }: Effect, record: Case['record'] | undefined): string {
  if (record === 'failed') return `${why ?? 'It was not carried out'}. retry sends it once more.`;
  const detail = why === undefined ? '' : ` (${why})`;
  const view = seen === 'unknown' ? 'its effect cannot be read' : 'nothing of it is seen';
  return `Whether it was carried out is not known and ${view}${detail}. A person must look; retry sends it again.`;
}

export const isPastLimit = (mine: Pick<Mine, 'at'>, now: number): boolean =>
  now - (mine.at ?? 0) >= JOB_LIMIT_MS;

/** Sent, or it may have been. */
export const maySent = (mine: Mine | undefined): boolean =>
  mine?.state === 'answered' || mine?.state === 'lost' || mine?.state === 'intent';

/** Nothing to take back: what it would undo was provably never made. */
export const notNeeded: Verdict = { state: 'done', reading: { notNeeded: true } };
