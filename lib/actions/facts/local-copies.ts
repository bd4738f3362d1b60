/** Local copies of S-VOLs: they bind a volume as much as remote ones, and Cinder adopts neither. */
import type { Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { cloneGroupId, reads } from '../../vsp/paths.ts';
import { cloneGroupSchema, cloneGroupsSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray } from '../reads.ts';
import { need } from './need.ts';

/** Throws ACT-UNREAD, or ACT-UNJOINED for a group that copies volumes of others as well. */
export async function readLocalCopies(
  read: Reader,
  to: Site,
  sources: readonly number[],
): Promise<NonNullable<Bound['localCopies']>> {
  const list = await need(read, onArray(to.id, to.array, reads.cloneGroups), cloneGroupsSchema);
  const groups = await Promise.all(
    list.data.map(async ({ copyGroupName, pvolDeviceGroupName, svolDeviceGroupName }) => {
      const id = cloneGroupId(copyGroupName, pvolDeviceGroupName, svolDeviceGroupName);
      const place = onArray(to.id, to.array, reads.cloneGroup(id));
      const { copyPairs } = await need(read, place, cloneGroupSchema);
      return { id, name: copyGroupName, copyPairs };
    }),
  );
  return groups.flatMap(({ id, name, copyPairs }) => {
    const own = copyPairs.filter(({ pvolLdevId }) => sources.includes(pvolLdevId));
    if (own.length === 0) return [];
    if (own.length === copyPairs.length) {
      return [{ id, name, copies: own.map(({ svolLdevId }) => svolLdevId).sort(byNumber) }];
    }
    const why = `Only ${own.length} of its ${copyPairs.length} pairs copy volumes of the service.`;
    throw new ActionError('ACT-UNJOINED', `Copy group ${name} at ${to.id} is shared.`, why);
  });
}

const byNumber = (a: number, b: number): number => a - b;
