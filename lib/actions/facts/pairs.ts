/** The pairs of a service: remote copy from two halves, drill copy from the DR array. */
import type { Service, Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { cloneGroupId, reads } from '../../vsp/paths.ts';
import { type ClonePair, cloneGroupSchema, cloneGroupsSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray } from '../reads.ts';
import { readMirror } from './mirror.ts';
import { need } from './need.ts';

type Replication = NonNullable<Bound['replication']>;
type Clone = NonNullable<Bound['clone']>;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/**
 * The mirror from home to the other site. Throws ACT-UNREAD, or ACT-UNJOINED when it points the other
 * way: what works on copies at the secondary site would work on production.
 */
export async function readReplication(
  read: Reader,
  service: Service,
  sites: { readonly from: Site; readonly to: Site },
): Promise<{ bound: Replication; states: (string | undefined)[] }> {
  const mirror = await readMirror(read, service, sites);
  const { primary, group } = mirror.bound;
  if (primary.site === sites.from.id) return mirror;
  const why = `${primary.site} is primary now: the sides have changed roles.`;
  throw unjoined(`Copy group ${group} is not as configured.`, why);
}

/** The drill copies at the secondary site. */
export async function readClone(
  read: Reader,
  service: Service,
  { to, replication }: { readonly to: Site; readonly replication: Replication },
): Promise<{ bound: Clone; pairs: readonly ClonePair[] }> {
  const { group } = service.drill;
  const list = await need(read, onArray(to.id, to.array, reads.cloneGroups), cloneGroupsSchema);
  const named = list.data.filter((one) => one.copyGroupName === group);
  const [found] = named;
  if (found === undefined || named.length !== 1) {
    const why = `${named.length} copy groups have this name.`;
    throw unjoined(`Drill copy group ${group} at ${to.id}.`, why);
  }
  const id = cloneGroupId(group, found.pvolDeviceGroupName, found.svolDeviceGroupName);
  const place = onArray(to.id, to.array, reads.cloneGroup(id));
  const { copyPairs } = await need(read, place, cloneGroupSchema);
  const pairs = copyPairs
    .map((pair) => ({ name: pair.copyPairName, pvol: pair.pvolLdevId, svol: pair.svolLdevId }))
    .sort((a, b) => a.name.localeCompare(b.name));
  const groups = [...new Set(copyPairs.map((pair) => pair.consistencyGroupId ?? undefined))];
  const consistencyGroupId = groups.length === 1 ? groups[0] : undefined;
  const copied = pairs.map((pair) => pair.pvol).sort(byNumber);
  const replicated = replication.pairs.map((pair) => pair.svol).sort(byNumber);
  const bound: Clone = {
    site: to.id,
    group,
    id,
    ...(consistencyGroupId === undefined ? {} : { consistencyGroupId }),
    muNumber: copyPairs[0]?.pvolMuNumber ?? 0,
    atTime: consistencyGroupId !== undefined && copied.join() === replicated.join(),
    pairs,
  };
  return { bound, pairs: copyPairs };
}

const byNumber = (a: number, b: number): number => a - b;
