/** Host groups, which are the iSCSI targets on iSCSI ports. */
import * as z from 'zod';
import { type HostGroup, LAST_HOST_GROUP, targetName } from '../mapping.ts';
import { type Call, type Parts, wholeNumber } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import { bad, missing, refusedWith, rejected, wished } from '../wire.ts';

const roles = ['provisioning'] as const;

export const hostGroupRoutes: ObjectRoutes = {
  type: 'host-groups',
  list: ({ mapping }, { query }) => {
    const [port, name] = [query.get('portId'), query.get('hostGroupName')];
    const found = mapping.groups.filter(
      (group) =>
        (port === null || group.portId === port) && (name === null || group.hostGroupName === name),
    );
    return { data: found.map(hostGroupView) };
  },
  one: (parts, { ids }) => hostGroupView(groupOf(parts, ids)),
  create: { change: createGroup, roles },
  modify: { change: modifyGroup, roles },
  remove: { change: deleteGroup, roles },
};

export const hostGroupId = ({ portId, hostGroupNumber }: HostGroup): string =>
  `${portId},${hostGroupNumber}`;

function hostGroupView(group: HostGroup) {
  const { portId, hostGroupNumber, hostGroupName, hostMode, hostModeOptions, iscsiName } = group;
  return {
    hostGroupId: hostGroupId(group),
    portId,
    hostGroupNumber,
    hostGroupName,
    ...(iscsiName === undefined
      ? {}
      : { iscsiName, authenticationMode: 'BOTH', iscsiTargetDirection: 'S' }),
    hostMode,
    ...(hostModeOptions.length === 0 ? {} : { hostModeOptions }),
    resourceGroupId: 0,
  };
}

/** By port and number, as in ids: `CL1-A,1`. */
export function groupOf({ mapping }: Parts, ids: readonly string[]): HostGroup {
  const [port = '', number = ''] = ids;
  const found = /^\d{1,3}$/.test(number) ? mapping.group(port, Number(number)) : undefined;
  if (found === undefined) throw missing(`host group ${ids.slice(0, 2).join(',')}`);
  return found;
}

/** As lists of members and LUs want it: `portId` with `hostGroupNumber` or `hostGroupName`. */
export function groupAsked({ mapping }: Parts, { query }: Call): HostGroup | undefined {
  const [port, name] = [query.get('portId'), query.get('hostGroupName')];
  const number = wholeNumber(query, 'hostGroupNumber', -1);
  if (port === null || number < 0 === (name === null)) {
    throw bad('portId and either hostGroupNumber or hostGroupName are required.');
  }
  return name === null ? mapping.group(port, number) : mapping.named(port, name);
}

const iscsiName = z
  .string()
  .regex(/^(iqn\.|eui\.).{1,218}$/, 'a name that begins with iqn. or eui.');
const modes = {
  hostMode: z.string().min(1).optional(),
  /** [-1] takes all of them away. */
  hostModeOptions: z.array(z.int().min(-1).max(255)).optional(),
  iscsiName: iscsiName.optional(),
};
const createSchema = z.strictObject({
  portId: z.string(),
  hostGroupName: z.string().min(1).max(64).optional(),
  hostGroupNumber: z.int().min(0).max(LAST_HOST_GROUP).optional(),
  ...modes,
});

function createGroup({ mapping, spec }: Parts, { body }: Call): Changed {
  const wish = wished(createSchema, body);
  const { portId, hostMode, hostModeOptions } = wish;
  const port = spec.ports.find((one) => one.portId === portId);
  if (port === undefined) throw missing(`port ${portId}`);
  if (port.portType !== 'ISCSI' && wish.iscsiName !== undefined) {
    throw bad('iscsiName can be given for iSCSI ports only.');
  }
  const hostGroupNumber = wish.hostGroupNumber ?? mapping.freeNumber(portId);
  if (hostGroupNumber === undefined) {
    const message = 'could not find empty Host group ID for adding.';
    return { affected: [], refused: refusedWith('EX_ENOOBJ', message) };
  }
  const hostGroupName = wish.hostGroupName ?? `${portId.slice(2)}-G${hostGroupNumber}`;
  const target = wish.iscsiName ?? targetName({ portId, hostGroupNumber });
  // The words for a name that is taken are not known to us; the driver looks for it in the list.
  if (mapping.group(portId, hostGroupNumber) !== undefined) {
    return refused(`Host group ${portId},${hostGroupNumber} exists.`);
  }
  if (mapping.named(portId, hostGroupName) !== undefined) {
    return refused(`The name ${hostGroupName} is in use on ${portId}.`);
  }
  const made = mapping.addGroup({
    portId,
    hostGroupNumber,
    hostGroupName,
    ...(hostMode === undefined ? {} : { hostMode }),
    ...(hostModeOptions === undefined ? {} : { hostModeOptions: optionsOf(hostModeOptions) }),
    ...(port.portType === 'ISCSI' ? { iscsiName: target } : {}),
  });
  return { affected: [`host-groups/${hostGroupId(made)}`] };
}

const refused = (why: string): Changed => ({ affected: [], refused: rejected(why) });
const optionsOf = (wish: readonly number[]) => wish.filter((option) => option !== -1);

const modifySchema = z
  .strictObject(modes)
  .refine((wish) => Object.keys(wish).length > 0, 'Nothing to change.')
  .refine(
    ({ hostMode, hostModeOptions }) => hostModeOptions === undefined || hostMode !== undefined,
    'hostModeOptions need hostMode.',
  );

function modifyGroup(parts: Parts, { ids, body }: Call): Changed {
  const wish = wished(modifySchema, body);
  const group = groupOf(parts, ids);
  if (wish.iscsiName !== undefined && group.iscsiName === undefined) {
    throw bad('iscsiName can be given for iSCSI ports only.');
  }
  if (wish.hostMode !== undefined) group.hostMode = wish.hostMode;
  if (wish.hostModeOptions !== undefined) group.hostModeOptions = optionsOf(wish.hostModeOptions);
  if (wish.iscsiName !== undefined) group.iscsiName = wish.iscsiName;
  return { affected: [`host-groups/${hostGroupId(group)}`] };
}

/** LU paths go with their group. */
function deleteGroup(parts: Parts, { ids, body }: Call): Changed {
  wished(z.strictObject({}), body);
  const group = groupOf(parts, ids);
  parts.mapping.dropGroup(group);
  return { affected: [`host-groups/${hostGroupId(group)}`] };
}
