/**
 * What a run waits for: on whom, since when, until when, and what happens after that. Pure; every run that
 * has not ended waits for something or says what it does next.
 */
import type { Action } from '../actions/action.ts';
import { needsOwnKey } from '../approval/statement.ts';
import { type Plan, sitesAsked, type Text } from '../runbook/plan.ts';
import { asksOf } from './asks.ts';
import { openCalls, phaseOf, stepsOf } from './decide/known.ts';
import type { Head } from './head.ts';
import { RESOLVE_LIMIT_MS } from './moves/pace.ts';
import type { RunState, StepState } from './state.ts';
import { thens } from './waiting-texts.ts';
import { isFollower } from './waves.ts';

export type Waiting = NonNullable<Head['waiting']>;

interface Known {
  readonly state: RunState;
  readonly plan: Plan | undefined;
  readonly actions: ReadonlyMap<string, Action>;
}

/** undefined before the run is open and once it has ended. */
export function waitingOf(known: Known): Waiting | undefined {
  const { state, plan } = known;
  const { opened, ended, preempted } = state;
  if (opened === undefined || ended !== undefined) return undefined;
  if (preempted !== undefined) return busy(preempted.at, thens.preempted);
  if (opened.refusal !== undefined) return busy(opened.at, thens.ends);
  if (plan === undefined) return gateways([], opened.at, { until: limitOf(opened) });
  // In the order in which the engine looks: a hold, the approvals, a pause, the steps.
  return (
    (state.held === undefined ? undefined : onOrders(state, plan)) ??
    beforeRunning(state, plan, opened) ??
    onOrders(state, plan) ??
    underWay(known, plan)
  );
}

const limitOf = ({ at }: { readonly at: number }): Limit => ({
  at: at + RESOLVE_LIMIT_MS,
  after: thens.fails,
});

interface Limit {
  readonly at: number;
  readonly after: Text;
}

const busy = (since: number, after: Text): Waiting => ({ for: 'nothing', who: [], since, after });

const gateways = (
  who: readonly string[],
  since: number,
  { until }: { readonly until: Limit },
): Waiting => ({ for: 'gateway', who: [...who], since, until: until.at, after: until.after });

/** A run that stands still stands until a person orders something. */
function onOrders(state: RunState, plan: Plan): Waiting | undefined {
  const { held, paused } = state;
  if (held === undefined && paused === undefined) return undefined;
  const wish = Object.values(state.skips).find(({ second }) => second === undefined);
  if (wish !== undefined) {
    const who = needsOwnKey(plan.class) ? [plan.approval.role] : [];
    return { for: 'second-person', who, since: wish.at, after: thens.skips };
  }
  if (held !== undefined) {
    return { for: 'operator', who: [], since: held.at, after: thens.held };
  }
  return {
    for: 'operator',
    who: [],
    since: state.stillSince ?? lastMoment(state),
    after: thens.paused,
  };
}

function beforeRunning(
  state: RunState,
  plan: Plan,
  opened: { readonly at: number },
): Waiting | undefined {
  const { approval, aborted } = state;
  if (approval === undefined) {
    if (aborted !== undefined) return busy(aborted.at, thens.ends);
    if (!state.locked && state.wanted === undefined) return busy(opened.at, thens.locks);
    const missing = sitesAsked(plan).filter((site) => !state.registered.includes(site));
    if (missing.length === 0) return busy(opened.at, asking(state));
    return gateways(missing, opened.at, { until: limitOf(opened) });
  }
  const since = approval.expiresAt - plan.approval.expiresMs;
  if (approval.state === 'requested') return collecting(state, plan, since);
  if (approval.state !== 'complete') {
    return openCalls(state).length > 0 ? undefined : endsOrCleans(state, since);
  }
  if (aborted !== undefined) return undefined;
  return beforeFirstCall(state, plan, approval.completeAt ?? since);
}

/** Gateways that have not taken the approvals or the epoch, then the runs that come before. */
function beforeFirstCall(state: RunState, plan: Plan, since: number): Waiting | undefined {
  const { continuedAt, delivered, announces, announced, approval } = state;
  const sites = continuedAt === undefined ? sitesAsked(plan) : [continuedAt];
  const missing = sites.filter(
    (site) => !delivered.includes(site) || (announces && !announced.includes(site)),
  );
  const until = { at: approval?.expiresAt ?? since, after: thens.fails };
  if (missing.length > 0) return gateways(missing, since, { until });
  const awaitsTurn = isFollower(state) && !state.turn && state.paused === undefined;
  return awaitsTurn ? busy(since, thens.turn) : undefined;
}

