/**
 * `protection/prepare`: what the DR volumes need before they are paired: the bootable flag and image
 * properties of their volume at main, parked so that nobody attaches, extends or deletes them, and an LU
 * path through our own host group on each array.
 */
import * as z from 'zod';
import type { Site } from '../../config.ts';
import { cinderPaths, resetStatusBody } from '../../openstack/paths.ts';
import { volumeBodies } from '../../openstack/protection.ts';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import { actions } from '../../vsp/paths.ts';
import type { DraftCall } from '../action.ts';
import { volumeGuard } from '../guards.ts';
import { protecting } from './acting.ts';
import {
  atArray,
  atCinder,
  endAt,
  type Place,
  placeOf,
  type Role,
  roles,
  roleWords,
} from './rows.ts';

export const protectionPrepare = protecting({
  name: 'protection/prepare',
  input: z.strictObject({}),
  title: { ko: '볼륨 보관과 경로 준비', en: 'Park the volumes and give them their paths' },
  withinMs: 60 * 60_000,
  guarded: ['volume-status'],
  nothing: 'The volumes are parked and have their paths.',
  plan: (_input, context) => {
    const place = placeOf(context);
    return place.protection.volumes.flatMap((row, i) => [
      ...(row.path !== undefined || row.pair !== undefined
        ? []
        : [pathCall(place, place.from, { name: `path-main-${i + 1}`, ldev: row.ldev, row })]),
      ...roles.flatMap((role) => endCalls(row, { role, number: i + 1, place })),
    ]);
  },
});

interface Wish {
  readonly role: Role;
  readonly number: number;
  readonly place: Place;
}

function endCalls(row: ProtectedVolume, { role, number, place }: Wish): DraftCall[] {
  const paired = role === 'replica' ? row.pair : row.clone;
  // A pair of the storage team leads to a volume that Cinder does not have.
  if (paired !== undefined && row[role] === undefined) return [];
  const { volume, ldev, parked, flagged, path: own } = endAt(row, role);
  const path = `${role}-${number}`;
  return [
    ...(flagged && parked
      ? []
      : statusCalls(row, { volume, role, number, place, parked, flagged })),
    ...(own !== undefined ? [] : [pathCall(place, place.to, { name: `path-${path}`, ldev, row })]),
  ];
}

interface Status extends Wish {
  readonly volume: string;
  readonly parked: boolean;
  readonly flagged: boolean;
}

/** Cinder changes neither flag nor properties of a volume in maintenance. */
function statusCalls(row: ProtectedVolume, status: Status): DraftCall[] {
  const { volume, role, number, place, parked, flagged } = status;
  const { to } = place;
  const flags = flagged
    ? []
    : [
        ...(parked
          ? [{ is: 'free', body: resetStatusBody('available'), ko: '보관 해제', en: 'Unpark' }]
          : []),
        {
          ...{ is: 'boot', body: volumeBodies.bootable(row.bootable) },
          ...{ ko: '부팅 표시 맞춤', en: 'Set the bootable flag of' },
        },
        ...(Object.keys(row.image).length === 0
          ? []
          : [
              {
                ...{ is: 'image', body: volumeBodies.image(row.image) },
                ...{ ko: '이미지 속성 복사', en: 'Copy the image properties to' },
              },
            ]),
      ];
  const park = { is: 'park', body: resetStatusBody('maintenance'), ko: '보관', en: 'Park' };
  return [...flags, park].map(({ is, body, ko, en }): DraftCall => {
    return atCinder(to, {
      name: `${is}-${role}-${number}`,
      method: 'POST',
      path: cinderPaths.action(volume),
      body,
      guards: [volumeGuard(to, volume, is === 'free' ? 'maintenance' : 'available')],
      words: {
        ko: `${row.name}의 ${roleWords[role].ko}: ${ko}`,
        en: `${en} the ${roleWords[role].en} of ${row.name}`,
      },
    });
  });
}

interface Path {
  readonly name: string;
  readonly ldev: number;
  readonly row: ProtectedVolume;
}

function pathCall({ protection }: Place, site: Site, { name, ldev, row }: Path): DraftCall {
  const { port = '', number = 0 } = protection.hostGroups[site.id] ?? {};
  return atArray(site, {
    name,
    method: 'POST',
    path: actions.luns,
    body: { portId: port, hostGroupNumber: number, ldevId: ldev },
    words: {
      ko: `${site.name.ko}의 LDEV ${ldev} (${row.name})에 페어용 경로 추가`,
      en: `Give LDEV ${ldev} of ${row.name} at ${site.name.en} the path that pairing asks for`,
    },
  });
}
