/** Working on a step: observe, judge, hand over what is ready, observe until it is so. */
import type { Action, Judgement, Mine, StepView } from '../../actions/action.ts';
import type { Refusal } from '../../errors.ts';
import { type Receipt, receiptSchema } from '../../gateway/protocol.ts';
import type { PlanCall, PlanStep } from '../../runbook/plan.ts';
import { RunError } from '../errors.ts';
import { parsed, recordReads } from '../reading.ts';
import { DRILLBOOK, type Session } from '../session.ts';
import { type CallState, type StepState, sameVerdicts } from '../state.ts';
import { handOver, settleCalls } from './calls.ts';
import { clearMark, readMarks, setMark, withdrawMark } from './marks.ts';
import type { Pace } from './pace.ts';
import { isDone, lateness, recordsOf, refusalOf, silence, type Work } from './refusals.ts';

/** Calls of one step that are handed over side by side. */
const CALL_CAP = 16;

export async function startStep(session: Session, id: string, attempt: number): Promise<Pace> {
  const step = stepOf(session, id);
  const deadline = session.engine.clock.now() + step.withinMs;
  const data = { step: id, attempt, deadline };
  await session.append({ type: 'step.started', actor: DRILLBOOK, data });
  return { next: 'again' };
}

export async function skipStep(session: Session, id: string): Promise<Pace> {
  const now = session.engine.clock.now();
  const data = { step: id, attempt: 1, deadline: now + stepOf(session, id).withinMs };
  await session.append({ type: 'step.started', actor: DRILLBOOK, data });
  const step = stepOf(session, id);
  const action = actionOf(session, step);
  const mark = action.marks?.(action.input.parse(step.input));
  if (mark?.undone === true) await withdrawMark(session, mark.name);
  await finish(session, id, 'not-needed');
  return { next: 'again' };
}

/** Works on a step once; what the engine itself must refuse stops the step, never the process. */
export async function workOn(session: Session, id: string): Promise<Pace> {
  try {
    return await workOnce(session, id);
  } catch (error) {
    if (error instanceof RunError) return fail(session, id, error.toRefusal());
    throw error;
  }
}

