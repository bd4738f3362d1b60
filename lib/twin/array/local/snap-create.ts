/** A new Thin Image pair, with or without a volume that shows its data, or a clone. */
import { attributesOf } from '../objects/ldev-view.ts';
import type { ErrorWords } from '../wire.ts';
import { refusedWith } from '../wire.ts';
import type { CreateSnapshot } from './bodies.ts';
import type { SnapPair } from './snap-pairs.ts';
import { beginClone, type SnapDesk, store } from './snap-phases.ts';
import { storeBarrier } from './snap-rules.ts';
import { cannot, pairBarrier, undefinedLdev, volumeBarrier } from './volumes.ts';

const UNITS_PER_PVOL = 1024;

/** The pair, or why the array refuses it. */
export function createSnapshot(wish: CreateSnapshot, now: number, desk: SnapDesk) {
  const refused = barrier(wish, now, desk);
  if (refused !== undefined) return { refused };
  const muNumber = wish.muNumber ?? freeUnit(wish.pvolLdevId, desk);
  if (muNumber === undefined) return { refused: cannot('No mirror unit is free.') };
  if (desk.register.find(wish.pvolLdevId, muNumber) !== undefined) {
    return { refused: cannot(`LDEV ${wish.pvolLdevId} has a pair with MU number ${muNumber}.`) };
  }
  const pair: SnapPair = {
    group: wish.snapshotGroupName,
    pvol: wish.pvolLdevId,
    muNumber,
    svol: wish.svolLdevId ?? null,
    poolId: wish.snapshotPoolId,
    isConsistencyGroup: wish.isConsistencyGroup,
    isClone: wish.isClone,
    canCascade: wish.canCascade ?? wish.isClone,
    phase: 'PAIR',
    since: now,
    endsAt: null,
    turn: null,
    splitAt: null,
    splitsAgain: false,
    kept: [],
  };
  desk.register.add(pair);
  if (wish.autoSplit) store(pair, now, desk);
  if (wish.clonesAutomation) beginClone(pair, now, desk);
  return { pair };
}

function freeUnit(pvol: number, { register }: SnapDesk): number | undefined {
  for (let unit = 0; unit < UNITS_PER_PVOL; unit++) {
    if (register.find(pvol, unit) === undefined) return unit;
  }
  return undefined;
}

function barrier(wish: CreateSnapshot, now: number, desk: SnapDesk): ErrorWords | undefined {
  const { parts } = desk;
  const { pvolLdevId: pvol, svolLdevId: svol, isDataReductionForceCopy: forced } = wish;
  if (!parts.spec.pools.some(({ poolId }) => poolId === wish.snapshotPoolId)) {
    const cause = `Pool ${wish.snapshotPoolId} cannot hold snapshot data.`;
    return refusedWith('2E30-600E', 'The operation cannot be performed.', cause);
  }
  const source = parts.ldevs.find(pvol);
  if (source === undefined) return undefinedLdev(pvol);
  if (attributesOf(parts, source).includes('JNL')) return cannot(`LDEV ${pvol} is in a journal.`);
  const unfit =
    svol === undefined
      ? volumeBarrier(source, forced)
      : pairBarrier(parts, { pvol, svol }, { forced });
  return unfit ?? groupBarrier(wish, now, desk);
}

function groupBarrier(
  {
    snapshotGroupName: name,
    pvolLdevId: pvol,
    isConsistencyGroup,
    autoSplit,
    isClone,
  }: CreateSnapshot,
  now: number,
  desk: SnapDesk,
): ErrorWords | undefined {
  const { register } = desk;
  const above = register.ofSvol(pvol);
  if (above !== undefined && !above.canCascade) {
    return cannot(`LDEV ${pvol} is the S-VOL of a pair that cannot cascade.`);
  }
  const members = register.inGroup(name);
  if (members.some((pair) => pair.isConsistencyGroup !== isConsistencyGroup)) {
    return cannot(
      `Snapshot group ${name} has ${isConsistencyGroup ? 'no' : 'a'} consistency group.`,
    );
  }
  if (isConsistencyGroup && members.some((pair) => pair.pvol === pvol)) {
    return cannot(`LDEV ${pvol} is in the consistency group of ${name} already.`);
  }
  return autoSplit || isClone ? storeBarrier(pvol, now, desk) : undefined;
}
