/**
 * `protection/copy`: gives each replica its drill copy: a ShadowImage pair to the second volume at DR, in
 * the group whose pairs split at one instant. Only once the replica itself is complete.
 */
import * as z from 'zod';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import type { Guard } from '../../runbook/plan.ts';
import { actions, objectsPath, reads } from '../../vsp/paths.ts';
import type { DraftCall } from '../action.ts';
import { arrayTarget } from '../reads.ts';
import { protecting } from './acting.ts';
import { pairName } from './pair.ts';
import {
  againSchema,
  atArray,
  endAt,
  grown,
  keptGuard,
  ldevGuard,
  markedEnd,
  type Place,
  placeOf,
} from './rows.ts';

const input = z.strictObject({
  /** A volume whose copy was paired before and has grown since. Else only new ones. */
  again: againSchema.optional(),
});

export const protectionCopy = protecting({
  name: 'protection/copy',
  input,
  title: { ko: '훈련용 복제 페어 생성', en: 'Make the drill copies' },
  withinMs: 24 * 3_600_000,
  guarded: ['pair-follows', 'ldev-new', 'ldev-free', 'volume-kept-for'],
  nothing: 'Every volume has its drill copy.',
  plan: ({ again }, context) => {
    const found = placeOf(context);
    const place = { ...found, protection: grown(found.protection, again) };
    const { copies, volumes } = place.protection;
    const open = volumes.filter((row) => row.clone === undefined && row.replica !== undefined);
    const [first] = open;
    return open.map((row) => {
      const makes = !copies.exists && row === first;
      const waits = !copies.exists && !makes && first !== undefined;
      const after = waits ? [`copy-${endAt(first, 'replica').ldev}`] : [];
      return { ...copyCall(row, { place, makes, overwrite: row.main === again?.volume }), after };
    });
  },
});

interface Wish {
  readonly place: Place;
  /** The first pair makes the group. */
  readonly makes: boolean;
  readonly overwrite: boolean;
}

function copyCall(row: ProtectedVolume, { place, makes, overwrite }: Wish): DraftCall {
  const { to, protection } = place;
  const { copies } = protection;
  const pvol = endAt(row, 'replica').ldev;
  const { volume, ldev: svol } = markedEnd(row, 'copy');
  const together = makes || copies.consistencyGroupId !== undefined;
  return atArray(to, {
    name: `copy-${pvol}`,
    method: 'POST',
    path: actions.clonePairs,
    body: {
      copyGroupName: copies.group,
      copyPairName: pairName(pvol, svol),
      replicationType: 'SI',
      pvolLdevId: pvol,
      svolLdevId: svol,
      isNewGroupCreation: makes,
      pvolDeviceGroupName: copies.deviceGroups.pvol,
      svolDeviceGroupName: copies.deviceGroups.svol,
      ...(together ? { isConsistencyGroup: true } : {}),
      ...(copies.consistencyGroupId === undefined
        ? {}
        : { consistencyGroupId: copies.consistencyGroupId }),
      ...(row.reduced ? { isDataReductionForceCopy: true } : {}),
    },
    guards: [
      followsGuard(row, place, pvol),
      ldevGuard(
        to,
        { ldev: svol, volume, sizeGiB: row.sizeGiB },
        overwrite ? 'ldev-free' : 'ldev-new',
      ),
      keptGuard(to, volume, { role: 'copy', main: row.main }),
    ],
    words: {
      ko: `${row.name}: ${to.name.ko} LDEV ${pvol}의 훈련용 복제를 LDEV ${svol}에 생성`,
      en: `${row.name}: make LDEV ${svol} at ${to.name.en} the drill copy of LDEV ${pvol}`,
    },
  });
}

function followsGuard(row: ProtectedVolume, { protection, to }: Place, svol: number): Guard {
  const { group, deviceGroups } = protection.mirror;
  const pair = row.pair ?? pairName(row.ldev, svol);
  return {
    id: `pair-follows-${svol}`,
    target: arrayTarget(to.array),
    path: objectsPath(to.array, reads.half(group, deviceGroups.to)),
    predicate: 'pair-follows',
    args: { pair, svol },
  };
}
