/**
 * `protection/volumes`: makes at DR, in our own project, the two volumes that each volume at main still
 * lacks: the one that replication will lead to, and its drill copy. Nothing is paired here: what a first
 * copy overwrites has to stand in a plan by the number of its LDEV, which nobody knows before.
 */
import * as z from 'zod';
import { volumeBodies, volumeListing } from '../../openstack/protection.ts';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import type { DraftCall, PlanContext } from '../action.ts';
import { objectKey } from '../servers/made.ts';
import { protecting } from './acting.ts';
import { atCinder, type Place, placeOf, type Role, roleKeys, roles, roleWords } from './rows.ts';

export const protectionVolumes = protecting({
  name: 'protection/volumes',
  input: z.strictObject({}),
  title: { ko: 'DR 볼륨과 복제 볼륨 생성', en: 'Make the volumes at DR' },
  withinMs: 60 * 60_000,
  guarded: [],
  nothing: 'Every volume has its two volumes at DR.',
  plan: (_input, context) => {
    const place = placeOf(context);
    return place.protection.volumes.flatMap((row, i) =>
      roles.flatMap((role) =>
        isMissing(row, role) ? [createCall(row, { role, number: i + 1, place, context })] : [],
      ),
    );
  },
});

/** A pair that leads to a volume of nobody was made by the storage team: it stays as it is. */
const isMissing = (row: ProtectedVolume, role: Role): boolean =>
  row[role] === undefined && row[role === 'replica' ? 'pair' : 'clone'] === undefined;

interface Wish {
  readonly role: Role;
  readonly number: number;
  readonly place: Place;
  readonly context: PlanContext;
}

function createCall(row: ProtectedVolume, { role, number, place, context }: Wish): DraftCall {
  const { to } = place;
  const name = `${role}-${number}`;
  const key = objectKey(context.run, `${context.step}.${name}`);
  const { sizeGiB, volumeType, main } = row;
  return atCinder(to, {
    name,
    method: 'POST',
    path: '/volumes',
    body: volumeBodies.create({
      ...{ name: `${row.name}-${role === 'replica' ? 'dr' : 'drill'}`, sizeGiB, volumeType },
      ...{ key, role: roleKeys[role], main },
    }),
    creates: volumeListing(key),
    words: {
      ko: `${to.name.ko}에 ${row.name}의 ${roleWords[role].ko} 생성 (${sizeGiB} GiB)`,
      en: `Make the ${roleWords[role].en} of ${row.name} at ${to.name.en} (${sizeGiB} GiB)`,
    },
  });
}
