/** Working on a step: look, hand over what is ready, look again until it is so. */
import type { Action } from '../../actions/action.ts';
import type { Refusal } from '../../errors.ts';
import type { PlanCall, PlanStep } from '../../runbook/plan.ts';
import { openCalls as openIn } from '../decide/known.ts';
import { RunError } from '../errors.ts';
import type { EventData } from '../events.ts';
import { findCall, type Part, partsOf, stepOf } from '../parts.ts';
import { DRILLBOOK, type Session } from '../session.ts';
import { isDone } from '../verdict.ts';
import { handOver, settleCalls } from './calls.ts';
import { type Looking, lookAt, type Seen, withSituation } from './look.ts';
import { clearMark, marksOf, setMark, withdrawMark } from './marks.ts';
import type { Pace } from './pace.ts';
import { lateness, refusal, silence } from './refusals.ts';
import { mayGo } from './sending.ts';

/** Calls of one step that are handed over side by side, and items that are worked on. */
const CALL_CAP = 16;
/** Reasons that are told of items that could not go on; the journal has them all. */
const REASONS_MAX = 5;

export async function startStep(session: Session, id: string, attempt: number): Promise<Pace> {
  const { step } = lookingAt(session, id);
  const deadline = session.engine.clock.now() + step.withinMs;
  const resumes = step.items !== undefined && attempt > 1;
  const data = { step: id, attempt, deadline, ...(resumes ? { resumes } : {}) };
  await session.append({ type: 'step.started', actor: DRILLBOOK, data });
  return { next: 'again' };
}

/** There is nothing to take back. */
export async function skipStep(session: Session, id: string): Promise<Pace> {
  const { step, action } = lookingAt(session, id);
  const data = { step: id, attempt: 1, deadline: session.engine.clock.now() + step.withinMs };
  await session.append({ type: 'step.started', actor: DRILLBOOK, data });
  for (const mark of marksOf(action, partsIn(session, step))) {
    if (mark.undone) await withdrawMark(session, mark.name);
  }
  return finish(session, id, { result: 'not-needed' });
}

/** Works on a step once; what the engine itself must refuse stops the step, never the process. */
export async function workOn(session: Session, id: string): Promise<Pace> {
  try {
    return await workOnce(session, lookingAt(session, id));
  } catch (error) {
    if (error instanceof RunError) return fail(session, id, error.toRefusal());
    throw error;
  }
}

async function workOnce(session: Session, looking: Looking): Promise<Pace> {
  const { step, action } = looking;
  const open = openCalls(session, step);
  if (open.length > 0) {
    const pace = await settleCalls(
      session,
      open.map((call) => call.id),
    );
    if (pace.next === 'wait') return waitOrGiveUp(session, { step, calls: open }, pace.ms);
  }
  const width = step.parallel ?? CALL_CAP;
  // A step that is alone is judged until it ends, items only until each is done or set aside.
  const before =
    step.items === undefined ? partsIn(session, step) : openItems(session, step, width);
  const seen = await lookAt(session, looking, before);
  const stopped = seen.find((one) => one.refusal !== undefined);
  if (stopped?.refusal !== undefined) {
    const { part, refusal: why } = stopped;
    return fail(session, step.id, await withSituation(session, looking, { part, refusal: why }));
  }
  if (openItems(session, step, 1).length === 0) return conclude(session, looking);
  const ready = seen
    .flatMap(({ part, judgement }) => part.calls.filter((call) => mayGo(session, call, judgement)))
    .slice(0, width);
  if (ready.length > 0) {
    for (const mark of marksOf(action, partsIn(session, step))) {
      const sent = mark.by === undefined ? undefined : ready.find(mark.by);
      const isChange = mark.by === undefined || sent !== undefined;
      if (!mark.undone && isChange) await setMark(session, mark.name, sent?.site);
    }
    await handOver(session, ready);
    return { next: 'again' };
  }
  // Items became done, and there is room for others.
  if (before.some((part) => isOver(session, step, part))) return { next: 'again' };
  return waitOrFail(session, looking, seen);
}

