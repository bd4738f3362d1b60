/** When a step must stop and a person look at it. Reads only what the session already knows. */

import type { Action, Judgement } from '../../actions/action.ts';
import { iso } from '../../clock.ts';
import type { Refusal } from '../../errors.ts';
import type { PlanCall, PlanStep } from '../../runbook/plan.ts';
import { RunError } from '../errors.ts';
import type { Session } from '../session.ts';
import { isDone } from '../verdict.ts';

/** Answered refusals and unsent attempts of one call before a person is asked. */
const REFUSALS_MAX = 3;
const ATTEMPTS_MAX = 8;

/** A step with its action and its calls. */
export interface Work {
  readonly step: PlanStep;
  readonly action: Action;
  readonly calls: readonly PlanCall[];
}

/** Why the step cannot go on, if it cannot; undefined while it can. */
export function refusalOf(
  session: Session,
  work: Work & { judgement: Judgement },
): Refusal | undefined {
  const { action, calls, judgement, step } = work;
  const loss = lost(session, work);
  if (loss !== undefined) return loss;
  for (const [key, verdict] of Object.entries(judgement.verdicts)) {
    const reason = verdict.reason ?? '';
    if (verdict.state === 'refuse') {
      return refusal('RUN-REFUSED', `Step ${step.id} cannot go on (${key}).`, reason);
    }
    if (verdict.state === 'preexisting' && action.preexisting === 'refuse') {
      return refusal('RUN-PREEXISTING', `What ${key} should do was so before this run.`, reason);
    }
  }
  for (const call of calls) {
    const known = session.state().calls[call.id];
    if (known === undefined || known.freed === true) continue;
    if (known.state === 'refused' && known.refusals >= REFUSALS_MAX) {
      return refusal(
        'RUN-ATTEMPTS',
        `${call.words.en} was refused ${known.refusals} times.`,
        `HTTP ${known.status}`,
      );
    }
    if (known.state === 'void' && known.attempt >= ATTEMPTS_MAX) {
      return refusal(
        'RUN-ATTEMPTS',
        `${call.words.en} did not reach the target.`,
        lastRefusal(session, call),
      );
    }
  }
  return undefined;
}

/** All lost calls a person must look at, with what else stands in the way: a retry frees them all. */
function lost(
  session: Session,
  { judgement, step }: Work & { judgement: Judgement },
): Refusal | undefined {
  const refused = Object.entries(judgement.verdicts).filter(([, { state }]) => state === 'refuse');
  if (!refused.some(([key]) => session.state().calls[key]?.state === 'lost')) return undefined;
  const names = refused.map(([key]) => key).join(', ');
  const reasons = [...new Set(refused.map(([, { reason }]) => reason ?? ''))].join(' ');
  return refusal('RUN-LOST', `Step ${step.id} cannot go on (${names}).`, reasons);
}

/** Why the gateway did not let the last attempt through, from the journal. */
function lastRefusal(session: Session, call: PlanCall): string {
  const outcomes = session.events().filter((event) => event.type === 'outcome');
  const last = outcomes.findLast((event) => event.data.call === call.id && event.data.refusal);
  const why = last?.data.refusal;
  return why === undefined ? 'The gateway never saw it.' : `${why.code}: ${why.what} ${why.why}`;
}

/** Records that a person is told; the journal has them all. */
const RECORDS_MAX = 5;

/** What is known of lost calls, one sentence each. */
export function recordsOf(session: Session, calls: readonly PlanCall[]): string[] {
  const records = calls.flatMap(({ id }) => {
    const known = session.state().calls[id];
    if (known?.state !== 'lost') return [];
    const answer = known.status === undefined ? 'no answer' : `answer HTTP ${known.status}`;
    const name = `${id}, attempt ${known.attempt}, key ${known.key.slice(0, 12)}`;
    return [`Record: ${name}, handed over at ${iso(known.at)}, accepted, ${answer}: lost.`];
  });
  const more = records.length - RECORDS_MAX;
  return more > 0 ? [...records.slice(0, RECORDS_MAX), `And ${more} more.`] : records;
}

/** The refusal of a step whose calls a silent gateway keeps to itself. */
export function silence(session: Session, step: PlanStep, calls: readonly PlanCall[]): Refusal {
  const records = calls.map(({ id, site }) => {
    const key = session.state().calls[id]?.key.slice(0, 12);
    return `Gateway ${site} does not say what became of ${id} (key ${key}).`;
  });
  return refusal('RUN-LATE', `Step ${step.id} ran out of time.`, records.join(' '));
}

/** The refusal of a step whose limit has passed: what was still open, in words. */
export function lateness(step: PlanStep, judgement: Judgement): Refusal {
  const open = Object.entries(judgement.verdicts).filter(([, verdict]) => !isDone(verdict));
  const words = open.map(([key, verdict]) => `${key}: ${verdict.reason ?? verdict.state}`);
  return refusal('RUN-LATE', `Step ${step.id} ran out of time.`, words.join('; '));
}

export const refusal = (
  code: ConstructorParameters<typeof RunError>[0],
  what: string,
  why: string,
) => new RunError(code, told(what), told(why)).toRefusal();

/** Characters of a reason: of thousands of calls the journal says each, a person reads the first. */
const TOLD_MAX = 4_000;

export const told = (text: string): string =>
  text.length > TOLD_MAX ? `${text.slice(0, TOLD_MAX - 1)}…` : text;
