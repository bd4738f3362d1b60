/**
 * Whether a call may be handed over. The last word is here, not with the action: never while an
 * answer may still come, never after one came (unless its job failed, and a person wants it once more),
 * never after a loss that no person has looked at.
 */
import type { Judgement } from '../../actions/action.ts';
import { isPastLimit } from '../../actions/judging.ts';
import { decideOutcome, natureOf, recordOf } from '../../actions/unknown.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Session } from '../session.ts';
import type { CallState, StepState } from '../state.ts';
import { isDone, type Verdict } from '../verdict.ts';

export function mayGo(session: Session, call: PlanCall, judgement: Judgement): boolean {
  const verdict = judgement.verdicts[call.id];
  if (verdict?.state !== 'ready') return false;
  const { calls, steps } = session.state();
  const known = calls[call.id];
  const step = steps[call.step];
  const free = known === undefined || mayGoAgain(session, { call, known, step, verdict });
  return free && call.after.every((before) => isSatisfied(session, before, judgement));
}

/** By the table of unknown outcomes; that nothing of it is seen the action has just said. */
function mayGoAgain(
  session: Session,
  at: {
    readonly call: PlanCall;
    readonly known: CallState;
    readonly step: StepState | undefined;
    readonly verdict: Verdict;
  },
): boolean {
  const { call, known, step, verdict } = at;
  const record = recordOf(known, verdict.failed);
  if (record === undefined) return false;
  const now = session.engine.clock.now();
  const limit = now >= (step?.deadline ?? 0) ? 'step' : isPastLimit(known, now) ? 'job' : 'before';
  const freed = known.freed === true;
  const nature = natureOf(call);
  return decideOutcome({ record, seen: 'absent', nature, limit, freed }) === 'send-again';
}

/** Sent and answered well, shown to be so, skipped by two people, or passed over as the plan says. */
function isSatisfied(session: Session, call: string, judgement: Judgement): boolean {
  const { calls, steps } = session.state();
  const known = calls[call]?.state;
  if (known === 'answered' || known === 'not-needed') return true;
  const step = steps[call.slice(0, call.indexOf('.'))];
  const over = step?.state === 'skipped' || step?.state === 'deviated';
  return over || isDone(judgement.verdicts[call]);
}