/** All parts are over: done, unless some could not go on. */
async function conclude(session: Session, { step, action }: Looking): Promise<Pace> {
  const parts = partsIn(session, step);
  const verdicts = session.state().steps[step.id]?.verdicts ?? {};
  const asides = parts.filter(({ names }) => names.some((name) => !isDone(verdicts[name])));
  if (asides.length > 0) {
    const what = `Step ${step.id} cannot go on (${asides.length} of ${parts.length} items).`;
    const reasons = asides.slice(0, REASONS_MAX).map(({ key, names }) => {
      const verdict = names.map((name) => verdicts[name]).find((one) => !isDone(one));
      return `${key}: ${verdict?.reason ?? 'not known'}`;
    });
    const more = asides.length - reasons.length;
    const why = [...reasons, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
    return fail(session, step.id, refusal('RUN-REFUSED', what, why));
  }
  for (const mark of marksOf(action, parts)) {
    if (mark.undone) await clearMark(session.engine, mark.name);
  }
  return finish(session, step.id, { result: 'done' });
}

async function waitOrFail(
  session: Session,
  { step, action }: Looking,
  seen: readonly Seen[],
): Promise<Pace> {
  const left = (session.state().steps[step.id]?.deadline ?? 0) - session.engine.clock.now();
  if (left > 0) return { next: 'wait', ms: Math.min(action.pollMs, left) };
  const verdicts = Object.assign({}, ...seen.map(({ judgement }) => judgement.verdicts));
  return fail(session, step.id, lateness(step, { verdicts }));
}

/** A gateway that stays silent does not hold a step for ever: at its limit a person is asked. */
async function waitOrGiveUp(
  session: Session,
  at: { readonly step: PlanStep; readonly calls: readonly PlanCall[] },
  ms: number,
): Promise<Pace> {
  const { step, calls } = at;
  const left = (session.state().steps[step.id]?.deadline ?? 0) - session.engine.clock.now();
  return left > 0
    ? { next: 'wait', ms: Math.min(ms, left) }
    : fail(session, step.id, silence(session, step, calls));
}

/** The first items that are neither done nor set aside, at most `limit`. */
function openItems(session: Session, step: PlanStep, limit: number): Part[] {
  const parts = partsIn(session, step);
  const name = `${step.id} ${session.state().steps[step.id]?.attempt}`;
  let first = session.firstOpen.get(name) ?? 0;
  while (first < parts.length && isOver(session, step, parts[first])) first += 1;
  session.firstOpen.set(name, first);
  const open: Part[] = [];
  for (let i = first; i < parts.length && open.length < limit; i++) {
    const part = parts[i];
    if (part !== undefined && !isOver(session, step, part)) open.push(part);
  }
  return open;
}

function isOver(session: Session, step: PlanStep, part: Part | undefined): boolean {
  const verdicts = session.state().steps[step.id]?.verdicts ?? {};
  const isAside = (name: string) =>
    step.onFailure === 'continue' && part?.key !== undefined && verdicts[name]?.state === 'refuse';
  return part?.names.every((name) => isDone(verdicts[name]) || isAside(name)) ?? true;
}

const openCalls = (session: Session, step: PlanStep): PlanCall[] =>
  openIn(session.state()).flatMap((id) => {
    const plan = session.plan();
    const call = plan === undefined ? undefined : findCall(plan, id);
    return call?.step === step.id ? [call] : [];
  });

export async function finish(
  session: Session,
  id: string,
  end: Pick<EventData<'step.finished'>, 'result' | 'reason'>,
): Promise<Pace> {
  const durationMs = sinceStart(session, id);
  const data = { step: id, ...end, durationMs };
  await session.append({ type: 'step.finished', actor: DRILLBOOK, data });
  return { next: 'again' };
}

/** The clean-up cannot begin while a call may still be on its way: a person is asked. */
export async function giveUpSettling(session: Session, ids: readonly string[]): Promise<Pace> {
  const calls = (session.plan()?.calls ?? []).filter((call) => ids.includes(call.id));
  const { step } = lookingAt(session, calls[0]?.step ?? '');
  const data = { step: step.id, refusal: silence(session, step, calls) };
  await session.append({ type: 'run.paused', actor: DRILLBOOK, data });
  return { next: 'again' };
}

/** What becomes of a failure, a pause or what the runbook says, is decided from the journal. */
async function fail(session: Session, id: string, why: Refusal): Promise<Pace> {
  const data = { step: id, refusal: why, durationMs: sinceStart(session, id) };
  await session.append({ type: 'step.failed', actor: DRILLBOOK, data });
  return { next: 'again' };
}

function sinceStart(session: Session, id: string): number {
  const now = session.engine.clock.now();
  return Math.max(0, now - (session.state().steps[id]?.startedAt ?? now));
}

function lookingAt(session: Session, id: string): Looking {
  const plan = session.plan();
  if (plan === undefined) throw new RunError('RUN-HISTORY', 'There is no plan.', session.run);
  const step = stepOf(plan, id);
  return { step, action: actionOf(session, step) };
}

function partsIn(session: Session, step: PlanStep): readonly Part[] {
  const plan = session.plan();
  return plan === undefined ? [] : partsOf(plan, step);
}

function actionOf(session: Session, step: PlanStep): Action {
  const action = session.engine.actions.get(step.uses);
  if (action === undefined)
    throw new RunError('RUN-HISTORY', `There is no action ${step.uses}.`, session.run);
  return action;
}
