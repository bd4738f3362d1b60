/** What is seen of servers that are stopped and locked, or unlocked and started, call by call. */
import type { ServerSpec } from '../../config.ts';
import type { PowerAction } from '../../openstack/paths.ts';
import type { Server } from '../../openstack/schema.ts';
import { statusText } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Mine, StepView } from '../action.ts';
import { type Effect, isPastLimit, judgeCall, maySent, notNeeded } from '../judging.ts';
import type { Seen } from '../reads.ts';
import { neverMade } from './judge-delete.ts';
import { type Live, liveServers, powerOfCall, type ServersSeen } from './live.ts';
import { deedOf, powerLook, wordFor } from './power.ts';
import { closedSide, type SideSeen } from './side.ts';

export interface PowerSeen {
  readonly servers: ServersSeen;
  /** Whether the volumes at the site may be written to; absent when nothing is started. */
  readonly sides?: readonly SideSeen[];
}

interface Judging {
  readonly seen: PowerSeen;
  readonly view: StepView;
  readonly servers: readonly ServerSpec[];
}

export function judgePower(judging: Judging): Record<string, Verdict> {
  const { view } = judging;
  return Object.fromEntries(view.calls.map((call) => [call.id, verdictOf(call, judging)]));
}

function verdictOf(call: PlanCall, judging: Judging): Verdict {
  const { view, seen } = judging;
  const found = powerOfCall(call);
  if (found === undefined) return { state: 'refuse', reason: 'An unknown kind of call.' };
  const { server: id, action } = found;
  const mine = view.mine[call.id];
  const effect = effectOf({ call, id, action }, judging);
  const before = earlier(action, seen.servers.get(id));
  const made = madeBy(call, view);
  if (made !== undefined) {
    const maker = view.mine[made.id];
    if (!maySent(maker)) return neverMade(effect);
    if (effect.seen === 'there' && !maySent(mine)) return backAlready(maker, view.now, before);
  } else if (view.step.undoes !== undefined) {
    return { state: 'refuse', reason: 'It takes back no call of this plan.' };
  }
  // No lock is what a start wants, whoever took it away; only what runs already is in question.
  const open = action === 'unlock' && effect.seen === 'there' && deedOf(mine) === 'never';
  if (open) return { ...notNeeded, reason: before };
  return judgeCall({ call, mine, now: view.now, effect, before });
}

const opposites: Readonly<Record<PowerAction, PowerAction>> = {
  stop: 'start',
  start: 'stop',
  lock: 'unlock',
  unlock: 'lock',
};

/** The call that this one takes back, in a step that takes one back. */
function madeBy(call: PlanCall, { plan, step }: StepView): PlanCall | undefined {
  if (step.undoes === undefined) return undefined;
  const own = powerOfCall(call);
  return plan.calls.find((one) => {
    const other = one.step === step.undoes ? powerOfCall(one) : undefined;
    return (
      own !== undefined && other?.server === own.server && other.action === opposites[own.action]
    );
  });
}

/** It is as it was, and not by us: there is nothing left to take back once no lost call can come true. */
function backAlready(maker: Mine | undefined, now: number, before: string): Verdict {
  const sure = maker?.state === 'answered' || (maker !== undefined && isPastLimit(maker, now));
  if (sure) return { ...notNeeded, reason: before };
  return { state: 'pending', reason: 'What a lost call did may still show.' };
}

function earlier(action: PowerAction, seen: Seen<Server> | undefined): string {
  const name = seen?.ok === true ? seen.value.name : 'The server';
  if (seen?.ok === false && seen.gone) return 'Somebody deleted the server.';
  const was = { stop: 'stopped', start: 'started', lock: 'locked', unlock: 'not locked' }[action];
  return `${name} was ${was} already, and not by this run.`;
}

interface Asked {
  readonly call: PlanCall;
  readonly id: string;
  readonly action: PowerAction;
}

