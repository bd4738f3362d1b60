/** Split, resync and takeover: what their bodies may say, and what that is in the state tables. */
import * as z from 'zod';
import type { Call, Parts } from '../parts.ts';
import type { Changed, Guarded } from '../room.ts';
import { bad, Refusal, refusedWith } from '../wire.ts';
import { ctgTaken } from './create.ts';
import { loseDelta } from './delta.ts';
import type { Fabric } from './fabric.ts';
import type { RemoteGroup } from './group.ts';
import type { Named } from './ids.ts';
import { operate, type Wish, wouldRefuse } from './operate.ts';
import type { Operation } from './rules.ts';
import { type PairState, sideOf } from './state.ts';

const type = z.enum(['TC', 'UR', 'GAD']);
const copyPace = z.int().min(1).max(15);
const ctgId = z.int().min(0).max(255);

const bodies = {
  split: z.strictObject({
    replicationType: type,
    svolAccessMode: z.enum(['r', 'rw']).optional(),
    doPvolWriteProtect: z.boolean().optional(),
    doDataSuspend: z.boolean().optional(),
    svolOperationMode: z.literal('SSWS').optional(),
  }),
  resync: z.strictObject({
    replicationType: type,
    doSwapSvol: z.boolean().optional(),
    copyPace: copyPace.optional(),
    fenceLevel: z.enum(['DATA', 'STATUS', 'NEVER', 'ASYNC']).optional(),
    isConsistencyGroup: z.boolean().optional(),
    consistencyGroupId: ctgId.optional(),
    doFailback: z.boolean().optional(),
    failbackMuNumber: z.int().min(0).max(3).optional(),
  }),
  takeover: z.strictObject({ mode: z.enum(['auto', 'forceSplit']) }),
} as const;

type Action = keyof typeof bodies;
type Find = (fabric: Fabric, parts: Parts, call: Call) => Named;

/** The actions of one object type; `find` says which pairs an id means. */
export function actionsOn(
  fabric: Fabric,
  { objects, find }: { readonly objects: string; readonly find: Find },
): Readonly<Record<Action, Guarded>> {
  const guarded = (action: Action): Guarded => ({
    roles: ['remote-copy'],
    change: (parts, call) => {
      const body = parametersOf(action, call);
      const found = find(fabric, parts, call);
      // Whether a split is taken with NotSpecified ids is not known to us: here it is.
      if (action === 'resync' && found.peer === undefined) {
        throw bad('A resync names both storage systems.');
      }
      const outcome = perform(fabric, found, { ...body, array: parts.spec.id, now: call.now });
      return { affected: [`${objects}/${call.ids.join(',')}`], ...outcome };
    },
    template: (parts, call) => templateOf(action, find(fabric, parts, call), { parts, call }),
  });
  return { split: guarded('split'), resync: guarded('resync'), takeover: guarded('takeover') };
}

interface Asked extends Omit<Wish, 'pairs'> {
  readonly replicationType?: string | undefined;
  /** Attributes that take effect when the operation is carried out. */
  readonly set?: { fenceLevel?: RemoteGroup['state']['fenceLevel']; consistencyGroupId?: number };
  readonly onlyFor?: { readonly types: readonly string[]; readonly what: string };
  /** A resync back along the cascade of three centres. */
  readonly cascade?: boolean;
}

type Body = Omit<Asked, 'array' | 'now'>;

function parametersOf(action: Action, { body }: Call): Body {
  const parsed = z.strictObject({ parameters: bodies[action] }).safeParse(body);
  if (!parsed.success) throw bad(`The parameters of ${action} are not valid.`);
  const given: Record<string, unknown> = parsed.data.parameters;
  if (action === 'split') return splitOf(bodies.split.parse(given));
  if (action === 'resync') return resyncOf(bodies.resync.parse(given));
  const { mode } = bodies.takeover.parse(given);
  const operation = mode === 'auto' ? 'takeover-auto' : 'swap-split';
  return { operation, onlyFor: { types: ['UR', 'TC'], what: 'takeover' } };
}

function splitOf(given: z.infer<typeof bodies.split>): Body {
  const { replicationType, svolAccessMode, doPvolWriteProtect, doDataSuspend } = given;
  const swap = given.svolOperationMode === 'SSWS';
  const others = svolAccessMode ?? doPvolWriteProtect ?? doDataSuspend;
  if (swap && others !== undefined) throw bad('svolOperationMode excludes the other attributes.');
  return {
    operation: swap ? 'swap-split' : 'split',
    replicationType,
    writable: svolAccessMode === 'rw',
    protect: doPvolWriteProtect ?? false,
    giveUp: doDataSuspend ?? false,
    ...(doPvolWriteProtect ? { onlyFor: { types: ['TC'], what: 'doPvolWriteProtect' } } : {}),
    ...(doDataSuspend ? { onlyFor: { types: ['UR'], what: 'doDataSuspend' } } : {}),
  };
}

function resyncOf(given: z.infer<typeof bodies.resync>): Body {
  const { replicationType, doSwapSvol, fenceLevel, consistencyGroupId } = given;
  if (given.doFailback !== true && given.failbackMuNumber !== undefined) {
    throw bad('failbackMuNumber is given with doFailback only.');
  }
  const types =
    fenceLevel === 'ASYNC' ? ['UR'] : ['TC', ...(fenceLevel === 'NEVER' ? ['GAD'] : [])];
  return {
    operation: doSwapSvol ? 'swap-resync' : 'resync',
    replicationType,
    cascade: given.doFailback ?? false,
    set: {
      ...(fenceLevel === undefined ? {} : { fenceLevel }),
      ...(consistencyGroupId === undefined ? {} : { consistencyGroupId }),
    },
    ...(fenceLevel === undefined ? {} : { onlyFor: { types, what: `fenceLevel ${fenceLevel}` } }),
  };
}

