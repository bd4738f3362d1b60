/** Operations on Thin Image pairs as REST takes them: body in, what was begun or refused out. */
import type * as z from 'zod';
import { type ErrorWords, refusedWith } from '../wire.ts';
import { assignSchema, cloneSchema, nothingSchema, restoreSchema, wishOf } from './bodies.ts';
import { ONE_BY_ONE_MS } from './copy.ts';
import type { SnapPair } from './snap-pairs.ts';
import {
  assign,
  beginClone,
  beginDelete,
  beginRestore,
  forget,
  type SnapDesk,
  store,
  unassign,
} from './snap-phases.ts';
import { cannot, pairBarrier } from './volumes.ts';

interface Order {
  readonly desk: SnapDesk;
  readonly now: number;
  readonly acts: readonly SnapPair[];
}

/** Reads a body (400 when it does not fit); what comes back is done once the state allows it. */
export type Action = (body: unknown) => (order: Order) => ErrorWords | undefined;

function action<T>(
  schema: z.ZodType<T>,
  act: (order: Order, wish: T) => ErrorWords | undefined,
): Action {
  return (body) => {
    const wish = wishOf(schema, body);
    return (order) => act(order, wish);
  };
}

/** For operations that nothing but the state can refuse. */
const each = <T>(
  schema: z.ZodType<T>,
  act: (pair: SnapPair, order: Order, wish: T) => void,
): Action =>
  action(schema, (order, wish) => {
    for (const pair of order.acts) act(pair, order, wish);
    return undefined;
  });

/** A consistency group stores its data at one instant, other pairs one after the other. */
export const split = each(nothingSchema, (pair, { acts, now, desk }) => {
  const place = pair.isConsistencyGroup ? 0 : acts.indexOf(pair);
  if (place === 0) return store(pair, now, desk);
  pair.turn ??= now + place * ONE_BY_ONE_MS;
  desk.register.moving.add(pair);
});

export const resync = each(nothingSchema, (pair, { now, desk }) => forget(pair, now, desk));

export const restore = each(restoreSchema, (pair, { now, desk }, { parameters }) =>
  beginRestore(pair, { at: now, autoSplit: parameters.autoSplit }, desk),
);

export const clone = each(cloneSchema, (pair, { now, desk }) => beginClone(pair, now, desk));

export const remove = each(nothingSchema, (pair, { now, desk }) => beginDelete(pair, now, desk));

export const assignVolume = action(assignSchema, ({ acts, desk }, { parameters }) => {
  const svol = parameters.svolLdevId;
  for (const pair of acts) {
    if (pair.svol !== null) return cannot('An S-VOL is assigned.');
    const unfit = pairBarrier(desk.parts, { pvol: pair.pvol, svol }, { forced: true });
    if (unfit !== undefined) return unfit;
    assign(pair, svol, desk);
  }
  return undefined;
});

export const unassignVolume = action(nothingSchema, ({ acts, desk }) => {
  for (const pair of acts) {
    if (pair.svol === null) {
      return refusedWith('EX_ENOOBJ', 'The operation cannot be performed.', 'There is no S-VOL.');
    }
    unassign(pair, desk);
  }
  return undefined;
});
