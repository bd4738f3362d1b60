/** `POST remote-mirror-copypairs`: what must hold before two volumes become a pair. */
import * as z from 'zod';
import { lockedBy } from '../change.ts';
import type { ArrayPeer, Call, Parts } from '../parts.ts';
import type { Changed } from '../room.ts';
import { bad, refusedWith } from '../wire.ts';
import type { Fabric } from './fabric.ts';
import { peerOf } from './ids.ts';
import { usualFence, usualMu } from './seed.ts';
import { freshPair, type GroupState, LIVE } from './state.ts';

const GROUP_NAME_MAX = 29;
const name31 = z.string().regex(/^[^\s,]{1,31}$/);
const ldevId = z.int().min(0).max(65_279);
const journalId = z.int().min(0).max(255);

const bodySchema = z.strictObject({
  copyGroupName: name31,
  copyPairName: name31,
  replicationType: z.enum(['TC', 'UR', 'GAD']),
  remoteStorageDeviceId: z.string(),
  pvolLdevId: ldevId,
  svolLdevId: ldevId,
  isNewGroupCreation: z.boolean(),
  localDeviceGroupName: name31.optional(),
  remoteDeviceGroupName: name31.optional(),
  fenceLevel: z.enum(['ASYNC', 'DATA', 'STATUS', 'NEVER']).optional(),
  pathGroupId: z.int().min(0).max(255).optional(),
  muNumber: z.int().min(0).max(3).optional(),
  pvolJournalId: journalId.optional(),
  svolJournalId: journalId.optional(),
  isConsistencyGroup: z.boolean().optional(),
  consistencyGroupId: z.int().min(0).max(255).optional(),
  quorumDiskId: z.int().min(0).max(31).optional(),
  copyPace: z.int().min(1).max(15).optional(),
  doInitialCopy: z.boolean().optional(),
  isDataReductionForceCopy: z.boolean().optional(),
  doDeltaResyncSuspend: z.boolean().optional(),
});
type Body = z.infer<typeof bodySchema>;

const fences: Readonly<Record<Body['replicationType'], readonly string[]>> = {
  TC: ['DATA', 'STATUS', 'NEVER'],
  UR: ['ASYNC'],
  GAD: ['NEVER'],
};

/** Attributes that are not for a type, or only for the first pair of a group: 400. */
function unfit(body: Body): string | undefined {
  const { replicationType: type, isNewGroupCreation: first, copyGroupName } = body;
  const groupOnly = [body.muNumber, body.pvolJournalId, body.svolJournalId];
  if (first && copyGroupName.length > GROUP_NAME_MAX) return 'copyGroupName is too long';
  if (!first && groupOnly.some((one) => one !== undefined)) {
    return 'muNumber and journals are given with the first pair of a group only';
  }
  if (body.fenceLevel !== undefined && !fences[type].includes(body.fenceLevel)) {
    return `fenceLevel ${body.fenceLevel} is not for ${type}`;
  }
  if (type === 'TC' && body.muNumber !== undefined) return 'muNumber is not for TC';
  const journals = [body.pvolJournalId, body.svolJournalId];
  if (type !== 'UR' && journals.some((one) => one !== undefined)) return 'journals are for UR';
  if (type === 'UR' && first && journals.includes(undefined)) return 'both journals are required';
  if (type === 'UR' && body.isConsistencyGroup !== undefined) {
    return 'isConsistencyGroup is not for UR, which always has one';
  }
  if (type === 'UR' && body.copyPace !== undefined) return 'the copy pace of UR is its journal’s';
  if ((type === 'GAD') !== (body.quorumDiskId !== undefined)) return 'quorumDiskId is for GAD';
  if (type !== 'UR' && body.doDeltaResyncSuspend !== undefined) {
    return 'doDeltaResyncSuspend is for UR';
  }
  return undefined;
}

