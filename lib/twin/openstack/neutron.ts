/** Networks, subnets and ports. */
import * as z from 'zod';
import { iso } from '../../clock.ts';
import type { HttpResponse } from '../../http.ts';
import type { CloudSeed } from '../seams.ts';
import { type CloudContext, type Port, subnetIdOf } from './state.ts';
import { type Ask, empty, json, neutronError, page, type Route, readBody, uuid } from './wire.ts';

const mac = z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i);
const portSchema = z.strictObject({
  port: z.strictObject({
    network_id: z.string(),
    name: z.string().max(255).default(''),
    mac_address: mac.optional(),
    fixed_ips: z
      .array(z.strictObject({ ip_address: z.ipv4().optional(), subnet_id: z.string().optional() }))
      .max(1)
      .optional(),
    device_id: z.string().default(''),
    device_owner: z.string().default(''),
    admin_state_up: z.boolean().default(true),
    description: z.string().default(''),
    security_groups: z.array(z.string()).default([]),
    port_security_enabled: z.boolean().default(true),
  }),
});
type PortWish = z.infer<typeof portSchema>['port'];
type Network = CloudSeed['networks'][number];

export function neutronRoutes(context: CloudContext): readonly Route[] {
  const { networks } = context.seed;
  return [
    ['GET', '/v2.0/networks', (ask) => listed(ask, 'networks', networks.map(networkView(context)))],
    ['GET', '/v2.0/networks/:id', (_, { id }) => showNetwork(context, id)],
    ['GET', '/v2.0/subnets', (ask) => listed(ask, 'subnets', networks.map(subnetView(context)))],
    [
      'GET',
      '/v2.0/ports',
      (ask) => listed(ask, 'ports', context.state.ports.map(portView(context))),
    ],
    ['GET', '/v2.0/ports/:id', (_, { id }) => showPort(context, id)],
    ['POST', '/v2.0/ports', (ask) => createPort(context, ask)],
    ['DELETE', '/v2.0/ports/:id', (_, { id }) => deletePort(context, id)],
  ];
}

/** A list filtered by whatever attribute the query names; repeated values are alternatives. */
function listed(ask: Ask, key: string, items: readonly ({ id: string } & object)[]): HttpResponse {
  const reserved = ['limit', 'marker', 'fields', 'sort_key', 'sort_dir', 'page_reverse'];
  const names = [...new Set(ask.query.keys())].filter((name) => !reserved.includes(name));
  const wanted = items.filter((item) =>
    names.every((name) => {
      const value: unknown = Object.entries(item).find(([field]) => field === name)?.[1];
      return ask.query.getAll(name).some((one) => same(value, one));
    }),
  );
  const found = page(wanted, ask.query);
  if (found === undefined) {
    const marker = ask.query.get('marker');
    return neutronError(400, 'BadRequest', `The marker ${marker} could not be found.`);
  }
  return json(200, { [key]: found.items });
}

const same = (value: unknown, wanted: string): boolean =>
  typeof value === 'boolean' ? String(value) === wanted.toLowerCase() : String(value) === wanted;

function showNetwork(context: CloudContext, id: string | undefined): HttpResponse {
  const network = context.seed.networks.find((one) => one.id === id);
  if (network === undefined) return missing('Network', id);
  return json(200, { network: networkView(context)(network) });
}

function showPort(context: CloudContext, id: string | undefined): HttpResponse {
  const port = context.state.ports.find((one) => one.id === id);
  return port === undefined ? missing('Port', id) : json(200, { port: portView(context)(port) });
}

const missing = (what: 'Network' | 'Port', id: string | undefined): HttpResponse =>
  neutronError(404, `${what}NotFound`, `${what} ${id} could not be found.`);

function createPort(context: CloudContext, ask: Ask): HttpResponse {
  const body = readBody(ask, portSchema);
  if (!body.ok) return neutronError(400, 'HTTPBadRequest', body.why);
  const wish = body.data.port;
  const network = context.seed.networks.find(({ id }) => id === wish.network_id);
  if (network === undefined) return missing('Network', wish.network_id);
  const made = addPort(context, network, wish);
  return 'status' in made ? made : json(201, { port: portView(context)(made) });
}

