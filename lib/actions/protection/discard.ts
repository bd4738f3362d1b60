/**
 * `protection/discard`: deletes the two volumes at DR of a volume that is no longer paired, each by the
 * id that stands in the plan, after its LU path through our host group. What they hold is gone.
 */
import * as z from 'zod';
import { cinderPaths, resetStatusBody } from '../../openstack/paths.ts';
import type { ProtectionEnd } from '../../runbook/bound-protection.ts';
import { objectsPath, reads } from '../../vsp/paths.ts';
import type { DraftCall } from '../action.ts';
import { volumeGuard } from '../guards.ts';
import { arrayTarget } from '../reads.ts';
import { protecting } from './acting.ts';
import {
  atArray,
  atCinder,
  chosenOf,
  chosenSchema,
  type Place,
  placeOf,
  type Role,
  roles,
  roleWords,
  rowOf,
  unpairedGuard,
} from './rows.ts';

const input = z.strictObject({ volumes: chosenSchema });

export const protectionDiscard = protecting({
  name: 'protection/discard',
  input,
  title: { ko: 'DR 볼륨 삭제', en: 'Delete the volumes at DR' },
  withinMs: 60 * 60_000,
  guarded: ['ldev-unpaired', 'path-of-ldev', 'volume-status'],
  nothing: 'There is no volume of theirs at DR.',
  plan: ({ volumes }, context) => {
    const place = placeOf(context);
    return chosenOf(volumes, place.protection).flatMap((main, i) => {
      const row = rowOf(place.protection, main);
      return roles.flatMap((role) => {
        const end = row[role];
        const of = { role, name: row.name, number: i + 1 };
        return end === undefined ? [] : endCalls(end, of, place);
      });
    });
  },
});

interface Of {
  readonly role: Role;
  readonly name: string;
  readonly number: number;
}

function endCalls(end: ProtectionEnd, { role, name, number }: Of, { to }: Place): DraftCall[] {
  const { volume, ldev, path, parked } = end;
  const id = `${role}-${number}`;
  const what = {
    ko: `${name}의 ${roleWords[role].ko}`,
    en: `the ${roleWords[role].en} of ${name}`,
  };
  const unpaired = unpairedGuard(to, ldev, volume);
  const free = atCinder(to, {
    name: `free-${id}`,
    method: 'POST',
    path: cinderPaths.action(volume),
    body: resetStatusBody('available'),
    guards: [volumeGuard(to, volume, 'maintenance'), unpaired],
    words: { ko: `${what.ko} 보관 해제`, en: `Unpark ${what.en}` },
  });
  const remove = atCinder(to, {
    name: `delete-${id}`,
    method: 'DELETE',
    path: cinderPaths.volume(volume),
    guards: [volumeGuard(to, volume, 'available'), unpaired],
    words: { ko: `${what.ko} ${volume} 삭제`, en: `Delete ${volume}, ${what.en}` },
  });
  return [
    ...(path === undefined ? [] : [pathCall({ path, ldev, id, volume }, to)]),
    ...(parked ? [free] : []),
    remove,
  ];
}

interface Path {
  readonly path: string;
  readonly ldev: number;
  readonly id: string;
  readonly volume: string;
}

function pathCall({ path, ldev, id, volume }: Path, to: Place['to']): DraftCall {
  return atArray(to, {
    name: `unmap-${id}`,
    method: 'DELETE',
    path: reads.lun(path),
    guards: [
      {
        id: `path-of-ldev-${ldev}`,
        target: arrayTarget(to.array),
        path: objectsPath(to.array, reads.lun(path)),
        predicate: 'path-of-ldev',
        args: { ldev },
      },
      unpairedGuard(to, ldev, volume),
    ],
    words: {
      ko: `${to.name.ko} LDEV ${ldev}의 페어용 경로 ${path} 제거`,
      en: `Remove the pair path ${path} of LDEV ${ldev} at ${to.name.en}`,
    },
  });
}
