/** Operations on pairs, decided by the state tables, cell by cell, for all pairs at once or none. */
import { noteOpened } from './chronicle.ts';
import { dropDissolved, exchange, openSvol, startCopy, stop, unfollow } from './data.ts';
import { carryOut } from './events.ts';
import type { RemoteGroup } from './group.ts';
import { received, restored } from './positions.ts';
import { type Operation, type Rule, rules } from './rules.ts';
import { type Order, type PairState, type Side, sideOf } from './state.ts';

export interface Wish {
  readonly operation: Operation;
  /** The array it was sent to. */
  readonly array: string;
  readonly pairs: readonly PairState[];
  readonly now: number;
  /** Split with `svolAccessMode: rw`. */
  readonly writable?: boolean;
  /** Split with `doPvolWriteProtect`. */
  readonly protect?: boolean;
  /** Split with `doDataSuspend`: what is still in the journals is given up. */
  readonly giveUp?: boolean;
  /** What the resync of a waiting mirror does to the pairs that its S-VOLs are in so far. */
  release?(pair: PairState): void;
}

/** `refused`: nothing was changed. `copiedAt`: when the copying behind it ends (ms). */
export interface Outcome {
  readonly refused?: string;
  readonly copiedAt?: number;
  /** No pair changed: all were there already. */
  readonly idle?: true;
}

/** Where an operation belongs; the others are taken on either side. */
const belongs: Readonly<Partial<Record<Operation, Side>>> = {
  resync: 'p',
  'swap-split': 's',
  'swap-resync': 's',
  'takeover-auto': 's',
};

interface Judged {
  readonly pair: PairState;
  readonly rule: Rule;
  readonly side: Side;
}

/** State of a pair as one array knows it: the other half is `unknown` when no path leads there. */
export function knownState(group: RemoteGroup, pair: PairState, at: Seen): string {
  const shown = (half: string) => (half === 'PAIR' && group.high(at.now) ? 'PFUL' : half);
  const from =
    at.side === 'p' ? { from: pair.from, to: pair.to } : { from: pair.to, to: pair.from };
  const known = group.field.reach(from.from, from.to).up;
  const p = at.side === 'p' || known ? shown(pair.p) : 'unknown';
  const s = at.side === 's' || known ? shown(pair.s) : 'unknown';
  return `${p}/${s}`;
}

interface Seen {
  readonly side: Side;
  readonly now: number;
}

function judge(group: RemoteGroup, wish: Wish): { refused?: string; judged: Judged[] } {
  const judged: Judged[] = [];
  for (const pair of wish.pairs) {
    const side = sideOf(pair, wish.array);
    const wanted = belongs[wish.operation] ?? side;
    if (side === undefined || side !== wanted) {
      const where = wanted === 's' ? 'S-VOL' : 'P-VOL';
      const refused = `Pair ${pair.name}: ${wish.operation} is sent to the array of the ${where}.`;
      return { refused, judged: [] };
    }
    const state = knownState(group, pair, { side, now: wish.now });
    const rule = rules[group.state.type][state]?.[wish.operation];
    if (rule === undefined || rule.does === 'reject') {
      return {
        refused: `Pair ${pair.name} is ${state}; ${wish.operation} is refused.`,
        judged: [],
      };
    }
    judged.push({ pair, rule, side });
  }
  return { judged };
}

/** Whether the table would refuse it now; for action templates. */
export const wouldRefuse = (group: RemoteGroup, wish: Wish): string | undefined =>
  judge(group, wish).refused;

/**
 * A takeover that would exchange the roles of some pairs of a mirror only: a mirror points one way,
 * so then its S-VOLs are opened and nothing is exchanged. How real arrays decide is not known to us.
 */
function torn(group: RemoteGroup, wish: Wish): boolean {
  if (group.state.type !== 'UR' || wish.operation !== 'takeover-auto') return false;
  const kinds = judge(group, wish).judged.map(({ rule }) => rule.does === 'swap');
  return kinds.includes(true) && kinds.includes(false);
}

