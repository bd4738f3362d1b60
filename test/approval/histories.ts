/**
 * Random histories of one request for approval, played through the rule and the fold, and a checker
 * that reads the same history on its own: it is written from what two people, an unchanged plan and
 * doubt mean, not from the code.
 */
import type { Standing } from '../../lib/approval/directory.ts';
import type { evaluate } from '../../lib/approval/evaluate.ts';
import type { Random } from '../../lib/random.ts';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import { openFold } from '../../lib/run/fold.ts';
import { DRILLBOOK } from '../../lib/run/session.ts';
import type { ApprovalState } from '../../lib/run/state.ts';

/** What happens, at a moment; people act through an account, and a person may have two. */
export type Happening =
  | { readonly what: 'approve' | 'deny'; readonly account: string; readonly shown: string }
  | { readonly what: 'withdraw'; readonly account: string }
  | { readonly what: 'edit' | 'wait' }
  | { readonly what: 'deactivate' | 'role'; readonly person: string }
  /** The facts are read again, and people looked at once more. */
  | { readonly what: 'recheck' };

export interface History {
  readonly people: readonly string[];
  readonly requester: string;
  readonly needed: number;
  readonly happenings: readonly Happening[];
}

export const ROLE = 'dr-approver';
const EXPIRES = 1_000;
const STEP = 100;

export function randomHistory(random: Random): History {
  const draw = draws(Number.parseInt(random(4), 16));
  const people = Array.from({ length: 3 + draw(8) }, (_, i) => `p-${i}`);
  const person = () => people[draw(people.length)] ?? 'p-0';
  const account = () => `${person()}/${draw(2)}`;
  const one = (): Happening => {
    const dice = draw(100);
    if (dice < 52)
      return { what: 'approve', account: account(), shown: draw(12) === 0 ? 'old' : 'now' };
    if (dice < 56) return { what: 'deny', account: account(), shown: 'now' };
    if (dice < 68) return { what: 'withdraw', account: account() };
    if (dice < 71) return { what: 'edit' };
    if (dice < 80) return { what: 'wait' };
    if (dice < 85) return { what: 'deactivate', person: person() };
    if (dice < 90) return { what: 'role', person: person() };
    return { what: 'recheck' };
  };
  const happenings = Array.from({ length: 4 + draw(14) }, one);
  return { people, requester: person(), needed: 2 + draw(2), happenings };
}

