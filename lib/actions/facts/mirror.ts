/**
 * The remote copy of a service as it stands: which side is primary is read from the arrays, whatever
 * services.yml calls home. After a switch the roles are exchanged; device groups and journals stay
 * with their array.
 */
import type * as z from 'zod';
import type { Service, Site } from '../../config.ts';
import type { Bound, BoundHalf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import type { RemotePair, remoteGroupSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { assertFence, readHalf } from './half.ts';

type Replication = NonNullable<Bound['replication']>;
type RemoteGroup = z.infer<typeof remoteGroupSchema>;
type Role = 'pvol' | 'svol';

interface Half {
  readonly site: Site;
  readonly group: RemoteGroup;
  readonly role: Role;
}

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/**
 * Each half is asked at its own array with a `NotSpecified` id; pairs are joined by name. Throws
 * ACT-UNREAD, or ACT-UNJOINED when the halves do not make one mirror.
 */
export async function readMirror(
  read: Reader,
  service: Service,
  { from, to }: { readonly from: Site; readonly to: Site },
): Promise<{ bound: Replication; states: (string | undefined)[] }> {
  const { group, type } = service.replication;
  const halves = await Promise.all([
    readHalf(read, group, { site: from, suffix: 'P' }),
    readHalf(read, group, { site: to, suffix: 'S' }),
  ]);
  const [atFrom, atTo] = halves;
  for (const half of halves) assertFence(half, service.replication.fence);
  const names = namesOf(atFrom);
  if (names.length === 0 || names.join() !== namesOf(atTo).join()) {
    const why = `${from.id} knows ${names.join(', ')}; ${to.id} knows ${namesOf(atTo).join(', ')}.`;
    throw unjoined(`The halves of copy group ${group} differ.`, why);
  }
  const one: Half = { site: from, group: atFrom, role: roleOf(atFrom, from) };
  const other: Half = { site: to, group: atTo, role: roleOf(atTo, to) };
  const [p, s] = one.role === 'pvol' ? [one, other] : [other, one];
  if (p.role !== 'pvol' || s.role !== 'svol') {
    const word = one.role === 'pvol' ? 'P-VOL' : 'S-VOL';
    const why = `Each of ${from.id} and ${to.id} says that its volumes are the ${word} side.`;
    throw unjoined(`Copy group ${group} has no two sides.`, why);
  }
  const consistencyGroupId = maybeOne(s.group, 'consistencyGroupId');
  const bound: Replication = {
    type,
    group,
    primary: boundHalf(p),
    secondary: boundHalf(s),
    ...(consistencyGroupId === undefined ? {} : { consistencyGroupId }),
    muNumber: s.group.muNumber ?? 0,
    pairs: names.map((name) => ({ name, pvol: ldevOf(p, name), svol: ldevOf(s, name) })),
  };
  const states = [p, s].flatMap(({ group: half, role }) =>
    half.copyPairs.map((pair) => pair[`${role}Status`]),
  );
  return { bound, states };
}

const namesOf = ({ copyPairs }: RemoteGroup): string[] =>
  copyPairs.map((pair) => pair.copyPairName).sort();

/** The LDEV an array shows of its own half says which role it has. */
function roleOf({ copyPairs, copyGroupName }: RemoteGroup, site: Site): Role {
  const roles = copyPairs.map((pair): Role | undefined =>
    pair.pvolLdevId !== undefined ? 'pvol' : pair.svolLdevId !== undefined ? 'svol' : undefined,
  );
  const [role] = roles;
  if (role !== undefined && roles.every((one) => one === role)) return role;
  const split = copyPairs.map((pair, i) => `${pair.copyPairName} ${roles[i] ?? 'unknown'}`);
  const why = `Some pairs show another role than others: ${split.join(', ')}.`;
  throw unjoined(`Copy group ${copyGroupName} at ${site.id} points both ways.`, why);
}

function boundHalf({ site, group, role }: Half): BoundHalf {
  const journalId = maybeOne(group, `${role}JournalId`);
  return {
    site: site.id,
    deviceGroup: group.localDeviceGroupName,
    ...(journalId === undefined ? {} : { journalId }),
  };
}

function ldevOf({ group, role }: Half, name: string): number {
  const found = group.copyPairs.filter((pair) => pair.copyPairName === name);
  const ldev = found[0]?.[`${role}LdevId`];
  if (found.length === 1 && ldev !== undefined) return ldev;
  throw unjoined(
    `Copy group ${group.copyGroupName}.`,
    `Pair ${name} shows no LDEV, or stands twice.`,
  );
}

/** The one number all pairs share; undefined where none has one. */
function maybeOne(
  group: RemoteGroup,
  field: 'pvolJournalId' | 'svolJournalId' | 'consistencyGroupId',
): number | undefined {
  const values = [...new Set(group.copyPairs.map((pair: RemotePair) => pair[field] ?? undefined))];
  const [value] = values;
  if (values.length === 1) return value;
  const shown = `The pairs show ${values.map(String).join(', ')}.`;
  const why = field === 'consistencyGroupId' ? shown : `${shown} ${hazardText(8)}`;
  throw unjoined(`Copy group ${group.copyGroupName} has no single ${field}.`, why);
}