export function createPair(fabric: Fabric, parts: Parts, call: Call): Changed {
  const parsed = bodySchema.safeParse(call.body);
  if (!parsed.success) throw bad('The attributes of the copy pair are not valid.');
  const body = parsed.data;
  const wrong = unfit(body);
  if (wrong !== undefined) throw bad(`The attributes of the copy pair are not valid: ${wrong}.`);
  const peer = peerOf(parts, body.remoteStorageDeviceId, call);
  const lockedThere = peer.lockedAgainst(call.headers['remote-authorization']);
  if (lockedThere !== undefined) return { affected: [], refused: lockedBy(lockedThere) };
  const ask: Ask = { fabric, parts, peer, body };
  const state = groupFor(ask);
  const why =
    state === undefined
      ? 'isNewGroupCreation does not fit the copy groups there are.'
      : barred(ask, state);
  const own = state?.deviceGroups[parts.spec.id];
  const others = state?.deviceGroups[peer.id];
  const id = [peer.storageDeviceId, body.copyGroupName, own, others, body.copyPairName].join(',');
  const affected = [`remote-mirror-copypairs/${id}`];
  if (state === undefined || why !== undefined) {
    return { affected, refused: refusedWith('2E40-0000', 'The pair cannot be created.', why) };
  }
  const copiedAt = addTo(ask, state, call.now);
  return { affected, ...(copiedAt === undefined ? {} : { copiedAt }) };
}

interface Ask {
  readonly fabric: Fabric;
  readonly parts: Parts;
  readonly peer: ArrayPeer;
  readonly body: Body;
}

/** The group as it is, or as the first pair makes it; undefined when the body says otherwise. */
function groupFor({ fabric, parts, peer, body }: Ask): GroupState | undefined {
  const there = fabric.group(body.copyGroupName);
  if ((there === undefined) !== body.isNewGroupCreation) return undefined;
  if (there !== undefined) return there.state;
  const { copyGroupName: name, replicationType: type } = body;
  const delta = body.doDeltaResyncSuspend ?? false;
  const [own, far] = [parts.spec.id, peer.id];
  const ctg =
    body.consistencyGroupId ??
    (type === 'UR' || body.isConsistencyGroup ? freeCtg(fabric) : undefined);
  return {
    name,
    type,
    deviceGroups: {
      [own]: body.localDeviceGroupName ?? `${name}P_`,
      [far]: body.remoteDeviceGroupName ?? `${name}S_`,
    },
    muNumber: body.muNumber ?? usualMu(type, delta),
    ...(ctg === undefined ? {} : { consistencyGroupId: ctg }),
    fenceLevel: body.fenceLevel ?? usualFence(type),
    pathGroupId: body.pathGroupId ?? 0,
    journals:
      body.pvolJournalId === undefined || body.svolJournalId === undefined
        ? {}
        : { [own]: body.pvolJournalId, [far]: body.svolJournalId },
    ...(body.quorumDiskId === undefined ? {} : { quorumDiskId: body.quorumDiskId }),
    delta,
    incarnation: 1,
    transfer: LIVE,
    restore: LIVE,
    held: { transfer: false, restore: false },
    stoppedAt: 0,
    closedAt: { p: 0, s: 0 },
    pairs: [],
  };
}

function freeCtg(fabric: Fabric): number {
  const used = new Set([...fabric.groups].map(({ state }) => state.consistencyGroupId));
  let id = 0;
  while (used.has(id)) id += 1;
  return id;
}

/** A consistency group is one copy group's alone, on each of its arrays. */
export function ctgTaken(fabric: Fabric, state: GroupState, ctg: number): string | undefined {
  const arrays = Object.keys(state.deviceGroups);
  for (const { state: other } of fabric.groups) {
    const near = arrays.some((array) => other.deviceGroups[array] !== undefined);
    if (near && other.name !== state.name && other.type === state.type) {
      if (other.consistencyGroupId === ctg) return `Consistency group ${ctg} is ${other.name}’s.`;
    }
  }
  return undefined;
}

/** Why the arrays refuse the pair; the first reason found. */
function barred(ask: Ask, state: GroupState): string | undefined {
  const { parts, peer, body, fabric } = ask;
  const own = parts.spec.id;
  const group = fabric.group(body.copyGroupName);
  if (state.type !== body.replicationType) return `The copy group is of type ${state.type}.`;
  if (group !== undefined && group.direction.from !== own)
    return 'The P-VOLs are on the other array.';
  const names = [body.localDeviceGroupName, body.remoteDeviceGroupName];
  const fit = [state.deviceGroups[own], state.deviceGroups[peer.id]];
  if (fit.some((name, i) => name === undefined || (names[i] !== undefined && names[i] !== name))) {
    return 'The device groups are not those of the copy group.';
  }
  if (group?.pairs.some(({ name }) => name === body.copyPairName))
    return 'The pair name is in use.';
  const ctg = state.consistencyGroupId;
  return (
    (ctg === undefined ? undefined : ctgTaken(fabric, state, ctg)) ??
    volumesBarred(ask, state) ??
    pathsBarred(ask, state) ??
    deviceBarred(ask, state)
  );
}