/** Carries an operation out on settled state; one pair that is refused refuses them all. */
export function operate(group: RemoteGroup, asked: Wish): Outcome {
  const wish = torn(group, asked) ? { ...asked, operation: 'swap-split' as const } : asked;
  const { refused, judged } = judge(group, wish);
  if (refused !== undefined) return { refused };
  const acting = judged.filter(({ rule }) => rule.does !== 'none');
  if (acting.length === 0) return { idle: true };
  if (acting.some(({ rule }) => copies.includes(rule.does))) group.state.incarnation += 1;
  for (const one of acting) act(group, one, wish);
  // A mirror that waited replicates from now on.
  if (acting.some(({ rule }) => copies.includes(rule.does))) group.state.delta = false;
  const pairs = acting.map(({ pair }) => pair);
  dropDissolved(group);
  group.retune(wish.now);
  group.fence(pairs, wish.now);
  const ends = pairs.flatMap(({ copy }) => copy?.until ?? []);
  return ends.length === 0 ? {} : { copiedAt: Math.max(...ends) };
}

const copies: readonly Rule['does'][] = ['copy', 'swap-copy', 'delta'];

function act(group: RemoteGroup, { pair, rule, side }: Judged, wish: Wish): void {
  const { now } = wish;
  const { pace } = group.field;
  switch (rule.does) {
    case 'drain':
    case 'take':
    case 'swap':
      order(group, { pair, rule, does: rule.does }, wish);
      break;
    case 'halt':
      stop(group, pair, now);
      become(group, pair, { rule, wish });
      break;
    case 'local':
      stop(group, pair, now);
      pair[side] = rule[side] ?? pair[side];
      pair.open = side;
      break;
    case 'copy':
      if (group.state.delta) wish.release?.(pair);
      startCopy(group, pair, { now, ms: pace.mirrorCopyMs });
      break;
    case 'delta':
      wish.release?.(pair);
      startCopy(group, pair, { now, ms: pace.quickCopyMs });
      break;
    case 'swap-copy':
      exchange(group, pair);
      startCopy(group, pair, { now, ms: pace.mirrorCopyMs });
      break;
    case 'delete':
      stop(group, pair, now);
      pair.p = rule.p ?? pair.p;
      pair.s = rule.s ?? pair.s;
      pair.shut = false;
      break;
    case 'none':
    case 'reject':
      break;
  }
}

/** Splits and takeovers: at once without journals, else when the S-VOL has what it shall have. */
function order(
  group: RemoteGroup,
  { pair, rule, does }: { readonly pair: PairState; readonly rule: Rule; does: Order['does'] },
  wish: Wish,
): void {
  const { now } = wish;
  if (!pair.follows) {
    become(group, pair, { rule, wish });
    return;
  }
  // What a swap had closed and did not finish is open again.
  pair.shut = does === 'swap' || wish.protect === true;
  if (does === 'drain' && wish.giveUp) {
    unfollow(group, pair, { at: now, upTo: restored(group.track, now) });
    become(group, pair, { rule, wish });
    return;
  }
  // A takeover that is repeated while the first one still restores keeps its instant.
  const upTo = does === 'take' ? received(group.track, now) : now;
  if (pair.order === null || pair.order.does !== does) {
    const writable = wish.writable ?? false;
    pair.order = { does, at: now, upTo, p: rule.p, s: rule.s, writable };
  }
  if (group.state.type !== 'UR') carryOut(group, pair, now);
}

/** A pair that stands already takes its new states at once. */
function become(
  group: RemoteGroup,
  pair: PairState,
  { rule, wish }: { readonly rule: Rule; readonly wish: Wish },
): void {
  pair.p = rule.p ?? pair.p;
  pair.s = rule.s ?? pair.s;
  pair.open = pair.s === 'SSWS' ? 's' : 'p';
  if (pair.s === 'SSWS') noteOpened(group, pair, wish.now);
  const was = pair.writable;
  pair.writable = pair.s === 'SSUS' && (wish.writable ?? false);
  if ((pair.s === 'SSWS' && !was) || pair.writable) openSvol(group, pair, wish.now);
}
