/** A new ShadowImage pair, in a new copy group or in one that exists. */
import { mirroredIn } from '../remote/mirrored.ts';
import type { ErrorWords } from '../wire.ts';
import { missing, Refusal } from '../wire.ts';
import { journalBarrier, type Known } from './barriers.ts';
import type { CreatePair } from './bodies.ts';
import { type CloneGroup, pairOf } from './clone-pairs.ts';
import type { ClonePace } from './clone-settle.ts';
import { freeze, fullCopy } from './copy.ts';
import { cannot, pairBarrier } from './volumes.ts';

const PAIRS_PER_PVOL = 3;

interface When {
  readonly now: number;
  readonly pace: ClonePace;
}

/** The pair and when its initial copy ends (ms), or why the array refuses it. */
export function createPair(wish: CreatePair, known: Known, { now, pace }: When) {
  const group = groupFor(wish, known);
  const refused = barrier(wish, group, { known, now });
  if (refused !== undefined) return { group, refused };
  const { copyPairName, pvolLdevId, svolLdevId, autoSplit, quickMode } = wish;
  const names = { name: copyPairName, pvol: pvolLdevId, svol: svolLdevId };
  const copiedAt = now + fullCopy(pace.resyncMs, svolLdevId);
  const phase = quickMode ? 'PSUS' : 'COPY';
  if (quickMode) freeze(known.parts, names, { at: now });
  if (wish.isNewGroupCreation) known.register.addGroup(group);
  known.register.addPair(group, pairOf({ ...names, phase, copiedAt, autoSplit }, now));
  return { group, copiedAt };
}

/** Throws 409 for names that exist already, 404 for a group that does not. */
function groupFor(wish: CreatePair, { register }: Known): CloneGroup {
  const { copyGroupName: name, copyPairName, isNewGroupCreation } = wish;
  const existing = register.find(name);
  if (!isNewGroupCreation) {
    if (existing === undefined) throw missing(`copy group ${name}`);
    const taken = existing.pairs.some((pair) => pair.name === copyPairName);
    if (taken) throw conflict(`copy pair ${copyPairName}`);
    return existing;
  }
  if (existing !== undefined) throw conflict(`copy group ${name}`);
  return {
    name,
    pvolDeviceGroup: wish.pvolDeviceGroupName ?? `${name}P_`,
    svolDeviceGroup: wish.svolDeviceGroupName ?? `${name}S_`,
    muNumber: wish.pvolMuNumber ?? freeMirrorUnit(register, wish.pvolLdevId),
    consistencyGroupId: wish.isConsistencyGroup ? consistencyGroup(wish, register) : null,
    split: null,
    endless: false,
    pairs: [],
  };
}

const conflict = (what: string): Refusal =>
  new Refusal(409, { message: `The specified object already exists. (${what})` });

/** Without a number the lowest free one is taken: which one a real array takes is not documented. */
function freeMirrorUnit(register: Known['register'], pvol: number): number {
  const used = register.asPvol(pvol).map(({ group }) => group.muNumber);
  return [0, 1, 2].find((unit) => !used.includes(unit)) ?? 0;
}

function consistencyGroup(wish: CreatePair, { groups }: Known['register']): number {
  if (wish.consistencyGroupId !== undefined) return wish.consistencyGroupId;
  const used = new Set(groups.map((group) => group.consistencyGroupId));
  let id = 0;
  while (used.has(id)) id += 1;
  return id;
}

interface At {
  readonly known: Known;
  readonly now: number;
}

function barrier(wish: CreatePair, group: CloneGroup, at: At): ErrorWords | undefined {
  const { parts } = at.known;
  const { pvolLdevId: pvol, svolLdevId: svol } = wish;
  const unfit = pairBarrier(parts, { pvol, svol }, { forced: wish.isDataReductionForceCopy });
  if (unfit !== undefined) return unfit;
  const pathless = [pvol, svol].find((ldevId) => parts.mapping.pathsOf(ldevId).length === 0);
  if (pathless !== undefined) return cannot(`LDEV ${pathless} has no LU path.`);
  return (
    namesBarrier(wish, group) ?? sourceBarrier(pvol, group, at) ?? groupBarrier(wish, group, at)
  );
}

function namesBarrier(wish: CreatePair, group: CloneGroup): ErrorWords | undefined {
  const { pvolDeviceGroup, svolDeviceGroup } = group;
  if (pvolDeviceGroup === svolDeviceGroup) return cannot('The device groups have the same name.');
  const [pvols, svols] = [wish.pvolDeviceGroupName, wish.svolDeviceGroupName];
  const others = pvols !== undefined && pvols !== pvolDeviceGroup;
  return others || (svols !== undefined && svols !== svolDeviceGroup)
    ? cannot(`The device groups of ${group.name} are ${pvolDeviceGroup} and ${svolDeviceGroup}.`)
    : undefined;
}

function sourceBarrier(
  pvol: number,
  group: CloneGroup,
  { known, now }: At,
): ErrorWords | undefined {
  const { parts, register } = known;
  const pairs = register.asPvol(pvol);
  if (pairs.length >= PAIRS_PER_PVOL) return cannot(`LDEV ${pvol} has ${PAIRS_PER_PVOL} pairs.`);
  if (pairs.some((place) => place.group.muNumber === group.muNumber)) {
    return cannot(`LDEV ${pvol} has a pair with MU number ${group.muNumber}.`);
  }
  const copy = register.asSvol(pvol);
  if (copy !== undefined) return cannot(`LDEV ${pvol} is the S-VOL of ${copy.pair.name}.`);
  const waiting = mirroredIn(parts)?.mirrored(pvol, now) ?? [];
  if (waiting.some(({ delta, role }) => delta && role === 'S-VOL')) {
    return cannot(`LDEV ${pvol} is the S-VOL of a delta resync pair.`);
  }
  return undefined;
}

function groupBarrier(wish: CreatePair, group: CloneGroup, { known, now }: At) {
  const { consistencyGroupId: id, name } = group;
  if (!wish.isNewGroupCreation) {
    const fits = wish.isConsistencyGroup === undefined || wish.isConsistencyGroup === (id !== null);
    const same = wish.consistencyGroupId === undefined || wish.consistencyGroupId === id;
    return fits && same
      ? undefined
      : cannot(`The consistency group of ${name} is ${id ?? 'none'}.`);
  }
  if (id === null) return undefined;
  const taken = known.register.groups.find((one) => one.consistencyGroupId === id);
  if (taken !== undefined) return cannot(`Consistency group ${id} belongs to ${taken.name}.`);
  return journalBarrier(wish.pvolLdevId, now, known);
}
