/** Volumes of a Cinder on its array: the label of an LDEV is all that leads from one to the other. */
import type { Site } from '../../config.ts';
import { reads } from '../../vsp/paths.ts';
import { type Pairable, pairablesSchema } from '../../vsp/protection.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray } from '../reads.ts';
import { volumeIdOf } from './join.ts';
import { need } from './need.ts';

/** By volume id; labels are not unique by themselves. */
export type Labels = ReadonlyMap<string, readonly Pairable[]>;

const WINDOW = 1_000;
const LAST_LDEV = 65_279;

/** All pool volumes whose label is a volume id. Throws ACT-UNREAD. */
export async function labelsOf(read: Reader, { id, array }: Site): Promise<Labels> {
  const labels = new Map<string, Pairable[]>();
  for (let head = 0; head <= LAST_LDEV; ) {
    const place = onArray(id, array, reads.poolVolumes(head, WINDOW));
    const { data } = await need(read, place, pairablesSchema);
    for (const ldev of data) {
      const volume = volumeIdOf(ldev.label ?? '');
      if (volume !== undefined) labels.set(volume, [...(labels.get(volume) ?? []), ldev]);
    }
    const last = data.at(-1)?.ldevId;
    if (last === undefined || data.length < WINDOW) break;
    head = last + 1;
  }
  return labels;
}

/** Throws ACT-TWIN-LABEL unless exactly one LDEV carries the id. */
export function theLabelled(labels: Labels, volume: string, { id }: Pick<Site, 'id'>): Pairable {
  const found = labels.get(volume) ?? [];
  const [ldev] = found;
  if (ldev !== undefined && found.length === 1) return ldev;
  const why = `${found.length} LDEVs at ${id} carry its id; a migrated volume carries another one.`;
  throw new ActionError('ACT-TWIN-LABEL', `Volume ${volume} at ${id} has no LDEV of its own.`, why);
}