function effectOf(asked: Asked, judging: Judging): Effect {
  const { id, action, call } = asked;
  const server = judging.seen.servers.get(id);
  const deed = deedOf(judging.view.mine[call.id]);
  const status = server?.ok === true ? statusText(server.value) : 'not known';
  const name = server?.ok === true ? server.value.name : id;
  const reading = { server: id, status };
  switch (wordFor(action, server, deed)) {
    case 'so':
      return { seen: 'there', reading };
    case 'send': {
      const effect: Effect = { seen: 'absent', why: `${name} is ${status}.`, reading };
      return deed === 'never' ? (heldBack(asked, judging) ?? effect) : effect;
    }
    case 'wait':
      return { seen: 'moving', why: `${name} is ${status}.`, reading };
    case 'later':
      return { seen: 'blocked', why: `${name} is ${status}.`, reading };
    case 'undone': {
      const why = `Nova obeyed "${action}", and ${name} is ${status}: it failed, or somebody`;
      return { seen: 'broken', why: `${why} undid it. Do it by hand, then retry.`, reading };
    }
    case 'failed':
      return { seen: 'broken', why: `${name} is in ERROR. Bring it back, then retry.`, reading };
    case 'aside': {
      const why = `${name} is ${status}: "${action}" does not work from there. Resume it, then retry.`;
      return { seen: 'broken', why, reading };
    }
    case 'gone':
      return { seen: 'broken', why: `Server ${id} does not exist any more.`, reading };
    case 'unknown':
      return { seen: 'unknown', why: whyUnknown(server, name), reading };
  }
}

function whyUnknown(server: Seen<Server> | undefined, name: string): string {
  if (server === undefined) return `Server ${name} was not read.`;
  return server.ok ? `Nova does not say what ${name} is doing.` : server.why;
}

/** Why something that could be sent is not: somebody's lock, the order of servers, the volumes. */
function heldBack({ id, action, call }: Asked, judging: Judging): Effect | undefined {
  const { seen, view } = judging;
  const server = seen.servers.get(id);
  if (server?.ok !== true || action === 'lock' || action === 'unlock') return undefined;
  const { name, locked, locked_reason: reason } = server.value;
  if (locked !== false) {
    const why = `${name} is locked${reason === null || reason === undefined ? '' : ` (${reason})`}`;
    if (action === 'start' && unlocks(id, view)) return { seen: 'blocked', why: `${why}.` };
    return { seen: 'broken', why: `${why}, and not by this run. Have it unlocked, then retry.` };
  }
  const waiting = waitsFor({ id, action, call }, judging);
  if (waiting.length > 0) {
    return { seen: 'blocked', why: `${name} waits for ${waiting.join(', ')}.` };
  }
  return action === 'stop' ? undefined : closedSide(seen.sides ?? []);
}

/** This step takes its own lock away first. */
function unlocks(id: string, view: StepView): boolean {
  return view.calls.some((call) => {
    const found = powerOfCall(call);
    if (found?.server !== id || found.action !== 'unlock') return false;
    const made = madeBy(call, view);
    return view.step.undoes === undefined || (made !== undefined && maySent(view.mine[made.id]));
  });
}

/** Servers that must be off before this one stops, or on before it starts. */
function waitsFor({ id, action }: Asked, { seen, view, servers }: Judging): string[] {
  const all = liveServers({ facts: view.plan.facts }, view.calls[0]?.site ?? '', servers);
  const order = all.find((one) => one.id === id)?.spec.order ?? 0;
  const before = all.filter(({ spec }) =>
    action === 'stop' ? spec.order > order : spec.order < order,
  );
  const isThere = (one: Live) => {
    const look = powerLook(seen.servers.get(one.id));
    return action === 'stop' ? look === 'off' || look === 'gone' : look === 'on';
  };
  return before.filter((one) => isOurs(one, action, view) && !isThere(one)).map(({ name }) => name);
}

/** What this run did not change it does not change back either, and nobody waits for it. */
function isOurs({ id }: Live, action: PowerAction, view: StepView): boolean {
  if (view.step.undoes === undefined) return true;
  return view.calls.some((call) => {
    const found = powerOfCall(call);
    const made = madeBy(call, view);
    const same = found?.server === id && found.action === action;
    return same && made !== undefined && maySent(view.mine[made.id]);
  });
}
