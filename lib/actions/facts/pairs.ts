/** The pairs of a service: remote copy from two halves, drill copy from the DR array. */
import type * as z from 'zod';
import type { Service, Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { cloneGroupId, reads } from '../../vsp/paths.ts';
import {
  type ClonePair,
  cloneGroupSchema,
  cloneGroupsSchema,
  type RemotePair,
  remoteGroupSchema,
} from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, see } from '../reads.ts';
import { need } from './need.ts';

type Replication = NonNullable<Bound['replication']>;
type Clone = NonNullable<Bound['clone']>;
type RemoteGroup = z.infer<typeof remoteGroupSchema>;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/** Each half is asked at its own array with a `NotSpecified` id; pairs are joined by name. */
export async function readReplication(
  read: Reader,
  service: Service,
  { from, to }: { readonly from: Site; readonly to: Site },
): Promise<{ bound: Replication; states: (string | undefined)[] }> {
  const { group, type } = service.replication;
  const [main, dr] = await Promise.all([
    readHalf(read, group, { site: from, suffix: 'P' }),
    readHalf(read, group, { site: to, suffix: 'S' }),
  ]);
  const names = main.copyPairs.map((pair) => pair.copyPairName).sort();
  const drNames = dr.copyPairs.map((pair) => pair.copyPairName).sort();
  if (names.length === 0 || names.join() !== drNames.join()) {
    const why = `${from.id} knows ${names.join(', ')}; ${to.id} knows ${drNames.join(', ')}.`;
    throw unjoined(`The halves of copy group ${group} differ.`, why);
  }
  const pairs = names.map((name) => ({
    name,
    pvol: ldevOf(main, name, 'pvolLdevId'),
    svol: ldevOf(dr, name, 'svolLdevId'),
  }));
  const bound: Replication = {
    type,
    group,
    primary: {
      site: from.id,
      deviceGroup: main.localDeviceGroupName,
      journalId: oneOf(main, 'pvolJournalId'),
    },
    secondary: {
      site: to.id,
      deviceGroup: dr.localDeviceGroupName,
      journalId: oneOf(dr, 'svolJournalId'),
    },
    consistencyGroupId: oneOf(dr, 'consistencyGroupId'),
    muNumber: dr.muNumber ?? 0,
    pairs,
  };
  const states = [
    ...main.copyPairs.map((pair) => pair.pvolStatus),
    ...dr.copyPairs.map((pair) => pair.svolStatus),
  ];
  return { bound, states };
}

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
  throw new ActionError('ACT-UNREAD', `No copy group ${group} at ${site.id}.`, `${seen.why}.`);
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
