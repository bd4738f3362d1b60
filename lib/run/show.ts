/** The head of a run, folded from what a session knows. */
import { skipOfferOf, skipRole } from '../approval/skip.ts';
import { needsOwnKey } from '../approval/statement.ts';
import type { Plan } from '../runbook/plan.ts';
import { stakeOf } from '../runbook/stake.ts';
import { asksOf } from './asks.ts';
import { isOver } from './decide/known.ts';
import type { Head } from './head.ts';
import { progressOf } from './progress.ts';
import type { Session } from './session.ts';
import { unskippable } from './skippable.ts';
import { stageOf } from './stage.ts';
import type { ApprovalState, RunState } from './state.ts';
import { choicesAt } from './verbs.ts';
import { waitingOf } from './waiting.ts';
import { decidedHash, offerOfRun } from './waves.ts';

export function headOf(session: Session): Head | undefined {
  const state = session.state();
  const { opened, approval, ended, paused } = state;
  if (opened === undefined) return undefined;
  const plan = session.plan();
  const asks = asksOf(state, plan, session.engine.actions);
  const unknown = { ko: opened.service, en: opened.service };
  return {
    v: 1,
    run: session.run,
    drill: opened.drill,
    seq: session.tail()?.seq ?? 0,
    state: stageOf(state, plan),
    openedAt: opened.at,
    service: { id: opened.service, name: plan?.service.name ?? unknown },
    runbook: {
      id: opened.runbook,
      title: plan?.runbook.title ?? { ko: opened.runbook, en: opened.runbook },
    },
    requester: opened.requester,
    ...(plan === undefined
      ? {}
      : { planHash: decidedHash(state), ...dangerOf(plan), plan: countsOf(plan) }),
    ...(opened.wave === undefined
      ? {}
      : { wave: { ...opened.wave, members: state.wave?.members ?? [] } }),
    ...(approval === undefined ? {} : { approval: approvalOf(session, approval) }),
    steps: (plan?.steps ?? []).map((step) => ({
      ...stepOf(state, step, asks),
      ...progressIn(session, step),
    })),
    asks,
    ...(paused === undefined ? {} : { pause: paused }),
    ...standing(session),
    ...signedSkips(state, plan),
    ...(ended === undefined
      ? {}
      : { result: { result: ended.result, reasons: ended.reasons, endedAt: ended.at } }),
    clocks: clocksOf(session),
  };
}

/** How dangerous, and what a takeover may cost. */
function dangerOf(plan: Plan): Pick<Head, 'class' | 'stake'> {
  const stake = stakeOf(plan);
  return { class: plan.class, ...(stake === undefined ? {} : { stake }) };
}

function approvalOf(session: Session, approval: ApprovalState): NonNullable<Head['approval']> {
  const plan = session.plan();
  const { state, planHash, expiresAt } = approval;
  const words = session.events().flatMap((event) => {
    if (event.type !== 'plan.registered' || event.data.planHash !== planHash) return [];
    const { site, words: said } = event.data;
    return said === undefined ? [] : [{ site, ...said }];
  });
  return {
    state,
    needed: approval.people,
    role: approval.role,
    granted: approval.granted.map(({ person, at, signed }) => ({
      person,
      at,
      ...(signed === undefined ? {} : { own: true }),
    })),
    expiresAt,
    ...(plan === undefined || state !== 'requested'
      ? {}
      : { statement: offerOfRun(session.state(), plan) }),
    ...(words.length === 0 ? {} : { words }),
  };
}

