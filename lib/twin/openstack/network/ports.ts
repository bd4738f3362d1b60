/** Ports: where anything touches a network. Nova and routers make theirs with `addPort`. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { stableUuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { addressesFor, macFor } from './addressing.ts';
import { type Collection, find, reads } from './collections.ts';
import { networks } from './networks.ts';
import { conflict, missing } from './refusals.ts';
import { baseView, newRow, onlyAdmin, ownerOf, spend, touch } from './rows.ts';
import type { Network, Port } from './state.ts';
import { common, ipv4, readWish } from './wishes.ts';

const macAddress = z
  .string()
  .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, 'is not a valid MAC address');
const changeable = {
  name: common.name,
  description: common.description,
  admin_state_up: z.boolean().optional(),
  mac_address: macAddress.optional(),
  fixed_ips: z
    .array(z.strictObject({ ip_address: ipv4.optional(), subnet_id: z.string().optional() }))
    .optional(),
  device_id: z.string().max(255).optional(),
  device_owner: z.string().max(255).optional(),
  security_groups: z.array(z.string()).optional(),
  port_security_enabled: z.boolean().optional(),
  allowed_address_pairs: z
    .array(z.strictObject({ ip_address: z.string(), mac_address: z.string().optional() }))
    .optional(),
  'binding:host_id': z.string().optional(),
  'binding:vnic_type': z.enum(['normal', 'direct', 'macvtap', 'baremetal']).optional(),
  'binding:profile': z.record(z.string(), z.unknown()).optional(),
  dns_name: z.string().optional(),
  extra_dhcp_opts: z.array(z.looseObject({})).optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  network_id: z.string(),
  project_id: common.project_id,
  tenant_id: common.tenant_id,
});
const updateSchema = z.strictObject(changeable);
type PortWish = z.infer<typeof updateSchema>;

export const ports: Collection<Port> = {
  one: 'port',
  many: 'ports',
  rows: ({ state }) => state.network.ports,
  visible: (context, row, caller) =>
    row.projectId === caller.projectId ||
    context.state.network.networks.some(
      ({ id, projectId }) => id === row.networkId && projectId === caller.projectId,
    ),
  view: (_, row) => portView(row),
  gone: (id) => missing('port', id),
};

export function portRoutes(context: CloudContext): readonly Route[] {
  return [
    ...reads(context, ports),
    ['POST', '/v2.0/ports', (ask) => create(context, ask)],
    ['PUT', '/v2.0/ports/:id', (ask, { id }) => update(context, ask, id)],
    ['DELETE', '/v2.0/ports/:id', (ask, { id }) => remove(context, ask, id)],
  ];
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'port', createSchema);
  const network = find(context, networks, { ask, id: wish.network_id });
  const projectId = ownerOf(context, ask, wish);
  if (wish['binding:host_id'] !== undefined) onlyAdmin(context, ask, 'create_port:binding:host_id');
  return json(201, { port: portView(addPort(context, network, { ...wish, projectId })) });
}

/** Makes a port with the wished or the next free addresses; throws the 409 if they are taken. */
export function addPort(
  context: CloudContext,
  network: Network,
  wish: PortWish & { readonly projectId: string; readonly ownedByServer?: boolean },
): Port {
  const { projectId } = wish;
  spend(context, 'port', projectId);
  const secured = wish.port_security_enabled ?? network.portSecurity;
  const port: Port = {
    ...newRow(context, projectId, wish),
    networkId: network.id,
    fixedIps: addressesFor(context, network, { wishes: wish.fixed_ips }),
    mac: macFor(context, network, wish.mac_address),
    deviceId: wish.device_id ?? '',
    deviceOwner: wish.device_owner ?? '',
    adminStateUp: wish.admin_state_up ?? true,
    securityGroups: knownGroups(context, wish.security_groups) ?? (secured ? [own(projectId)] : []),
    portSecurity: secured,
    addressPairs: wish.allowed_address_pairs ?? [],
    hostId: wish['binding:host_id'] ?? '',
    vnicType: wish['binding:vnic_type'] ?? 'normal',
    ownedByServer: wish.ownedByServer ?? false,
  };
  context.state.network.ports.push(port);
  return port;
}

const own = (projectId: string): string => stableUuid('security-group', projectId);

function knownGroups({ state }: CloudContext, wanted: readonly string[] | undefined) {
  if (wanted === undefined) return undefined;
  const unknown = wanted.find((id) => !state.network.groups.some((group) => group.id === id));
  if (unknown !== undefined) throw missing('security_group', unknown);
  return [...wanted];
}

function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const port = find(context, ports, { ask, id });
  const wish = readWish(ask, 'port', updateSchema);
  if (wish['binding:host_id'] !== undefined) onlyAdmin(context, ask, 'update_port:binding:host_id');
  const network = find(context, networks, { ask, id: port.networkId });
  const groups = knownGroups(context, wish.security_groups);
  const fixedIps =
    wish.fixed_ips && addressesFor(context, network, { wishes: wish.fixed_ips, port });
  const sameMac = wish.mac_address?.toLowerCase() === port.mac;
  if (wish.mac_address !== undefined && !sameMac) {
    if (port.hostId !== '') throw conflict.portInUse(port.id, network.id, port.deviceId);
    port.mac = macFor(context, network, wish.mac_address);
  }
  port.fixedIps = fixedIps ?? port.fixedIps;
  port.securityGroups = groups ?? port.securityGroups;
  port.adminStateUp = wish.admin_state_up ?? port.adminStateUp;
  port.deviceId = wish.device_id ?? port.deviceId;
  port.deviceOwner = wish.device_owner ?? port.deviceOwner;
  port.portSecurity = wish.port_security_enabled ?? port.portSecurity;
  port.addressPairs = wish.allowed_address_pairs ?? port.addressPairs;
  port.hostId = wish['binding:host_id'] ?? port.hostId;
  port.vnicType = wish['binding:vnic_type'] ?? port.vnicType;
  touch(context, port, wish);
  return json(200, { port: portView(port) });
}

/** Owners whose ports go with their router or address, never by themselves. */
const service = ['network:router_interface', 'network:router_gateway', 'network:floatingip'];

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const port = find(context, ports, { ask, id });
  if (service.includes(port.deviceOwner)) throw conflict.servicePort(port.id, port.deviceOwner);
  dropPort(context, port);
  return empty(204);
}

/** Takes the port away, and leaves floating addresses that led to it without a goal. */
export function dropPort({ state }: CloudContext, port: Port): void {
  const { network } = state;
  network.ports = network.ports.filter((one) => one !== port);
  for (const floating of network.floatingIps) {
    if (floating.portId !== port.id) continue;
    Object.assign(floating, { portId: null, fixedIp: null, routerId: null });
  }
}

export const portView = (port: Port) => ({
  ...baseView(port),
  network_id: port.networkId,
  mac_address: port.mac,
  fixed_ips: port.fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip })),
  device_id: port.deviceId,
  device_owner: port.deviceOwner,
  status: port.deviceId === '' || !port.adminStateUp ? 'DOWN' : 'ACTIVE',
  admin_state_up: port.adminStateUp,
  security_groups: port.securityGroups,
  port_security_enabled: port.portSecurity,
  allowed_address_pairs: port.addressPairs,
  extra_dhcp_opts: [],
  'binding:host_id': port.hostId,
  'binding:profile': {},
  'binding:vif_type': port.hostId === '' ? 'unbound' : 'ovs',
  'binding:vif_details': {},
  'binding:vnic_type': port.vnicType,
});
