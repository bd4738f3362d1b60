/**
 * `protection/pair`: pairs each volume at main with its volume at DR, with a first copy. What that
 * overwrites is proved at the instant before: the LDEV is that of the volume made for it, nothing was
 * ever written to it, it is in no pair, no host reaches it, and Cinder keeps it parked.
 */
import * as z from 'zod';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import type { Guard } from '../../runbook/plan.ts';
import { against } from '../../vsp/hazards.ts';
import { actions, objectsPath, reads } from '../../vsp/paths.ts';
import type { DraftCall } from '../action.ts';
import { ActionError } from '../errors.ts';
import { arrayTarget } from '../reads.ts';
import { linkGuard } from '../replication/sides.ts';
import { protecting } from './acting.ts';
import {
  againSchema,
  atArray,
  grown,
  keptGuard,
  ldevGuard,
  markedEnd,
  type Place,
  placeOf,
} from './rows.ts';

const number = z.int().min(0).max(255);
const input = z.strictObject({
  /** Of the first pair of a group only. */
  journals: z.strictObject({ from: number, to: number }).optional(),
  muNumber: z.int().min(0).max(3).default(1),
  pathGroup: number.optional(),
  fenceLevel: z.enum(['DATA', 'STATUS', 'NEVER']).optional(),
  /** A volume that was paired before and has grown since; it holds old data. Else only new ones. */
  again: againSchema.optional(),
});
type Input = z.infer<typeof input>;

export const protectionPair = protecting({
  name: 'protection/pair',
  input,
  title: { ko: '원격 복제 페어 생성과 초기 복사', en: 'Pair the volumes and copy them to DR' },
  withinMs: 24 * 3_600_000,
  guarded: [
    'ldev-source',
    'ldev-new',
    'ldev-free',
    'volume-kept-for',
    'group-leads',
    'remote-paths-up',
  ],
  nothing: 'Every volume is paired.',
  plan: (given, context) => {
    const found = placeOf(context);
    const place = { ...found, protection: grown(found.protection, given.again) };
    const open = place.protection.volumes.filter(({ pair }) => pair === undefined);
    const names = open.map(({ ldev }) => `pair-${ldev}`);
    return open.map((row, i) => {
      const first = !place.protection.mirror.exists && i === 0;
      // The group is made by its first pair.
      const after = !place.protection.mirror.exists && i > 0 ? names.slice(0, 1) : [];
      return { ...pairCall(row, { given, place, first }), name: `pair-${row.ldev}`, after };
    });
  },
});

interface Wish {
  readonly given: Input;
  readonly place: Place;
  readonly first: boolean;
}

export const pairName = (pvol: number, svol: number): string => `LDEV-${pvol}-${svol}`;

function pairCall(row: ProtectedVolume, { given, place, first }: Wish): DraftCall {
  const { protection, from, to } = place;
  const { mirror, type } = protection;
  const { volume, ldev: svol } = markedEnd(row, 'replica');
  const { sizeGiB } = row;
  return atArray(from, {
    name: `pair-${row.ldev}`,
    method: 'POST',
    path: actions.remotePairs,
    body: {
      copyGroupName: mirror.group,
      copyPairName: pairName(row.ldev, svol),
      replicationType: type,
      remoteStorageDeviceId: to.array.storageDeviceId,
      pvolLdevId: row.ldev,
      svolLdevId: svol,
      isNewGroupCreation: first,
      localDeviceGroupName: mirror.deviceGroups.from,
      remoteDeviceGroupName: mirror.deviceGroups.to,
      doInitialCopy: true,
      ...(first ? ofGroup(given, place) : {}),
      ...(given.pathGroup === undefined ? {} : { pathGroupId: given.pathGroup }),
      ...(type === 'TC' ? { fenceLevel: fenceOf(given, place) } : {}),
      ...(row.reduced ? { isDataReductionForceCopy: true } : {}),
    },
    guards: [
      ldevGuard(from, { ldev: row.ldev, volume: row.main, sizeGiB }, 'ldev-source'),
      linkGuard(from, to),
      ...(mirror.exists ? [leadsGuard(place)] : []),
    ],
    peerGuards: [
      ldevGuard(
        to,
        { ldev: svol, volume, sizeGiB },
        row.main === given.again?.volume ? 'ldev-free' : 'ldev-new',
      ),
      keptGuard(to, volume, { role: 'replica', main: row.main }),
      linkGuard(to, from),
    ],
    words: {
      ko: `${row.name}: ${from.name.ko} LDEV ${row.ldev}을 LDEV ${svol}에 초기 복사 (그곳 내용은 사라짐)`,
      en: `${row.name}: copy LDEV ${row.ldev} to LDEV ${svol} at ${to.name.en}; what that holds is lost`,
    },
  });
}

/** What the first pair of a group says for all that follow. */
function ofGroup({ journals, muNumber }: Input, { protection }: Place) {
  if (protection.type !== 'UR') return { isConsistencyGroup: true };
  if (journals === undefined) {
    const why = 'Name one free journal of each array: journals: { from: …, to: … }.';
    const what = `${protection.mirror.group} does not exist: its first pair needs journals.`;
    throw new ActionError('ACT-PLAN', what, why);
  }
  return { muNumber, pvolJournalId: journals.from, svolJournalId: journals.to };
}

/** All pairs of a group refuse writes at the same moment, or none does. */
function fenceOf({ fenceLevel }: Input, { protection }: Place): string {
  const { mirror } = protection;
  if (
    mirror.fenceLevel !== undefined &&
    fenceLevel !== undefined &&
    mirror.fenceLevel !== fenceLevel
  ) {
    const why = `The pairs of ${mirror.group} have ${mirror.fenceLevel}.`;
    throw new ActionError('ACT-PLAN', `Fence level ${fenceLevel}.`, why);
  }
  return mirror.fenceLevel ?? fenceLevel ?? 'NEVER';
}

function leadsGuard({ protection: { mirror }, from }: Place): Guard {
  return {
    id: against(3, 'group-leads'),
    target: arrayTarget(from.array),
    path: objectsPath(from.array, reads.half(mirror.group, mirror.deviceGroups.from)),
    predicate: 'group-leads',
    args: {},
  };
}