/** Small numbers from one seed (mulberry32): a hash for each would take most of the time. */
function draws(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export type Rule = typeof evaluate;

/** What stands behind people at this moment. */
interface World {
  readonly now: number;
  readonly version: number;
  readonly deactivated: ReadonlySet<string>;
  readonly without: ReadonlySet<string>;
}

const start: World = { now: 0, version: 1, deactivated: new Set(), without: new Set() };
const personOf = (account: string): string => account.split('/')[0] ?? '';
const planOf = (version: number): string => `${version}`.padStart(64, '0');

function after(world: World, happening: Happening): World {
  const now = world.now + STEP / 2;
  switch (happening.what) {
    case 'wait':
      return { ...world, now: now + STEP * 2 };
    case 'edit':
      return { ...world, now, version: world.version + 1 };
    case 'deactivate':
      return { ...world, now, deactivated: new Set([...world.deactivated, happening.person]) };
    case 'role':
      return { ...world, now, without: new Set([...world.without, happening.person]) };
    default:
      return { ...world, now };
  }
}

/** Where the engine comes to with the rule given; a fold that is not whole forgets one type. */
export function play(
  history: History,
  rule: Rule,
  forgets?: JournalEvent['type'],
): ApprovalState | undefined {
  const fold = openFold();
  const add = (event: NewEvent) => {
    if (event.type !== forgets) fold.add(written(event));
  };
  const data = { planHash: planOf(1), people: history.needed, role: ROLE, expiresAt: EXPIRES };
  add({ type: 'approval.requested', actor: DRILLBOOK, data });
  let world = start;
  for (const happening of history.happenings) {
    world = after(world, happening);
    const { approval } = fold.state();
    if (approval === undefined) continue;
    for (const event of eventsOf(history, { happening, world, approval, rule })) add(event);
  }
  return fold.state().approval;
}

interface Moment {
  readonly happening: Happening;
  readonly world: World;
  readonly approval: ApprovalState;
  readonly rule: Rule;
}

function eventsOf(history: History, moment: Moment): NewEvent[] {
  const { happening, world, approval } = moment;
  const planHash = approval.planHash;
  const closed = approval.state !== 'requested';
  if (!closed && world.now >= approval.expiresAt) {
    return [{ type: 'approval.expired', actor: DRILLBOOK, data: { planHash, expiresAt: EXPIRES } }];
  }
  switch (happening.what) {
    case 'approve':
    case 'deny':
      return decided(history, moment);
    case 'withdraw': {
      const person = personOf(happening.account);
      const own = approval.granted.some((grant) => grant.person === person);
      if (closed || !own) return [];
      const data = { planHash, person, reason: 'x' };
      return [{ type: 'approval.withdrawn', actor: DRILLBOOK, data }];
    }
    case 'edit':
    case 'recheck': {
      const lost = approval.granted.some(({ person }) => !isAble(world, person));
      const worse = planOf(world.version) !== planHash || lost;
      if (!worse || (closed && approval.state !== 'complete')) return [];
      return [{ type: 'approval.voided', actor: DRILLBOOK, data: { planHash, diff: ['x'] } }];
    }
    default:
      return [];
  }
}

function decided(history: History, { happening, world, approval, rule }: Moment): NewEvent[] {
  if (happening.what !== 'approve' && happening.what !== 'deny') return [];
  const person = personOf(happening.account);
  const shown = happening.shown === 'now' ? approval.planHash : planOf(99);
  const standing: Standing = {
    state: 'known',
    roles: world.without.has(person) ? [] : [ROLE],
    flags: world.deactivated.has(person) ? ['deactivated'] : [],
    sharedChannel: false,
  };
  const request = {
    ...approval,
    requester: history.requester,
    granted: approval.granted.map((grant) => grant.person),
  };
  const decision = { verb: happening.what, person, planHash: shown };
  if (rule(request, decision, { standing, now: world.now }) !== undefined) return [];
  const data = { planHash: approval.planHash, person, role: ROLE, via: 'slack' };
  if (happening.what === 'deny') {
    return [{ type: 'approval.rejected', actor: DRILLBOOK, data: { ...data, reason: 'x' } }];
  }
  const granted = {
    type: 'approval.granted',
    actor: DRILLBOOK,
    data: { ...data, nonce: 'n' },
  } as const;
  if (approval.granted.length + 1 < approval.people) return [granted];
  const complete = { planHash: approval.planHash };
  return [granted, { type: 'approval.complete', actor: DRILLBOOK, data: complete }];
}

const isAble = ({ deactivated, without }: World, person: string): boolean =>
  !deactivated.has(person) && !without.has(person);

function written(event: NewEvent): JournalEvent {
  const ts = new Date(0).toISOString();
  const place = { v: 1, run: 'r', seq: 1, ts, id: 'i', prev: '', evidence: [] } as const;
  return { ...place, ...event } as JournalEvent;
}

/**
 * Whether such a request may count as approved at the end, and must. Read from front to back with
 * nothing in hand but who stands for it: enough different people, none of them the requester, each
 * able when speaking, all of one plan that did not change, before its end, with no denial between.
 */
export function shouldStand({ requester, needed, happenings }: History): boolean {
  const standing = new Set<string>();
  let [approved, dead, world] = [false, false, start];
  for (const happening of happenings) {
    world = after(world, happening);
    if (dead) continue;
    if (!approved && world.now >= EXPIRES) dead = true;
    if (dead) continue;
    const everybodyAble = [...standing].every((person) => isAble(world, person));
    if (happening.what === 'edit') dead = true;
    if (happening.what === 'recheck' && !everybodyAble) dead = true;
    if (approved || dead || !('account' in happening)) continue;
    const who = personOf(happening.account);
    if (happening.what === 'withdraw') standing.delete(who);
    else if (happening.shown === 'now' && isAble(world, who)) {
      if (happening.what === 'deny') dead = true;
      else if (who !== requester) standing.add(who);
      approved = standing.size >= needed && !dead;
    }
  }
  return approved && !dead;
}