function asking(state: RunState): Text {
  if (state.opened?.wave !== undefined && state.wave === undefined) return thens.gathers;
  return isFollower(state) ? thens.joins : thens.asks;
}

/** Denied, expired or void: with nothing sent the run ends, else it cleans up. */
const endsOrCleans = (state: RunState, since: number): Waiting | undefined =>
  Object.keys(state.calls).length === 0 ? busy(since, thens.ends) : undefined;

function collecting({ approval, aborted }: RunState, plan: Plan, since: number): Waiting {
  if (aborted !== undefined) return busy(aborted.at, thens.ends);
  const last = approval?.granted.at(-1);
  const people = new Set(approval?.granted.map(({ person }) => person));
  if (people.size >= plan.approval.people) return busy(last?.at ?? since, thens.checks);
  const until = approval?.expiresAt ?? since;
  return { for: 'approvals', who: [plan.approval.role], since, until, after: thens.expires };
}

/** Approved and known everywhere: people, gateways, targets, or the next step. */
function underWay(known: Known, plan: Plan): Waiting {
  const { state } = known;
  const [ask] = asksOf(state, plan, known.actions);
  if (ask !== undefined) {
    const since = state.steps[ask.step]?.startedAt ?? 0;
    const after = thens[plan.steps.find(({ id }) => id === ask.step)?.onFailure ?? 'pauses'];
    const role = ask.parts.includes('witnessed') ? 'witness' : ask.role;
    return { for: 'person', who: [role], step: ask.step, since, until: ask.deadline, after };
  }
  return onCalls(state, plan) ?? onSteps(state, plan) ?? busy(lastMoment(state), thens.goesOn);
}

/** A gateway that has not said what became of a call. */
function onCalls(state: RunState, plan: Plan): Waiting | undefined {
  const open = new Set(openCalls(state));
  const calls = plan.calls.filter(({ id }) => open.has(id));
  const [first] = calls;
  if (first === undefined) return undefined;
  const sites = [...new Set(calls.map(({ site }) => site))];
  const since = Math.min(...calls.map(({ id }) => state.calls[id]?.at ?? 0));
  const step = state.steps[first.step];
  const at = step?.state === 'running' ? step.deadline : (state.orderedAt ?? since);
  return gateways(sites, since, { until: { at, after: thens.pauses } });
}

function onSteps(state: RunState, plan: Plan): Waiting | undefined {
  const steps = stepsOf(plan, phaseOf(state, plan));
  const running = steps.find(({ id }) => state.steps[id]?.state === 'running');
  const at: StepState | undefined = state.steps[running?.id ?? ''];
  if (running !== undefined && at !== undefined) {
    const after = thens[running.onFailure ?? 'pauses'];
    const who = targetsOf(plan, running.id);
    return { for: 'array', who, step: running.id, since: at.startedAt, until: at.deadline, after };
  }
  const again = steps.find(({ id, retry }) => retry && state.steps[id]?.state === 'failed');
  const failed = state.steps[again?.id ?? ''];
  if (again?.retry === undefined || failed === undefined) return undefined;
  const since = failed.endedAt ?? failed.startedAt;
  const until = since + again.retry.backoffMs * 2 ** (failed.attempt - 1);
  return { for: 'nothing', who: [], step: again.id, since, until, after: thens.triesAgain };
}

/** What the step works on; for a step without calls its own name. */
function targetsOf(plan: Plan, step: string): string[] {
  const targets = plan.calls.filter((call) => call.step === step).map(({ target }) => target);
  return targets.length === 0 ? [step] : [...new Set(targets)];
}

function lastMoment({ opened, approval, steps, orderedAt }: RunState): number {
  const ends = Object.values(steps).map(({ endedAt, startedAt }) => endedAt ?? startedAt);
  return Math.max(opened?.at ?? 0, approval?.completeAt ?? 0, orderedAt ?? 0, ...ends);
}
