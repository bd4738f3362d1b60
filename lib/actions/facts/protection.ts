/**
 * How far the volumes of a service are protected, read at both sites. Everything that a twin volume
 * needs and that cannot be put right by a call is looked at here, so that no plan is made without it.
 */
import type { Config, Service, Site } from '../../config.ts';
import type { Protection } from '../../runbook/bound-protection.ts';
import { OWN_HOST_GROUP, reads } from '../../vsp/paths.ts';
import { type Pairable, pairableSchema } from '../../vsp/protection.ts';
import { cloneGroupsSchema, hostGroupsSchema, remoteGroupSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onArray, see } from '../reads.ts';
import { volumeIdOf } from './join.ts';
import { need } from './need.ts';
import { readClone, readReplication } from './pairs.ts';
import { readVolumes } from './protection-volumes.ts';

interface Sites {
  readonly from: Site;
  readonly to: Site;
}
type Mirror = Protection['mirror'];
type Copies = Protection['copies'];

/**
 * Throws ACT-UNREAD or ACT-UNJOINED, and for what a twin cannot be made of: ACT-TWIN-GAD, -PATH, -LABEL,
 * -BUSY, -ENCRYPTED, -TERMINATION, -TYPE, -ROOM.
 */
export async function readProtection(
  read: Reader,
  service: Service,
  { from, to, config }: Sites & { readonly config: Pick<Config, 'mapping'> },
): Promise<Protection> {
  const { type } = service.replication;
  if (type === 'GAD') {
    const why = 'A GAD S-VOL needs the reserve attribute and a virtual LDEV id.';
    throw new ActionError('ACT-TWIN-GAD', `${service.id} is replicated by GAD.`, why);
  }
  const sites = { from, to };
  const [{ mirror, pvols }, hostGroups] = await Promise.all([
    readMirrorOf(read, service, sites),
    Promise.all([ownHostGroup(read, from), ownHostGroup(read, to)]),
  ]);
  const copies = await readCopies(read, service, { ...sites, exists: mirror.exists });
  const volumes = await readVolumes(read, service, { ...sites, config, mirror, copies, pvols });
  return {
    ...{ type, from: from.id, to: to.id, mirror, copies },
    hostGroups: { [from.id]: hostGroups[0], [to.id]: hostGroups[1] },
    volumes,
  };
}

/** The remote group as it is, home first, or as its first pair will make it. */
async function readMirrorOf(
  read: Reader,
  service: Service,
  sites: Sites,
): Promise<{ mirror: Mirror; pvols: ReadonlyMap<string, Pairable> }> {
  const { group } = service.replication;
  const { from } = sites;
  if (await isAbsent(read, group, sites)) {
    const deviceGroups = { from: `${group}P_`, to: `${group}S_` };
    return { mirror: { group, exists: false, deviceGroups, pairs: [] }, pvols: new Map() };
  }
  const { bound } = await readReplication(read, service, sites);
  const { primary, secondary } = bound;
  const half = onArray(from.id, from.array, reads.half(group, primary.deviceGroup));
  const [{ copyPairs }, pvols] = await Promise.all([
    need(read, half, remoteGroupSchema),
    readPvols(read, from, bound.pairs),
  ]);
  const fences = [...new Set(copyPairs.map(({ fenceLevel }) => fenceLevel ?? undefined))];
  const [fenceLevel] = fences;
  const pairs = bound.pairs.map((pair) => {
    const main = volumeIdOf(pvols.get(pair.name)?.label ?? '');
    return { ...pair, ...(main === undefined ? {} : { main }) };
  });
  const mirror: Mirror = {
    ...{ group, exists: true, pairs },
    deviceGroups: { from: primary.deviceGroup, to: secondary.deviceGroup },
    ...(fences.length === 1 && fenceLevel !== undefined ? { fenceLevel } : {}),
  };
  return { mirror, pvols };
}

async function readPvols(
  read: Reader,
  { id, array }: Site,
  pairs: readonly { readonly name: string; readonly pvol: number }[],
): Promise<ReadonlyMap<string, Pairable>> {
  const rows = await Promise.all(
    pairs.map(async ({ name, pvol }) => {
      const seen = await need(read, onArray(id, array, reads.ldev(pvol)), pairableSchema);
      return [name, seen] as const;
    }),
  );
  return new Map(rows);
}

/** Both arrays say that they know no such group, under either name of its device groups. */
async function isAbsent(read: Reader, group: string, { from, to }: Sites): Promise<boolean> {
  const halves = [
    ...['P_', 'P'].map((suffix) => ({ ...from, half: reads.half(group, `${group}${suffix}`) })),
    ...['S_', 'S'].map((suffix) => ({ ...to, half: reads.half(group, `${group}${suffix}`) })),
  ];
  const seen = await Promise.all(
    halves.map(({ id, array, half }) => see(read, onArray(id, array, half), remoteGroupSchema)),
  );
  return seen.every((one) => !one.ok && one.gone);
}

async function readCopies(
  read: Reader,
  service: Service,
  { from, to, exists }: Sites & { readonly exists: boolean },
): Promise<Copies> {
  const { group } = service.drill;
  const { data } = await need(read, onArray(to.id, to.array, reads.cloneGroups), cloneGroupsSchema);
  const found = data.find(({ copyGroupName }) => copyGroupName === group);
  if (found === undefined) {
    const deviceGroups = { pvol: `${group}P_`, svol: `${group}S_` };
    return { group, exists: false, deviceGroups, pairs: [] };
  }
  if (!exists) {
    const why = `${service.replication.group} has no pairs: nobody knows what they copy.`;
    throw new ActionError('ACT-UNJOINED', `Drill copy group ${group} at ${to.id}.`, why);
  }
  const { bound: replication } = await readReplication(read, service, { from, to });
  const { bound } = await readClone(read, service, { to, replication });
  const { consistencyGroupId, pairs } = bound;
  return {
    ...{ group, exists: true, pairs },
    deviceGroups: { pvol: found.pvolDeviceGroupName, svol: found.svolDeviceGroupName },
    ...(consistencyGroupId === undefined ? {} : { consistencyGroupId }),
  };
}

async function ownHostGroup(
  read: Reader,
  { id, array }: Site,
): Promise<Protection['hostGroups'][string]> {
  const { data } = await need(read, onArray(id, array, reads.hostGroups), hostGroupsSchema);
  const own = data
    .filter(({ hostGroupName }) => hostGroupName.startsWith(OWN_HOST_GROUP))
    .sort((a, b) => a.portId.localeCompare(b.portId) || a.hostGroupNumber - b.hostGroupNumber);
  const [first] = own;
  if (first !== undefined) return { port: first.portId, number: first.hostGroupNumber };
  const why = `Pairing asks for an LU path, and a group of the driver may not be used for it.`;
  throw new ActionError('ACT-TWIN-PATH', `No host group ${OWN_HOST_GROUP}… at ${id}.`, why);
}
