/** The head of a run, folded from what a session knows. */
import type { Plan } from '../runbook/plan.ts';
import { asksOf } from './asks.ts';
import { isClosing } from './decide.ts';
import type { Head } from './head.ts';
import type { Session } from './session.ts';
import type { RunState } from './state.ts';

export function headOf(session: Session): Head | undefined {
  const state = session.state();
  const { opened, approval, ended, paused } = state;
  if (opened === undefined) return undefined;
  const plan = session.plan();
  const unknown = { ko: opened.service, en: opened.service };
  return {
    v: 1,
    run: session.run,
    drill: opened.drill,
    seq: session.tail()?.seq ?? 0,
    state: stateOf(state, plan),
    openedAt: opened.at,
    service: { id: opened.service, name: plan?.service.name ?? unknown },
    runbook: {
      id: opened.runbook,
      title: plan?.runbook.title ?? { ko: opened.runbook, en: opened.runbook },
    },
    requester: opened.requester,
    ...(plan === undefined
      ? {}
      : { planHash: state.plan?.hash, class: plan.class, plan: countsOf(plan) }),
    ...(approval === undefined
      ? {}
      : {
          approval: {
            state: approval.state,
            needed: approval.people,
            role: approval.role,
            granted: approval.granted.map(({ person, at }) => ({ person, at })),
            expiresAt: approval.expiresAt,
          },
        }),
    steps: (plan?.steps ?? []).map((step) => stepOf(session, step)),
    asks: asksOf(state, plan, session.engine.actions),
    ...(paused === undefined ? {} : { pause: paused }),
    ...(ended === undefined
      ? {}
      : { result: { result: ended.result, reasons: ended.reasons, endedAt: ended.at } }),
    clocks: clocksOf(session),
  };
}

function stateOf(state: RunState, plan: Plan | undefined): Head['state'] {
  if (state.ended !== undefined) return 'ended';
  if (state.paused !== undefined) return 'paused';
  if (plan === undefined || state.approval === undefined) return 'opening';
  if (state.approval.state === 'requested') return 'awaiting-approval';
  return isClosing(state, plan) ? 'cleaning-up' : 'running';
}

function stepOf(session: Session, step: Plan['steps'][number]): Head['steps'][number] {
  const state = session.state();
  const known = state.steps[step.id];
  const asking = asksOf(state, session.plan(), session.engine.actions).some(
    (ask) => ask.step === step.id,
  );
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
    ...(known?.endedAt === undefined ? {} : { endedAt: known.endedAt }),
  };
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

/** T2 ordered: second approval. T3 technically up: last check done. T4: business confirmed. */
function clocksOf(session: Session): Head['clocks'] {
  const { approval, steps } = session.state();
  const plan = session.plan();
  const checked = plan?.steps.find((step) => step.uses === 'check/all' && step.phase === 'forward');
  const t3 = checked === undefined ? undefined : doneAt(steps[checked.id]);
  const confirmed = Object.values(steps)
    .flatMap((step) => step.people)
    .filter((answer) => answer.part === 'confirmed')
    .at(-1)?.at;
  return {
    ...(approval?.completeAt === undefined ? {} : { t2: approval.completeAt }),
    ...(t3 === undefined ? {} : { t3 }),
    ...(confirmed === undefined ? {} : { t4: confirmed }),
  };
}

const doneAt = (step: RunState['steps'][string] | undefined): number | undefined =>
  step?.state === 'done' ? step.endedAt : undefined;
