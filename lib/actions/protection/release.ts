/**
 * `protection/release`: dissolves the pairs of volumes, drill copies first. The record of differences
 * goes with them: until a first copy has run again these volumes are unprotected. For a volume that
 * leaves a service, and before one can grow.
 */
import * as z from 'zod';
import type { Protection } from '../../runbook/bound-protection.ts';
import { against, hazardText } from '../../vsp/hazards.ts';
import { actions, cloneGroupId, objectsPath, reads } from '../../vsp/paths.ts';
import type { DraftCall, PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { pathGuard } from '../guards.ts';
import { arrayTarget } from '../reads.ts';
import { linkGuard } from '../replication/sides.ts';
import { protecting } from './acting.ts';
import { atArray, chosenOf, chosenSchema, type Place, placeOf } from './rows.ts';

/** Also of volumes that services.yml does not name any more. */
const input = z.strictObject({ volumes: chosenSchema });
type Input = z.infer<typeof input>;

export const protectionRelease = protecting({
  name: 'protection/release',
  input,
  title: { ko: '페어 해제', en: 'Dissolve the pairs' },
  withinMs: 60 * 60_000,
  guarded: ['pair-leads', 'pair-not-taken', 'only-pair-path'],
  nothing: 'These volumes have no pairs.',
  plan: (given, context) => releaseCalls(given, context),
});

type Pair = Protection['mirror']['pairs'][number];

function releaseCalls(given: Input, context: PlanContext): DraftCall[] {
  const place = placeOf(context);
  const volumes = chosenOf(given.volumes, place.protection);
  const { mirror, copies } = place.protection;
  const chosen = volumes.flatMap((main) => pairOf(place.protection, main) ?? []);
  const stray = volumes.find((main) => !isKnown(place.protection, main));
  if (stray !== undefined) {
    const why = `Neither services.yml nor a P-VOL of ${mirror.group} names it.`;
    throw new ActionError('ACT-PLAN', `Volume ${stray}.`, why);
  }
  const svols = new Set(chosen.map(({ svol }) => svol));
  const clones = copies.pairs.filter(({ pvol }) => svols.has(pvol));
  return [
    ...clones.map((clone) => cloneCall(clone, place)),
    ...chosen.map((pair) => pairCall(pair, place)),
  ];
}

const pairOf = ({ mirror }: Protection, main: string): Pair | undefined =>
  mirror.pairs.find((pair) => pair.main === main);

const isKnown = (protection: Protection, main: string): boolean =>
  pairOf(protection, main) !== undefined || protection.volumes.some((row) => row.main === main);

function cloneCall(
  { name, pvol, svol }: Protection['copies']['pairs'][number],
  { to, protection }: Place,
): DraftCall {
  const { group, deviceGroups } = protection.copies;
  const id = cloneGroupId(group, deviceGroups.pvol, deviceGroups.svol);
  return atArray(to, {
    name: `drop-copy-${pvol}`,
    method: 'DELETE',
    path: actions.clonePair(`${id},${name}`),
    // A drill that uses the copy would lose the ground under it.
    guards: [pathGuard(to, svol)],
    words: {
      ko: `${to.name.ko}에서 훈련용 복제 페어 ${name} (LDEV ${pvol}에서 ${svol}) 해제`,
      en: `Dissolve drill copy ${name} (LDEV ${pvol} to ${svol}) at ${to.name.en}`,
    },
  });
}

function pairCall({ name, pvol, svol }: Pair, { from, to, protection }: Place): DraftCall {
  const { group, deviceGroups } = protection.mirror;
  const id = [to.array.storageDeviceId, group, deviceGroups.from, deviceGroups.to, name].join(',');
  return atArray(from, {
    name: `drop-pair-${pvol}`,
    method: 'DELETE',
    path: actions.remotePair(id),
    guards: [
      {
        id: against(5, `pair-leads-${pvol}`),
        target: arrayTarget(from.array),
        path: objectsPath(from.array, reads.half(group, deviceGroups.from)),
        predicate: 'pair-leads',
        args: { pair: name, pvol },
      },
      // Dissolved at one array alone it would stand half at the other.
      linkGuard(from, to),
    ],
    peerGuards: [
      {
        id: against(5, `pair-not-taken-${svol}`),
        target: arrayTarget(to.array),
        path: objectsPath(to.array, reads.half(group, deviceGroups.to)),
        predicate: 'pair-not-taken',
        args: { pair: name, svol },
      },
    ],
    words: {
      ko: `페어 ${name} (${from.name.ko} LDEV ${pvol}에서 ${to.name.ko} LDEV ${svol}) 해제: 다시 복사할 때까지 보호되지 않음`,
      en: `Dissolve pair ${name} (LDEV ${pvol} at ${from.name.en} to LDEV ${svol} at ${to.name.en}). ${hazardText(5)}`,
    },
  });
}