/**
 * Which SSB codes real arrays give for refused pair operations is not known to us; the driver for
 * OpenStack reads none of these as "locked" or "never retry".
 */
const refusal = (cause: string) => ({
  refused: { ...refusedWith('2E40-0000', 'The pair operation was rejected.', cause) },
});

function perform(
  fabric: Fabric,
  { group, pairs }: Named,
  asked: Asked,
): Pick<Changed, 'refused' | 'copiedAt'> {
  const { replicationType, set, onlyFor, cascade, ...wish } = asked;
  const { state } = group;
  if (replicationType !== undefined && replicationType !== state.type) {
    return refusal(`Copy group ${state.name} is of type ${state.type}.`);
  }
  if (onlyFor !== undefined && !onlyFor.types.includes(state.type)) {
    return refusal(`${onlyFor.what} is not for ${state.type}.`);
  }
  // The failback of a cascade is not simulated: better refused than taken for a plain resync.
  if (cascade) return refusal(`Copy group ${state.name} is not in a cascade to be failed back.`);
  const ctg = set?.consistencyGroupId;
  const barred =
    aloneRefused(group, pairs, wish.operation) ??
    (ctg === undefined ? undefined : ctgTaken(fabric, state, ctg)) ??
    (wish.operation === 'resync' && state.delta ? tooEarly(fabric, pairs) : undefined);
  if (barred !== undefined) return refusal(barred);
  const { refused, copiedAt, idle } = operate(group, {
    ...wish,
    pairs,
    release: (pair) => releaseFar(fabric, pair, wish.now),
  });
  if (refused !== undefined) return refusal(refused);
  // What is there already succeeds without the attributes of its body.
  if (!idle) Object.assign(state, set);
  if (wish.operation === 'resync' && !state.delta) loseDeltasBehind(fabric, pairs);
  return copiedAt === undefined ? {} : { copiedAt };
}

/**
 * Universal Replicator is operated by mirror. Single pairs can be split and taken over, as the driver
 * for OpenStack does it, and then stand alone; real arrays may split the whole mirror at the first
 * of them. Roles are exchanged for a whole mirror only. GAD pairs of a consistency group are not
 * swap-split one by one.
 */
function aloneRefused(
  group: RemoteGroup,
  pairs: readonly PairState[],
  operation: Operation,
): string | undefined {
  const { type: kind, consistencyGroupId } = group.state;
  if (pairs.length === group.pairs.length) return undefined;
  const swaps = operation === 'swap-resync' || operation === 'takeover-auto';
  if (kind === 'UR' && group.pairs.some(({ order }) => order?.does === 'swap')) {
    return 'The roles of the copy group are being exchanged.';
  }
  if (kind === 'UR' && swaps) return 'Roles of Universal Replicator are exchanged by copy group.';
  if (kind === 'GAD' && operation === 'swap-split' && consistencyGroupId !== undefined) {
    return 'GAD pairs of a consistency group are swap-split together.';
  }
  return undefined;
}

/** The mirror that waits is for the day when the near volume has become the one hosts write to. */
function tooEarly(fabric: Fabric, pairs: readonly PairState[]): string | undefined {
  for (const { from, pvol, name } of pairs) {
    const held = fabric.book.at({ array: from, ldevId: pvol });
    const above = held.find(({ side, pair }) => side === 's' && pair.s !== 'SSWS');
    if (above === undefined) continue;
    return `Pair ${name}: its P-VOL is the S-VOL of ${above.pair.name} in ${above.pair.s}.`;
  }
  return undefined;
}

/** A delta resync ends the pairs that its S-VOLs are in so far, at the far array. */
function releaseFar(fabric: Fabric, pair: PairState, now: number): void {
  const bound = fabric.book.at({ array: pair.to, ldevId: pair.svol });
  for (const { group: old, pair: gone } of bound) {
    if (gone === pair) continue;
    fabric.endHalf(old, gone, { array: pair.to, now });
  }
}

/** A far volume that was resynchronised is no longer what the waiting mirror took it for. */
function loseDeltasBehind(fabric: Fabric, pairs: readonly PairState[]): void {
  for (const { copy, to, svol } of pairs) {
    if (copy === null) continue;
    for (const { group } of fabric.book.at({ array: to, ldevId: svol })) {
      if (group.state.delta) loseDelta(group);
    }
  }
}

const usual: Readonly<Record<Action, Operation>> = {
  split: 'split',
  resync: 'resync',
  takeover: 'takeover-auto',
};

/** What may be sent to `invoke`; 412 when the object is not in a state for it. */
function templateOf(
  action: Action,
  { group, pairs }: Named,
  { parts, call }: { readonly parts: Parts; readonly call: Call },
) {
  const array = parts.spec.id;
  const [first] = pairs;
  const side = first === undefined ? undefined : sideOf(first, array);
  const swap = side === 's' && action === 'resync' ? 'swap-resync' : usual[action];
  const why = wouldRefuse(group, { operation: swap, array, pairs, now: call.now });
  if (why !== undefined) throw new Refusal(412, { message: why });
  const names = Object.keys(bodies[action].shape).map((name): [string, null] => [name, null]);
  return { parameters: Object.fromEntries(names) };
}