function volumesBarred({ parts, peer, body, fabric }: Ask, state: GroupState): string | undefined {
  const own = parts.ldevs.find(body.pvolLdevId);
  const far = peer.ldev(body.svolLdevId);
  if (own === undefined) return `LDEV ${body.pvolLdevId} (P-VOL) is not defined.`;
  if (far === undefined) return `LDEV ${body.svolLdevId} (S-VOL) is not defined.`;
  if (own.blocks !== far.blocks) return 'P-VOL and S-VOL differ in size.';
  if (parts.mapping.pathsOf(own.ldevId).length === 0) return 'The P-VOL has no LU path.';
  if (far.ports === 0) return 'The S-VOL has no LU path.';
  if (own.status !== 'NML') return 'The P-VOL is blocked.';
  if (far.status !== 'NML') return 'The S-VOL is blocked.';
  const copied =
    copiedTo(parts, own.ldevId) ?? copiedTo(fabric.arrays.get(peer.id), body.svolLdevId);
  if (copied !== undefined) return copied;
  if (own.dataReductionMode !== 'disabled' && body.isDataReductionForceCopy !== true) {
    return 'isDataReductionForceCopy must be true for volumes with data reduction.';
  }
  const atP = fabric.book.at({ array: parts.spec.id, ldevId: own.ldevId });
  const atS = fabric.book.at({ array: peer.id, ldevId: body.svolLdevId });
  const taken = [...atP, ...atS].find(({ group }) => group.state.muNumber === state.muNumber);
  if (taken !== undefined) return `Mirror unit ${state.muNumber} is in use by ${taken.pair.name}.`;
  if (!state.delta && atS.some(({ side }) => side === 's')) return 'The S-VOL is in another pair.';
  if (state.type !== 'GAD') return undefined;
  if (far.virtualLdevId !== RESERVED) return 'The S-VOL does not have the GAD reserve attribute.';
  return own.virtualLdevId === RESERVED ? 'The P-VOL has no virtual LDEV id.' : undefined;
}

/** Why a volume cannot be paired: a local copy runs that overwrites it. */
function copiedTo(parts: Parts | undefined, ldevId: number): string | undefined {
  for (const room of parts?.rooms ?? []) {
    const why = room.name === 'remote' ? undefined : room.shut(ldevId, parts?.clock.now() ?? 0);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Virtual LDEV id of a volume that waits to be the S-VOL of a GAD pair. */
const RESERVED = 65_535;

function pathsBarred({ parts, peer, fabric }: Ask, state: GroupState): string | undefined {
  const [own, far] = [parts.spec.id, peer.id];
  const known = fabric.links.find(own, far, state.pathGroupId);
  if (known === undefined) return `There is no remote path group ${state.pathGroupId}.`;
  const normal = fabric.links.reach(own, far).up && fabric.links.reach(far, own).up;
  return normal ? undefined : 'The remote paths are not normal in both directions.';
}

function deviceBarred({ parts, peer, fabric }: Ask, state: GroupState): string | undefined {
  for (const array of [parts.spec.id, peer.id]) {
    const { journals, quorumDisks } = fabric.devices(array);
    const wanted = state.journals[array];
    if (state.type === 'UR') {
      if (!journals.some(({ journalId: id }) => id === wanted)) return `No journal ${wanted}.`;
      const used = fabric
        .groupsAt(array)
        .find(
          ({ state: one }) => one.journals[array] === wanted && one.muNumber === state.muNumber,
        );
      if (used !== undefined && used.state.name !== state.name) {
        return `Journal ${wanted} is used by ${used.state.name}.`;
      }
    }
    const disk = quorumDisks.some(({ quorumDiskId }) => quorumDiskId === state.quorumDiskId);
    if (state.type === 'GAD' && !disk) return `There is no quorum disk ${state.quorumDiskId}.`;
  }
  return undefined;
}

function addTo({ fabric, parts, peer, body }: Ask, state: GroupState, now: number) {
  const { quickCopyMs, mirrorCopyMs } = fabric.field.pace;
  const ms = state.delta ? quickCopyMs : body.doInitialCopy === false ? 0 : mirrorCopyMs;
  const place = {
    name: body.copyPairName,
    from: parts.spec.id,
    to: peer.id,
    pvol: body.pvolLdevId,
    svol: body.svolLdevId,
  };
  const copy = { from: now, until: now + ms };
  fabric.addPair(state, freshPair(place, { copy, delta: state.delta }), now);
  return copy.until;
}
