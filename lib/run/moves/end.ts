/** The end of a run: said once, closed in the ledger, claims given back. */
import { sha256 } from '../../canonical.ts';
import type { PlanStep } from '../../runbook/plan.ts';
import { anythingSent, isOver, nothingToUndo } from '../decide/known.ts';
import type { RunResult } from '../event-data.ts';
import { parseEvent } from '../events.ts';
import { journalChain } from '../journal.ts';
import { DRILLBOOK, type Session } from '../session.ts';
import type { StepState } from '../state.ts';
import { giveBack } from './claims.ts';
import { told } from './refusals.ts';

export async function endRun(
  session: Session,
  result: RunResult,
  reasons: readonly string[],
): Promise<void> {
  const plan = session.plan();
  if (plan !== undefined && session.state().locked) {
    const { epoch } = session.state();
    const data = { unit: plan.unit, epoch, state: 'released' } as const;
    await session.append({ type: 'lock', actor: DRILLBOOK, data });
  }
  const data = { result, reasons: toldOf(reasons), residue: toldOf(residueOf(session)) };
  await session.append({ type: 'run.ended', actor: DRILLBOOK, data });
}

/** Lines that the end tells; the journal has what is left out. */
const LINES_MAX = 40;

function toldOf(lines: readonly string[]): string[] {
  const more = lines.length - LINES_MAX;
  const first = lines.slice(0, LINES_MAX).map(told);
  return more > 0 ? [...first, `and ${more} more`] : first;
}

/**
 * What follows the last line, repeatable after a crash. Lines behind `run.ended` (a button pressed
 * late) stay outside of what is closed here.
 */
export async function closeRun(session: Session): Promise<void> {
  const { engine, run } = session;
  const { opened, ended, preempted } = session.state();
  if (opened === undefined || ended === undefined) return;
  await session.ship();
  // Another plane goes on with this very run: what it writes is the end, and is joined later.
  if (preempted?.by === run) return giveBack(session);
  const lines = await engine.store.chain(journalChain(run));
  const last = lines.find((item) => parseEvent(item.line).type === 'run.ended');
  if (last === undefined) return;
  await engine.ledger.closeRun({
    drill: opened.drill,
    run,
    head: sha256(last.line),
    events: last.seq,
    result: ended.result,
  });
  await giveBack(session);
}

/** Passed over is not cleaned up. */
const isClean = (step: StepState | undefined): boolean =>
  step?.state === 'done' || step?.state === 'not-needed';

const leftBy = (step: StepState | undefined): string =>
  isOver(step) ? 'was passed over' : 'did not finish';

/**
 * What `always` steps did not bring to their end, in words; those never begun count as well. And,
 * once it was to be undone, what people did by hand and nobody took back.
 */
function residueOf(session: Session): string[] {
  const state = session.state();
  const plan = session.plan();
  if (plan === undefined) return [];
  const counts = ({ id, phase }: PlanStep): boolean => {
    if (phase === 'always') return anythingSent(state);
    const byHand = plan.calls.every(({ step }) => step !== id);
    return phase === 'undo' && state.undoing !== undefined && byHand;
  };
  const unfinished = plan.steps
    .filter((step) => counts(step) && !isClean(state.steps[step.id]))
    .filter((step) => !nothingToUndo(state, plan, step))
    .map(({ id, title }) => `${id} (${title.en}) ${leftBy(state.steps[id])}`);
  const unknown = plan.calls
    .filter((call) => state.calls[call.id]?.state === 'intent')
    .map((call) => `${call.id}: gateway ${call.site} did not say what became of it`);
  return [...unfinished, ...unknown];
}