async function workOnce(session: Session, id: string): Promise<Pace> {
  const step = stepOf(session, id);
  const action = actionOf(session, step);
  const calls = (session.plan()?.calls ?? []).filter((call) => call.step === id);
  const open = calls.filter((call) => session.state().calls[call.id]?.state === 'intent');
  if (open.length > 0) {
    const pace = await settleCalls(
      session,
      open.map((call) => call.id),
    );
    if (pace.next === 'wait') return waitOrGiveUp(session, { step, calls: open }, pace.ms);
  }
  const judgement = await judge(session, { step, action, calls });
  const refusal = refusalOf(session, { action, calls, judgement, step });
  if (refusal !== undefined) {
    return fail(session, id, await withSituation(session, { step, action, calls }, refusal));
  }
  const wanted = calls.length === 0 ? [id] : calls.map((call) => call.id);
  if (wanted.every((key) => isDone(judgement.verdicts[key]))) {
    const mark = action.marks?.(action.input.parse(step.input));
    if (mark?.undone === true) await clearMark(session.engine, mark.name);
    await finish(session, id, 'done');
    return { next: 'again' };
  }
  const ready = calls.filter((call) => mayGo(session, call, judgement)).slice(0, CALL_CAP);
  if (ready.length > 0) {
    const mark = action.marks?.(action.input.parse(step.input));
    if (mark?.undone === false) await setMark(session, mark.name);
    await handOver(session, ready);
    return { next: 'again' };
  }
  const left = (session.state().steps[id]?.deadline ?? 0) - session.engine.clock.now();
  if (left <= 0) return fail(session, id, lateness(step, judgement));
  return { next: 'wait', ms: Math.min(action.pollMs, left) };
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

/** Observes and judges; the journal hears of it when the judgement says something new. */
async function judge(session: Session, { step, action, calls }: Work): Promise<Judgement> {
  const input = action.input.parse(step.input);
  const view = await viewOf(session, step, calls);
  const reads = recordReads(session.engine);
  const observed = await action.observe(view, input, reads.read);
  const judgement = action.judge(observed, input, view);
  const known = session.state().steps[step.id];
  if (!sameVerdicts(known?.verdicts ?? {}, judgement.verdicts)) {
    const evidence = await reads.evidence(`readings-${step.id}`);
    const data = { step: step.id, verdicts: { ...judgement.verdicts } };
    await session.append({
      type: 'judged',
      actor: DRILLBOOK,
      evidence: evidence === undefined ? [] : [evidence],
      data,
    });
  }
  for (const check of judgement.checks ?? []) {
    if (sameVerdicts(known?.checks[check.check], check)) continue;
    await session.append({
      type: 'check.result',
      actor: DRILLBOOK,
      data: { step: step.id, ...check },
    });
  }
  return judgement;
}

/** A person who must decide about a lost call is shown its record and both sites as they are. */
async function withSituation(session: Session, work: Work, refusal: Refusal): Promise<Refusal> {
  if (refusal.code !== 'RUN-LOST') return refusal;
  const { step, action, calls } = work;
  const view = await viewOf(session, step, calls);
  const shown = (await action.situation?.(view, recordReads(session.engine).read)) ?? [];
  return { ...refusal, why: [refusal.why, ...recordsOf(session, calls), ...shown].join(' ') };
}

async function viewOf(
  session: Session,
  step: PlanStep,
  calls: readonly PlanCall[],
): Promise<StepView> {
  const plan = session.plan();
  if (plan === undefined) throw new RunError('RUN-HISTORY', 'There is no plan.', session.run);
  const state = session.state();
  const mine: Record<string, Mine> = {};
  for (const call of plan.calls) mine[call.id] = await mineOf(session, call);
  const readings: Record<string, unknown> = {};
  for (const known of Object.values(state.steps)) {
    for (const [key, verdict] of Object.entries(known.verdicts)) readings[key] = verdict.reading;
  }
  return {
    plan,
    step,
    calls,
    mine,
    readings,
    people: state.steps[step.id]?.people ?? [],
    startedAt: state.steps[step.id]?.startedAt ?? session.engine.clock.now(),
    now: session.engine.clock.now(),
    marks: await readMarks(session.engine, plan),
  };
}

async function mineOf(session: Session, call: PlanCall): Promise<Mine> {
  const known = session.state().calls[call.id];
  if (known === undefined) return { attempt: 0, state: 'none' };
  const retry = session.state().steps[call.step]?.retry;
  const receipt = known.receipt === undefined ? undefined : await receiptOf(session, known.receipt);
  return {
    attempt: known.attempt,
    state: known.state,
    at: known.at,
    ...(isFreed(known, retry, call.id) ? { retry: true } : {}),
    ...(known.status === undefined ? {} : { status: known.status }),
    ...(receipt === undefined ? {} : { answer: parsed(receipt.body) }),
  };
}

async function receiptOf(session: Session, blob: string): Promise<Receipt> {
  return receiptSchema.parse(JSON.parse((await session.engine.blobs.get(blob)).toString('utf8')));
}

/**
 * The last word on sending is here, not with the action: never while an answer may still come,
 * never after one came, never after a loss that no person has looked at.
 */
function mayGo(session: Session, call: PlanCall, judgement: Judgement): boolean {
  if (judgement.verdicts[call.id]?.state !== 'ready') return false;
  const { calls, steps } = session.state();
  const known = calls[call.id];
  const retry = steps[call.step]?.retry;
  const free =
    known === undefined ||
    known.state === 'void' ||
    known.state === 'refused' ||
    (known.state === 'lost' && isFreed(known, retry, call.id));
  return free && call.after.every((before) => isSatisfied(session, before, judgement));
}

/** A retry sets free what was not lost, and those lost calls that the pause had shown. */
function isFreed(known: CallState, retry: StepState['retry'], call: string): boolean {
  if (retry === undefined || retry.at < known.at) return false;
  return known.state !== 'lost' || retry.frees.includes(call);
}

function isSatisfied(session: Session, call: string, judgement: Judgement): boolean {
  const known = session.state().calls[call]?.state;
  return known === 'answered' || known === 'not-needed' || isDone(judgement.verdicts[call]);
}

async function finish(session: Session, id: string, result: 'done' | 'not-needed'): Promise<void> {
  const started = session.state().steps[id]?.startedAt ?? session.engine.clock.now();
  const durationMs = Math.max(0, session.engine.clock.now() - started);
  await session.append({
    type: 'step.finished',
    actor: DRILLBOOK,
    data: { step: id, result, durationMs },
  });
}

/** The clean-up cannot begin while a call may still be on its way: a person is asked. */
export async function giveUpSettling(session: Session, ids: readonly string[]): Promise<Pace> {
  const calls = (session.plan()?.calls ?? []).filter((call) => ids.includes(call.id));
  const step = stepOf(session, calls[0]?.step ?? '');
  const refusal = silence(session, step, calls);
  await session.append({
    type: 'run.paused',
    actor: DRILLBOOK,
    data: { step: step.id, refusal },
  });
  return { next: 'again' };
}

async function fail(session: Session, id: string, why: Refusal): Promise<Pace> {
  const started = session.state().steps[id]?.startedAt ?? session.engine.clock.now();
  const durationMs = Math.max(0, session.engine.clock.now() - started);
  await session.append({
    type: 'step.failed',
    actor: DRILLBOOK,
    data: { step: id, refusal: why, durationMs },
  });
  await session.append({ type: 'run.paused', actor: DRILLBOOK, data: { step: id, refusal: why } });
  return { next: 'again' };
}

function stepOf(session: Session, id: string): PlanStep {
  const step = session.plan()?.steps.find((candidate) => candidate.id === id);
  if (step === undefined)
    throw new RunError('RUN-HISTORY', `The plan has no step ${id}.`, session.run);
  return step;
}

function actionOf(session: Session, step: PlanStep): Action {
  const action = session.engine.actions.get(step.uses);
  if (action === undefined)
    throw new RunError('RUN-HISTORY', `There is no action ${step.uses}.`, session.run);
  return action;
}
