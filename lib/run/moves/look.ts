/** One look at parts of a step: observe, judge, and tell the journal what is new. */
import type { Action, Judgement, Mine, StepView } from '../../actions/action.ts';
import type { Refusal } from '../../errors.ts';
import type { PlanCall, PlanStep } from '../../runbook/plan.ts';
import { RunError } from '../errors.ts';
import { sameVerdicts } from '../fold.ts';
import { callsOf, findCall, type Part, partsOf, stepOf } from '../parts.ts';
import { parsed, type Recording, recordReads } from '../reading.ts';
import { DRILLBOOK, keep, type Session } from '../session.ts';
import type { Verdict } from '../verdict.ts';
import { noteSeen, readMarks } from './marks.ts';
import { recordsOf, refusalOf, told } from './refusals.ts';

export interface Looking {
  readonly step: PlanStep;
  readonly action: Action;
}

export interface Seen {
  readonly part: Part;
  readonly judgement: Judgement;
  /** Why the step cannot go on. */
  readonly refusal: Refusal | undefined;
}

/** Parts are observed side by side; the same GET is made once. */
export async function lookAt(
  session: Session,
  looking: Looking,
  parts: readonly Part[],
): Promise<Seen[]> {
  const reads = recordReads(session.engine);
  const marks = await readMarks(session.engine, planOf(session));
  const seen = await Promise.all(
    parts.map((part) => judgePart(session, { ...looking, part, reads, marks })),
  );
  await tell(session, { ...looking, seen, reads });
  for (const { judgement } of seen) await noteSeen(session, judgement);
  return seen;
}

type Glance = Looking & {
  readonly part: Part;
  readonly reads: Recording;
  readonly marks: StepView['marks'];
};

async function judgePart(session: Session, glance: Glance): Promise<Seen> {
  const { action, part, reads, step } = glance;
  const input = action.input.parse(part.step.input);
  const view = await viewOf(session, glance);
  const observed = await action.observe(view, input, reads.read);
  const judgement = action.judge(observed, input, view);
  const work = { step, action, calls: part.calls };
  const refusal = refusalOf(session, { ...work, judgement });
  const aside = part.key !== undefined && step.onFailure === 'continue' && refusal !== undefined;
  return aside
    ? { part, judgement: setAside(part, refusal), refusal: undefined }
    : { part, judgement, refusal };
}

/** An item that cannot go on is left, so that the others can: its reason stands in its verdicts. */
function setAside({ names }: Part, { code, what, why }: Refusal): Judgement {
  const verdict: Verdict = { state: 'refuse', reason: `${code}: ${what} ${why}`.trim() };
  return { verdicts: Object.fromEntries(names.map((name) => [name, verdict])) };
}

/** The journal hears of a judgement when it says something new; of items only what is new. */
async function tell(
  session: Session,
  at: Looking & { readonly seen: readonly Seen[]; readonly reads: Recording },
): Promise<void> {
  const { step, seen, reads } = at;
  const known = session.state().steps[step.id];
  const verdicts: Record<string, Verdict> = Object.assign(
    {},
    ...seen.map(({ judgement }) => judgement.verdicts),
  );
  const isPart = step.items !== undefined;
  const changed = Object.fromEntries(
    Object.entries(verdicts).filter(
      ([name, verdict]) => !sameVerdicts(known?.verdicts[name] ?? null, verdict),
    ),
  );
  const isNews = isPart
    ? Object.keys(changed).length > 0
    : !sameVerdicts(known?.verdicts ?? {}, verdicts);
  if (isNews) {
    const evidence = await reads.evidence(`readings-${step.id}`);
    const documents = seen.flatMap(({ judgement }) => judgement.documents ?? []);
    const kept = await Promise.all(documents.map((one) => keep(session.engine, one)));
    await session.append({
      type: 'judged',
      actor: DRILLBOOK,
      evidence: [...(evidence === undefined ? [] : [evidence]), ...kept],
      data: isPart ? { step: step.id, verdicts: changed, part: true } : { step: step.id, verdicts },
    });
  }
  for (const { part, judgement } of seen) {
    for (const measured of judgement.checks ?? []) {
      const name = part.key === undefined ? measured.check : `${part.key}/${measured.check}`;
      const check = { ...measured, check: name };
      if (sameVerdicts(known?.checks[name] ?? null, check)) continue;
      const data = { step: step.id, ...check };
      await session.append({ type: 'check.result', actor: DRILLBOOK, data });
    }
  }
}

