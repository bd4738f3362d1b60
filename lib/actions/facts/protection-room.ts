/** Whether DR can take the volumes that are still missing: their types, quota, the space of its pools. */
import * as z from 'zod';
import type { Config, Site } from '../../config.ts';
import { limitsSchema } from '../../openstack/protection.ts';
import type { ProtectedVolume } from '../../runbook/bound-protection.ts';
import { reads } from '../../vsp/paths.ts';
import { poolsSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, onCloud } from '../reads.ts';
import { need } from './need.ts';

const typesSchema = z.looseObject({
  volume_types: z.array(z.looseObject({ name: z.string() })),
});

/** What mapping.yml calls a type at DR; the same name when it says nothing. */
export const typeAt = (type: string | null, { mapping }: Pick<Config, 'mapping'>): string | null =>
  type === null ? null : (mapping?.names.volumeTypes?.[type] ?? type);

const missing = (rows: readonly ProtectedVolume[]): ProtectedVolume[] =>
  rows.flatMap((row) => [
    ...(row.replica === undefined && row.pair === undefined ? [row] : []),
    ...(row.copy === undefined && row.clone === undefined ? [row] : []),
  ]);

/** Throws ACT-TWIN-TYPE. */
export async function assertTypes(
  read: Reader,
  to: Site,
  rows: readonly ProtectedVolume[],
): Promise<void> {
  const wanted = missing(rows);
  if (wanted.length === 0) return;
  const { volume_types: types } = await need(read, onCloud(to, 'cinder', '/types'), typesSchema);
  const known = types.map(({ name }) => name);
  const stray = wanted.find(({ volumeType: type }) => type !== null && !known.includes(type));
  if (stray === undefined) return;
  const why = `${to.id} has ${known.join(', ')}; mapping.yml may give it another name there.`;
  throw new ActionError('ACT-TWIN-TYPE', `Volume type ${stray.volumeType} of ${stray.main}.`, why);
}

const MIB_PER_GIB = 1024;

/** Throws ACT-TWIN-ROOM when quota or pool cannot take what is missing. */
export async function assertRoom(
  read: Reader,
  to: Site,
  rows: readonly ProtectedVolume[],
): Promise<void> {
  const wanted = missing(rows);
  if (wanted.length === 0) return;
  const gib = wanted.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
  const [{ limits }, { data: pools }] = await Promise.all([
    need(read, onCloud(to, 'cinder', '/limits'), limitsSchema),
    need(read, onArray(to.id, to.array, reads.pools), poolsSchema),
  ]);
  const { absolute } = limits;
  const left = (max: number, used: number) => (max < 0 ? Number.POSITIVE_INFINITY : max - used);
  const free = Math.max(0, ...pools.map(({ availableVolumeCapacity: mib = 0 }) => mib));
  const shortages = [
    { what: 'volumes of quota', has: left(absolute.maxTotalVolumes, absolute.totalVolumesUsed) },
    {
      what: 'GiB of quota',
      has: left(absolute.maxTotalVolumeGigabytes, absolute.totalGigabytesUsed),
    },
    { what: 'GiB in a pool', has: Math.floor(free / MIB_PER_GIB) },
  ].flatMap(({ what, has }, i) => {
    const needs = i === 0 ? wanted.length : gib;
    return has >= needs ? [] : [`${needs} ${what}, ${has} are left`];
  });
  if (shortages.length === 0) return;
  const why = `Needed at ${to.id}: ${shortages.join('; ')}.`;
  throw new ActionError('ACT-TWIN-ROOM', `No room for ${wanted.length} volumes at ${to.id}.`, why);
}