/** Makes a port with the wished or the next free addresses; a refusal if they are taken. */
export function addPort(
  context: CloudContext,
  network: Network,
  wish: Partial<PortWish> & { readonly ownedByServer?: boolean },
): Port | HttpResponse {
  const { ports } = context.state;
  const ip = wish.fixed_ips?.[0]?.ip_address ?? freeIp(context, network);
  const subnet = subnetIdOf(network.id);
  if (!ip.startsWith(prefixOf(network))) {
    const message = `IP address ${ip} is not a valid IP for the specified subnet.`;
    return neutronError(400, 'InvalidIpForSubnet', message);
  }
  const neighbours = ports.filter(({ networkId }) => networkId === network.id);
  if (neighbours.some((port) => port.ip === ip)) {
    const message = `IP address ${ip} already allocated in subnet ${subnet}`;
    return neutronError(409, 'IpAddressAlreadyAllocated', message);
  }
  const address = (wish.mac_address ?? newMac(context)).toLowerCase();
  if (neighbours.some((port) => port.mac === address)) {
    const reason = `The mac address ${address} is in use.`;
    const message = `Unable to complete operation for network ${network.id}. ${reason}`;
    return neutronError(409, 'MacAddressInUse', message);
  }
  const port: Port = {
    id: uuid(context.random),
    name: wish.name ?? '',
    networkId: network.id,
    mac: address,
    ip,
    deviceId: wish.device_id ?? '',
    deviceOwner: wish.device_owner ?? '',
    ownedByServer: wish.ownedByServer ?? false,
    createdAt: context.clock.now(),
  };
  ports.push(port);
  return port;
}

function deletePort(context: CloudContext, id: string | undefined): HttpResponse {
  const port = context.state.ports.find((one) => one.id === id);
  if (port === undefined) return missing('Port', id);
  if (port.deviceOwner.startsWith('network:router')) {
    const reason = `has device owner ${port.deviceOwner}`;
    const message = `Port ${port.id} cannot be deleted directly via the port API: ${reason}.`;
    return neutronError(409, 'ServicePortInUse', message);
  }
  context.state.ports = context.state.ports.filter((one) => one.id !== id);
  return empty(204);
}

/** The drill networks are /24: the first three octets are the network. */
const prefixOf = (network: Network): string => `${network.cidr.split('.').slice(0, 3).join('.')}.`;

function freeIp(context: CloudContext, network: Network): string {
  const taken = new Set(
    context.state.ports.filter((one) => one.networkId === network.id).map((one) => one.ip),
  );
  let host = 100;
  while (taken.has(`${prefixOf(network)}${host}`)) host++;
  return `${prefixOf(network)}${host}`;
}

const newMac = (context: CloudContext): string =>
  ['fa', '16', '3e', ...(context.random(3).match(/../g) ?? [])].join(':');

const networkView = (context: CloudContext) => (network: Network) => ({
  id: network.id,
  name: network.name,
  status: 'ACTIVE',
  admin_state_up: true,
  mtu: 1500,
  shared: network.shared,
  'router:external': network.external,
  'provider:network_type': 'vlan',
  'provider:physical_network': 'physnet1',
  'provider:segmentation_id': network.segment,
  port_security_enabled: true,
  subnets: [subnetIdOf(network.id)],
  project_id: context.seed.projectId,
  tenant_id: context.seed.projectId,
});

const subnetView = (context: CloudContext) => (network: Network) => ({
  id: subnetIdOf(network.id),
  name: network.name,
  network_id: network.id,
  cidr: network.cidr,
  ip_version: 4,
  gateway_ip: null,
  enable_dhcp: true,
  allocation_pools: [{ start: `${prefixOf(network)}2`, end: `${prefixOf(network)}254` }],
  project_id: context.seed.projectId,
});

const portView = (context: CloudContext) => (port: Port) => ({
  id: port.id,
  name: port.name,
  network_id: port.networkId,
  mac_address: port.mac,
  fixed_ips: [{ subnet_id: subnetIdOf(port.networkId), ip_address: port.ip }],
  device_id: port.deviceId,
  device_owner: port.deviceOwner,
  status: port.deviceId === '' ? 'DOWN' : 'ACTIVE',
  admin_state_up: true,
  security_groups: [],
  project_id: context.seed.projectId,
  created_at: iso(port.createdAt).replace(/\.\d+Z$/, 'Z'),
});