/** A person who must decide about a lost call is shown its record and both sites as they are. */
export async function withSituation(
  session: Session,
  { action, step }: Looking,
  { part, refusal }: { readonly part: Part; readonly refusal: Refusal },
): Promise<Refusal> {
  if (refusal.code !== 'RUN-LOST') return refusal;
  const reads = recordReads(session.engine);
  const view = await viewOf(session, { action, step, part, reads, marks: {} });
  const shown = (await action.situation?.(view, reads.read)) ?? [];
  const records = recordsOf(session, part.calls);
  return { ...refusal, why: told([refusal.why, ...records, ...shown].join(' ')) };
}

async function viewOf(session: Session, { part, step, marks }: Glance): Promise<StepView> {
  const plan = planOf(session);
  const state = session.state();
  const now = session.engine.clock.now();
  const own = [...part.calls, ...undoneBy(session, part)];
  const answered = new Set([
    ...own.map(({ id }) => id),
    ...part.calls.flatMap(({ holes }) => holes.map(({ call }) => call)),
  ]);
  // One of thousands sees itself and what it takes back; a step that is alone sees the whole run.
  const shown = part.key === undefined ? plan.calls : own;
  const mine: Record<string, Mine> = {};
  for (const call of shown) mine[call.id] = await mineOf(session, call, answered.has(call.id));
  return {
    plan,
    step: part.step,
    calls: part.calls,
    mine,
    readings: readingsOf(session, part, own),
    people: [
      ...(state.steps[step.id]?.people ?? []),
      ...(state.declared?.step === step.id ? [state.declared] : []),
    ],
    startedAt: Math.max(state.steps[step.id]?.startedAt ?? now, state.orderedAt ?? 0),
    now,
    marks,
  };
}

/** The calls that a part takes back: of an item those of the same item. */
function undoneBy(session: Session, { step, key }: Part): readonly PlanCall[] {
  const plan = planOf(session);
  if (step.undoes === undefined) return [];
  const undone = stepOf(plan, step.undoes);
  const part = partsOf(plan, undone).find((one) => one.key === key);
  return part?.calls ?? callsOf(plan, undone.id);
}

function readingsOf(
  session: Session,
  part: Part,
  own: readonly PlanCall[],
): Record<string, unknown> {
  const { steps } = session.state();
  const readings: Record<string, unknown> = {};
  if (part.key !== undefined) {
    const plan = planOf(session);
    for (const name of [...part.names, ...own.map(({ id }) => id)]) {
      const of = findCall(plan, name)?.step ?? name.slice(0, name.indexOf('.'));
      readings[name] = steps[of]?.verdicts[name]?.reading;
    }
    return readings;
  }
  for (const known of Object.values(steps)) {
    for (const [name, verdict] of Object.entries(known.verdicts)) readings[name] = verdict.reading;
  }
  return readings;
}

async function mineOf(session: Session, call: PlanCall, withAnswer: boolean): Promise<Mine> {
  const known = session.state().calls[call.id];
  if (known === undefined) return { attempt: 0, state: 'none' };
  const { receipt: blob } = known;
  const receipt = withAnswer && blob !== undefined ? await session.receipt(blob) : undefined;
  return {
    attempt: known.attempt,
    state: known.state,
    at: known.at,
    ...(known.freed === true ? { retry: true } : {}),
    ...(known.status === undefined ? {} : { status: known.status }),
    ...(receipt === undefined ? {} : { answer: parsed(receipt.body) }),
  };
}

function planOf(session: Session) {
  const plan = session.plan();
  if (plan === undefined) throw new RunError('RUN-HISTORY', 'There is no plan.', session.run);
  return plan;
}
