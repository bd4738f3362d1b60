/** Servers as each microversion shows them. */
import { sha256 } from '../../../canonical.ts';
import type { Caller } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { everyFlavor } from './flavors.ts';
import { hostNamed, isUp, serviceOf } from './hosts.ts';
import { times } from './moments.ts';
import { taskState } from './settle.ts';
import type { Server } from './state.ts';

interface Viewer {
  readonly minor: number;
  readonly caller: Caller;
  /** One of a list: that leaves groups out. */
  readonly listed?: boolean;
}

export function links({ baseUrl }: CloudContext, kind: string, id: string) {
  const root = `${baseUrl()}/compute`;
  return [
    { rel: 'self', href: `${root}/v2.1/${kind}/${id}` },
    { rel: 'bookmark', href: `${root}/${kind}/${id}` },
  ];
}

export const summary = (context: CloudContext, server: Server) => ({
  id: server.id,
  name: server.name,
  links: links(context, 'servers', server.id),
});

/** What a task makes of a status. */
const busy = {
  rebooting: 'REBOOT',
  rebooting_hard: 'HARD_REBOOT',
  rebuilding: 'REBUILD',
} as const;
const plain = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  error: 'ERROR',
  deleted: 'DELETED',
} as const;

export function statusOf(server: Server): string {
  const name = server.task?.name;
  if (name === 'rebooting' || name === 'rebooting_hard' || name === 'rebuilding') return busy[name];
  return plain[server.vmState];
}

/** 0 = unknown, 1 = running, 4 = off. */
const powerStates = { building: 0, active: 1, stopped: 4, error: 0, deleted: 0 } as const;

export function detail(context: CloudContext, server: Server, viewer: Viewer) {
  const status = statusOf(server);
  const fault = {
    code: 500,
    created: times.second(server.updatedAt),
    message: server.reason,
    ...(viewer.caller.admin ? { details: '' } : {}),
  };
  const withFault = ['ERROR', 'DELETED'].includes(status) && server.reason !== null;
  const withProgress = ['ACTIVE', 'BUILD', 'REBUILD'].includes(status);
  return {
    ...summary(context, server),
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.host === null ? '' : sha256(server.projectId + server.host).slice(0, 56),
    image: imageOf(context, server),
    flavor: flavorOf(context, server, viewer.minor),
    created: times.second(server.createdAt),
    updated: times.second(server.updatedAt),
    addresses: addresses(context, server),
    accessIPv4: '',
    accessIPv6: '',
    'OS-DCF:diskConfig': 'MANUAL',
    ...(withProgress ? { progress: 0 } : {}),
    ...(withFault ? { fault } : {}),
    'OS-EXT-AZ:availability_zone': hostNamed(context, server.host)?.zone ?? server.wantedZone ?? '',
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': server.launchedAt === null ? null : times.micro(server.launchedAt),
    'OS-SRV-USG:terminated_at': server.deletedAt === null ? null : times.micro(server.deletedAt),
    ...securityGroups(context, server),
    ...statesOf(context, server),
    'os-extended-volumes:volumes_attached': volumesOf(server, viewer.minor),
    ...laterFields(server, viewer),
    ...(viewer.caller.admin ? adminFields(context, server, viewer.minor) : {}),
  };
}

const statesOf = ({ clock }: CloudContext, server: Server) => ({
  'OS-EXT-STS:task_state': taskState(server, clock.now()),
  'OS-EXT-STS:vm_state': server.vmState,
  'OS-EXT-STS:power_state': powerStates[server.vmState],
});

/** Each field from the microversion that brought it. */
function laterFields(server: Server, { minor, caller, listed = false }: Viewer) {
  return {
    ...(minor >= 9 ? { locked: server.lock !== null } : {}),
    ...(minor >= 19 ? { description: server.description } : {}),
    ...(minor >= 26 ? { tags: server.tags } : {}),
    ...(minor >= 63 ? { trusted_image_certificates: null } : {}),
    ...(minor >= 71 && !listed
      ? { server_groups: server.groupId === null ? [] : [server.groupId] }
      : {}),
    ...(minor >= 73 ? { locked_reason: server.lock?.reason ?? null } : {}),
    ...(minor >= 90 && !caller.admin ? { 'OS-EXT-SRV-ATTR:hostname': server.hostname } : {}),
  };
}

