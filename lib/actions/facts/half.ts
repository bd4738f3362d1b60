/** One half of a copy group, as the array it lies on alone knows it. */
import type * as z from 'zod';
import type { Site } from '../../config.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { reads } from '../../vsp/paths.ts';
import { type RemotePair, remoteGroupSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, see } from '../reads.ts';

type RemoteGroup = z.infer<typeof remoteGroupSchema>;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/** Device groups are `<CG>P_` by default; the vendor driver of Cinder leaves the underscore out. */
export async function readHalf(
  read: Reader,
  group: string,
  { site, suffix }: { readonly site: Site; readonly suffix: 'P' | 'S' },
): Promise<RemoteGroup> {
  const usual = onArray(site.id, site.array, reads.half(group, `${group}${suffix}_`));
  const seen = await see(read, usual, remoteGroupSchema);
  if (seen.ok) return seen.value;
  const driver = onArray(site.id, site.array, reads.half(group, `${group}${suffix}`));
  const other = await see(read, driver, remoteGroupSchema);
  if (other.ok) return other.value;
  const why = seen.gone && other.gone ? `${seen.why}. ${hazardText(5)}` : `${seen.why}.`;
  throw new ActionError('ACT-UNREAD', `No copy group ${group} at ${site.id}.`, why);
}

export function ldevOf(
  group: RemoteGroup,
  name: string,
  field: 'pvolLdevId' | 'svolLdevId',
): number {
  const found = group.copyPairs.filter((pair) => pair.copyPairName === name);
  const ldev = found[0]?.[field];
  if (found.length === 1 && ldev !== undefined) return ldev;
  const why = `Pair ${name} shows no ${field} there: the sides may have changed roles.`;
  throw unjoined(`Copy group ${group.copyGroupName} is not as configured.`, why);
}

/** Whoever relies on fence DATA must have it: another level on the array is no detail. */
export function assertFence(
  { copyGroupName, copyPairs }: RemoteGroup,
  meant: string | undefined,
): void {
  const levels = [...new Set(copyPairs.map(({ fenceLevel }) => fenceLevel ?? 'none'))];
  if (meant === undefined || levels.join() === meant) return;
  const why = `services.yml says ${meant}, the pairs say ${levels.join(', ')}.`;
  throw unjoined(`Fence level of copy group ${copyGroupName}.`, why);
}

/** The one number all pairs share. */
export function oneOf(
  group: RemoteGroup,
  field: 'pvolJournalId' | 'svolJournalId' | 'consistencyGroupId',
): number {
  const values = [...new Set(group.copyPairs.map((pair: RemotePair) => pair[field]))];
  const [value] = values;
  if (values.length === 1 && typeof value === 'number') return value;
  const why = `The pairs show ${values.map(String).join(', ')}.`;
  throw unjoined(`Copy group ${group.copyGroupName} has no single ${field}.`, why);
}
