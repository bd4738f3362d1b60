/** Readings in their shape. A half that cannot be read is unknown, never an exception. */
import type * as z from 'zod';
import type { Site } from '../config.ts';
import { cinderPaths } from '../openstack/paths.ts';
import { oneVolumeSchema, type Volume } from '../openstack/schema.ts';
import { type ArrayRef, objectsPath } from '../vsp/paths.ts';
import type { Reader } from './action.ts';

/** `gone`: the target answered 404. */
export type Seen<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string; readonly gone: boolean };

export interface Place {
  readonly site: string;
  readonly target: string;
  readonly path: string;
}

/** One GET, checked against a schema. */
export async function see<T>(read: Reader, at: Place, schema: z.ZodType<T>): Promise<Seen<T>> {
  const reading = await read(at.site, at.target, at.path);
  const where = `${at.target} ${at.path} at ${at.site}`;
  if (!reading.ok)
    return { ok: false, why: `${where} does not answer: ${reading.why}`, gone: false };
  if (reading.status !== 200) {
    const gone = reading.status === 404;
    return { ok: false, why: `${where} answers ${reading.status}`, gone };
  }
  const parsed = schema.safeParse(reading.body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const why = `${where} answers in an unknown shape (${issue?.path.join('.')}: ${issue?.message})`;
  return { ok: false, why, gone: false };
}

export const arrayTarget = (array: ArrayRef): string => `array:${array.storageDeviceId}`;

/** An object of an array by its path relative to `objects`. */
export const onArray = (site: string, array: ArrayRef, rest: string): Place => ({
  site,
  target: arrayTarget(array),
  path: objectsPath(array, rest),
});

export const onCloud = (
  site: Pick<Site, 'id' | 'cloud'>,
  api: 'cinder' | 'nova' | 'neutron' | 'glance',
  path: string,
): Place => ({ site: site.id, target: `${api}:${site.cloud}`, path });

export async function seeVolume(
  read: Reader,
  site: Pick<Site, 'id' | 'cloud'>,
  id: string,
): Promise<Seen<Volume>> {
  const seen = await see(read, onCloud(site, 'cinder', cinderPaths.volume(id)), oneVolumeSchema);
  return seen.ok ? { ok: true, value: seen.value.volume } : seen;
}