/** Which host, and how it is: for administrators. */
function adminFields(context: CloudContext, server: Server, minor: number) {
  const place = context.state.compute.servers.indexOf(server) + 1;
  return {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': isRequest(server)
      ? ''
      : `instance-${place.toString(16).padStart(8, '0')}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
    ...(minor >= 3
      ? {
          'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
          'OS-EXT-SRV-ATTR:launch_index': server.launchIndex,
          'OS-EXT-SRV-ATTR:hostname': server.hostname,
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': isRequest(server)
            ? null
            : (server.disks[0]?.device ?? null),
          'OS-EXT-SRV-ATTR:user_data': server.userData,
        }
      : {}),
    ...(minor >= 16 ? { host_status: hostStatus(context, server) } : {}),
  };
}

function hostStatus(context: CloudContext, { host }: Server): string {
  if (host === null) return '';
  const service = serviceOf(context, host);
  if (service?.forcedDown) return 'DOWN';
  if (service?.disabled) return 'MAINTENANCE';
  return isUp(context, host) ? 'UP' : 'UNKNOWN';
}

/** Those of its ports: a server without ports has none, whatever it was created with. */
function securityGroups({ state }: CloudContext, server: Server) {
  const { ports, groups } = state.network;
  const ids = ports
    .filter(({ deviceId }) => deviceId === server.id)
    .flatMap((port) => port.securityGroups);
  const named = groups.filter(({ id }) => ids.includes(id)).map(({ name }) => ({ name }));
  return named.length === 0 ? {} : { security_groups: named };
}

/** Before a host is chosen there is only a request: no disks, no name in the hypervisor. */
const isRequest = ({ vmState, host }: Server): boolean => vmState === 'building' && host === null;

/** An empty string, not null, for a server that boots from a volume. */
function imageOf(context: CloudContext, { imageId }: Server) {
  if (imageId === null) return '';
  const [, bookmark] = links(context, 'images', imageId);
  return { id: imageId, links: [bookmark] };
}

function flavorOf(context: CloudContext, server: Server, minor: number) {
  const flavor = everyFlavor(context).find(({ id }) => id === server.flavorId);
  if (minor < 47 || flavor === undefined) {
    const [, bookmark] = links(context, 'flavors', server.flavorId);
    return { id: server.flavorId, links: [bookmark] };
  }
  return {
    original_name: flavor.name,
    vcpus: flavor.vcpus,
    ram: flavor.ramMiB,
    disk: flavor.diskGiB,
    ephemeral: 0,
    swap: 0,
    extra_specs: context.state.compute.extraSpecs[flavor.id] ?? {},
  };
}

const volumesOf = (server: Server, minor: number) =>
  server.disks.flatMap(({ volumeId, deleteOnTermination }) =>
    volumeId === null || isRequest(server)
      ? []
      : [
          minor >= 3
            ? { id: volumeId, delete_on_termination: deleteOnTermination }
            : { id: volumeId },
        ],
  );

function addresses({ state }: CloudContext, server: Server) {
  const { ports, networks, floatingIps } = state.network;
  const out: Record<string, object[]> = {};
  for (const port of ports.filter(({ deviceId }) => deviceId === server.id)) {
    const name = networks.find(({ id }) => id === port.networkId)?.name ?? '';
    const entry = (addr: string, type: 'fixed' | 'floating') => ({
      addr,
      version: 4,
      'OS-EXT-IPS-MAC:mac_addr': port.mac,
      'OS-EXT-IPS:type': type,
    });
    const floating = floatingIps.filter(({ portId }) => portId === port.id);
    out[name] = [
      ...(out[name] ?? []),
      ...port.fixedIps.map(({ ip }) => entry(ip, 'fixed')),
      ...floating.map(({ ip }) => entry(ip, 'floating')),
    ];
  }
  return out;
}
