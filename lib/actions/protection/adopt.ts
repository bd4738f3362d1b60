/**
 * `protection/adopt`: takes over pairs that the storage team made. Where the DR Cinder has a volume on an
 * S-VOL or on its copy, the volume is marked with the main volume it stands for; that is the whole map.
 * Pairs of the vendor's Cinder driver stay the driver's: they are read, and nothing is written.
 */
import * as z from 'zod';
import { cinderPaths, resetStatusBody } from '../../openstack/paths.ts';
import { volumeBodies } from '../../openstack/protection.ts';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import type { DraftCall } from '../action.ts';
import { volumeGuard } from '../guards.ts';
import { protecting } from './acting.ts';
import { isDriverGroup } from './origin.ts';
import { atCinder, type Place, placeOf, type Role, roleKeys, roles, roleWords } from './rows.ts';

export const protectionAdopt = protecting({
  name: 'protection/adopt',
  input: z.strictObject({}),
  title: { ko: '기존 페어 인수', en: 'Adopt the pairs there are' },
  withinMs: 30 * 60_000,
  guarded: ['volume-status'],
  nothing: 'Every volume at DR that can be marked is marked.',
  plan: (_input, context) => {
    const place = placeOf(context);
    if (isDriverGroup(place.protection.mirror.group)) return [];
    return place.protection.volumes.flatMap((row, i) =>
      roles.flatMap((role) => markCalls(row, { role, number: i + 1, place })),
    );
  },
});

interface Wish {
  readonly role: Role;
  readonly number: number;
  readonly place: Place;
}

/** Cinder changes no metadata of a volume in maintenance. */
function markCalls(row: ProtectedVolume, { role, number, place: { to } }: Wish): DraftCall[] {
  const end = row[role];
  if (end === undefined || end.named) return [];
  const { volume, parked } = end;
  const of = {
    ko: `${row.name}의 ${roleWords[role].ko}`,
    en: `the ${roleWords[role].en} of ${row.name}`,
  };
  const status = (name: 'available' | 'maintenance'): DraftCall =>
    atCinder(to, {
      name: `${name === 'available' ? 'free' : 'park'}-${role}-${number}`,
      method: 'POST',
      path: cinderPaths.action(volume),
      body: resetStatusBody(name),
      guards: [volumeGuard(to, volume, name === 'available' ? 'maintenance' : 'available')],
      words:
        name === 'available'
          ? { ko: `${of.ko} 보관 해제`, en: `Unpark ${of.en}` }
          : { ko: `${of.ko} 보관`, en: `Park ${of.en}` },
    });
  const mark = atCinder(to, {
    name: `mark-${role}-${number}`,
    method: 'POST',
    path: `${cinderPaths.volume(volume)}/metadata`,
    body: volumeBodies.name(roleKeys[role], row.main),
    guards: [volumeGuard(to, volume, 'available')],
    words: { ko: `${of.ko} ${volume}에 표시`, en: `Mark ${volume} as ${of.en}` },
  });
  return [...(parked ? [status('available')] : []), mark, status('maintenance')];
}
