/** Operations on ShadowImage pairs as REST takes them: body in, what was changed or refused out. */
import type { Call, Parts } from '../parts.ts';
import type { Changed } from '../room.ts';
import { restoreBarrier, splitBarrier } from './barriers.ts';
import { createPairSchema, deleteSchema, resyncSchema, splitSchema, wishOf } from './bodies.ts';
import { createPair } from './clone-create.ts';
import {
  beginRestore,
  beginResync,
  dissolve,
  type Judged,
  judge,
  orderSplit,
  suspend,
} from './clone-operate.ts';
import type { ClonePace } from './clone-settle.ts';
import { affectedBy, PAIRS, type Target } from './clone-target.ts';
import { groupId } from './clone-views.ts';
import type { CloneRegister } from './register.ts';

export interface CloneDesk {
  readonly register: CloneRegister;
  readonly pace: ClonePace;
  /** Told of each resync of copies that a host still reaches by a path other than the pair's own. */
  resyncedUnderPath(): void;
}

export interface Order {
  readonly desk: CloneDesk;
  readonly parts: Parts;
  readonly call: Call;
  readonly target: Target;
}

/** Names of the operations, as in `…/actions/<name>/invoke`. */
export type CloneAction = 'split' | 'resync' | 'restore';

/** Which pairs an action would change now, or why it is refused; its template asks this too. */
export function judgedNow(action: CloneAction, order: Order, quick: boolean): Judged {
  const { desk, parts, call, target } = order;
  const judged = judge(target, action, { now: call.now, quick });
  if (judged.acts.length === 0 || action === 'resync') return judged;
  const known = { parts, register: desk.register };
  const refused =
    action === 'split'
      ? splitBarrier(target, call.now, known)
      : restoreBarrier(judged, call.now, known);
  return refused === undefined ? judged : { acts: [], refused };
}

export function splitPairs(order: Order): Changed {
  const { desk, parts, call, target } = order;
  const { quickMode: quick, forceSuspend } = wishOf(splitSchema, call.body).parameters;
  const affected = affectedBy(target);
  const { now } = call;
  if (forceSuspend) {
    const { refused, acts } = judge(target, 'suspend', { now });
    if (refused !== undefined) return { affected, refused };
    suspend(acts, now, parts);
    if (target.whole) target.group.split = null;
    return { affected };
  }
  const judged = judgedNow('split', order, quick);
  if (judged.refused !== undefined) return { affected, refused: judged.refused };
  orderSplit(target, judged, { now, quick });
  desk.register.moving.add(target.group);
  return { affected };
}

export function resyncPairs(order: Order): Changed {
  const { desk, parts, call, target } = order;
  const { quickMode: quick } = wishOf(resyncSchema, call.body).parameters;
  const judged = judgedNow('resync', order, quick);
  const affected = affectedBy(target);
  if (judged.refused !== undefined) return { affected, refused: judged.refused };
  beginResync(judged, { now: call.now, quick }, desk.pace);
  desk.register.moving.add(target.group);
  // What a real array does to a copy that a host still reaches is not documented: allowed, counted.
  const reached = judged.acts.some(({ svol }) => parts.mapping.hasForeignPath(svol));
  if (reached) desk.resyncedUnderPath();
  return { affected, ...copying(judged) };
}

export function restorePairs(order: Order): Changed {
  const { desk, call, target } = order;
  const { quickMode: quick } = wishOf(resyncSchema, call.body).parameters;
  const judged = judgedNow('restore', order, quick);
  const affected = affectedBy(target);
  if (judged.refused !== undefined) return { affected, refused: judged.refused };
  beginRestore(judged, { now: call.now, quick }, desk.pace);
  desk.register.moving.add(target.group);
  return { affected, ...copying(judged) };
}

export function deletePairs({ desk, parts, call, target }: Order): Changed {
  wishOf(deleteSchema, call.body);
  const { acts, refused } = judge(target, 'delete', { now: call.now });
  const affected = affectedBy(target);
  if (refused !== undefined) return { affected, refused };
  const known = { parts, register: desk.register };
  for (const pair of acts) dissolve({ group: target.group, pair }, call.now, known);
  return { affected };
}

export function createPairs({ desk, parts, call }: Omit<Order, 'target'>): Changed {
  const wish = wishOf(createPairSchema, call.body);
  const known = { parts, register: desk.register };
  const made = createPair(wish, known, { now: call.now, pace: desk.pace });
  const affected = [`${PAIRS}/${groupId(made.group)},${wish.copyPairName}`];
  return 'refused' in made
    ? { affected, refused: made.refused }
    : { affected, copiedAt: made.copiedAt };
}

/** When the last of the pairs has been copied. */
function copying({ acts }: Judged): Pick<Changed, 'copiedAt'> {
  return acts.length === 0 ? {} : { copiedAt: Math.max(...acts.map(({ copiedAt }) => copiedAt)) };
}
