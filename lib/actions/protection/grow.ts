/**
 * `protection/grow`: extends a volume at main and its two volumes at DR to one size. The array refuses a
 * volume that is in a pair, and the driver does not look: its pairs are dissolved before.
 */
import type * as z from 'zod';
import type { Site } from '../../config.ts';
import { cinderPaths, resetStatusBody } from '../../openstack/paths.ts';
import { volumeBodies } from '../../openstack/protection.ts';
import type { DraftCall } from '../action.ts';
import { ActionError } from '../errors.ts';
import { volumeGuard } from '../guards.ts';
import { protecting } from './acting.ts';
import { atCinder, placeOf, roles, roleWords, rowOf, sizeSchema, unpairedGuard } from './rows.ts';

export const protectionGrow = protecting({
  name: 'protection/grow',
  input: sizeSchema,
  title: { ko: '볼륨 확장', en: 'Extend the volume and its volumes at DR' },
  withinMs: 60 * 60_000,
  guarded: ['ldev-unpaired', 'volume-status'],
  nothing: 'The volumes have this size already.',
  plan: (given, context) => {
    const { protection, from, to } = placeOf(context);
    const row = rowOf(protection, given.volume);
    const sizes = [row.sizeGiB, row.replica?.sizeGiB ?? 0, row.copy?.sizeGiB ?? 0];
    const largest = Math.max(...sizes);
    if (given.sizeGiB < largest) {
      const why = `One of its volumes has ${largest} GiB, and a volume never shrinks.`;
      throw new ActionError('ACT-PLAN', `${given.sizeGiB} GiB for ${row.name}.`, why);
    }
    const ends = roles.flatMap((role) => (row[role] === undefined ? [] : [{ ...row[role], role }]));
    return [
      ...(row.sizeGiB < given.sizeGiB
        ? [extendCall(from, { ...given, ldev: row.ldev, name: 'extend-main', of: row.name })]
        : []),
      ...ends.flatMap(({ volume, ldev, sizeGiB, parked, role }): DraftCall[] => {
        if (sizeGiB >= given.sizeGiB) return [];
        const of = `${roleWords[role].en} of ${row.name}`;
        const wish = { volume, ldev, sizeGiB: given.sizeGiB, name: `extend-${role}`, of };
        const status = (to_: 'available' | 'maintenance') => statusCall(to, { volume, of }, to_);
        return [
          ...(parked ? [{ ...status('available'), name: `free-${role}` }] : []),
          {
            ...extendCall(to, wish),
            guards: [...(extendCall(to, wish).guards ?? []), volumeGuard(to, volume, 'available')],
          },
          { ...status('maintenance'), name: `park-${role}` },
        ];
      }),
    ];
  },
});

interface Wish extends z.infer<typeof sizeSchema> {
  readonly ldev: number;
  readonly name: string;
  /** What a person calls the volume. */
  readonly of: string;
}

function extendCall(site: Site, { volume, sizeGiB, ldev, name, of }: Wish): DraftCall {
  return atCinder(site, {
    name,
    method: 'POST',
    path: cinderPaths.action(volume),
    body: volumeBodies.extend(sizeGiB),
    guards: [unpairedGuard(site, ldev, volume)],
    words: {
      ko: `${site.name.ko}의 볼륨 ${of}을 ${sizeGiB} GiB로 확장`,
      en: `Extend ${of} at ${site.name.en} to ${sizeGiB} GiB`,
    },
  });
}

function statusCall(
  site: Site,
  { volume, of }: { readonly volume: string; readonly of: string },
  status: 'available' | 'maintenance',
): DraftCall {
  const parks = status === 'maintenance';
  return atCinder(site, {
    name: status,
    method: 'POST',
    path: cinderPaths.action(volume),
    body: resetStatusBody(status),
    guards: [volumeGuard(site, volume, parks ? 'available' : 'maintenance')],
    words: {
      ko: `${of} ${parks ? '보관' : '보관 해제'}`,
      en: `${parks ? 'Park' : 'Unpark'} ${of}`,
    },
  });
}