/** Who holds the run, who wants what skipped, what it waits for, and what people can do. */
function standing(session: Session): Pick<Head, 'held' | 'skips' | 'choices' | 'waiting'> {
  const state = session.state();
  const plan = session.plan();
  const waiting = waitingOf({ state, plan, actions: session.engine.actions });
  const skips = wishesOf(state);
  const at = state.paused?.step ?? '';
  const choices = choicesAt(stageOf(state, plan), {
    skip: plan !== undefined && state.skips[at] === undefined && canSkip(state, plan, at),
    second: skips.some(({ second }) => second === undefined),
  });
  return {
    ...(state.held === undefined ? {} : { held: state.held }),
    ...(skips.length === 0 ? {} : { skips }),
    ...(choices.length === 0 ? {} : { choices }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}

/** While there is something to skip by signature: the words, so that people sign those and no others. */
function signedSkips(state: RunState, plan: Plan | undefined): Pick<Head, 'skipping'> {
  const over = state.ended !== undefined || state.approval?.state !== 'complete';
  if (plan === undefined || over || !needsOwnKey(plan.class)) return {};
  const about = { planHash: state.plan?.hash ?? '', step: '', role: '', notAfter: 0 };
  const { step: _, role: __, notAfter: ___, ...statement } = skipOfferOf(plan, about);
  const roles = { skip: skipRole(plan, 'skip'), 'confirm-skip': skipRole(plan, 'confirm-skip') };
  return { skipping: { statement, roles, lastsMs: plan.approval.expiresMs } };
}

const wishesOf = (state: RunState): NonNullable<Head['skips']> =>
  Object.entries(state.skips)
    .filter(([step]) => !isOver(state.steps[step]))
    .map(([step, { person, reason, at, second }]) => ({
      step,
      person,
      reason,
      at,
      ...(second === undefined ? {} : { second }),
    }));

/** The step that stopped the run, or any that is open while an operator holds it. */
const canSkip = (state: RunState, plan: Plan, at: string): boolean =>
  plan.steps.some(
    ({ id }) =>
      (state.paused === undefined || id === at) && unskippable(state, plan, id) === undefined,
  );

function stepOf(
  state: RunState,
  step: Plan['steps'][number],
  asks: Head['asks'],
): Head['steps'][number] {
  const known = state.steps[step.id];
  const asking = asks.some((ask) => ask.step === step.id);
  return {
    id: step.id,
    title: step.title,
    phase: step.phase,
    state:
      known === undefined
        ? state.ended === undefined
          ? 'waiting'
          : 'not-run'
        : asking
          ? 'asking'
          : known.state,
    ...(known === undefined ? {} : { startedAt: known.startedAt }),
    ...(known?.endedAt === undefined || known.state === 'running'
      ? {}
      : { endedAt: known.endedAt }),
  };
}

function progressIn(session: Session, step: Plan['steps'][number]) {
  const plan = session.plan();
  const progress = plan === undefined ? undefined : progressOf(session.state(), plan, step);
  return progress === undefined ? {} : { progress };
}

function countsOf(plan: Plan): NonNullable<Head['plan']> {
  const creates = (target: string) =>
    plan.calls.filter((call) => call.target.startsWith(target) && call.creates !== undefined)
      .length;
  const volumes = plan.calls.filter(
    (call) => call.target.startsWith('cinder:') && call.phase === 'forward',
  ).length;
  return { calls: plan.calls.length, servers: creates('nova:'), volumes, sites: [...plan.sites] };
}

/** T0, T1: as declared. T2 ordered: second approval. T3 technically up: last check done. T4: business confirmed. */
function clocksOf(session: Session): Head['clocks'] {
  const { approval, steps, declared } = session.state();
  const plan = session.plan();
  const checked = plan?.steps.find((step) => step.uses === 'check/all' && step.phase === 'forward');
  const t3 = checked === undefined ? undefined : doneAt(steps[checked.id]);
  // The business comes first; whoever confirms after it decides something else.
  const business = plan?.steps.find((step) => step.uses === 'people/confirm');
  const confirmed = steps[business?.id ?? '']?.people.find(({ part }) => part === 'confirmed')?.at;
  return {
    ...(declared?.occurredAt === undefined ? {} : { t0: declared.occurredAt, t1: declared.at }),
    ...(approval?.completeAt === undefined ? {} : { t2: approval.completeAt }),
    ...(t3 === undefined ? {} : { t3 }),
    ...(confirmed === undefined ? {} : { t4: confirmed }),
  };
}

const doneAt = (step: RunState['steps'][string] | undefined): number | undefined =>
  step?.state === 'done' ? step.endedAt : undefined;
