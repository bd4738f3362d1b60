/** What Neutron remembers, and what it has on the first day. */
import * as z from 'zod';
import { sha256 } from '../../../canonical.ts';
import { stableUuid } from '../ids.ts';
import { type CloudSeed, homeProject } from '../seed.ts';
import { nextFree, poolsOf } from './addresses.ts';

const base = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  projectId: z.string(),
  tags: z.array(z.string()),
  revision: z.int(),
  createdAt: z.int(),
  updatedAt: z.int(),
};

const netSchema = z.strictObject({
  ...base,
  adminStateUp: z.boolean(),
  shared: z.boolean(),
  external: z.boolean(),
  mtu: z.int(),
  type: z.string(),
  physical: z.string().nullable(),
  segment: z.int().nullable(),
  portSecurity: z.boolean(),
});
export type Network = z.infer<typeof netSchema>;

const subnetSchema = z.strictObject({
  ...base,
  networkId: z.string(),
  cidr: z.string(),
  gatewayIp: z.string().nullable(),
  enableDhcp: z.boolean(),
  pools: z.array(z.strictObject({ start: z.string(), end: z.string() })),
  dns: z.array(z.string()),
  routes: z.array(z.strictObject({ destination: z.string(), nexthop: z.string() })),
});
export type Subnet = z.infer<typeof subnetSchema>;

const portSchema = z.strictObject({
  ...base,
  networkId: z.string(),
  mac: z.string(),
  fixedIps: z.array(z.strictObject({ subnetId: z.string(), ip: z.string() })),
  deviceId: z.string(),
  deviceOwner: z.string(),
  adminStateUp: z.boolean(),
  securityGroups: z.array(z.string()),
  portSecurity: z.boolean(),
  addressPairs: z.array(
    z.strictObject({ ip_address: z.string(), mac_address: z.string().optional() }),
  ),
  /** The compute host it is bound to; empty = not bound. */
  hostId: z.string(),
  vnicType: z.string(),
  /** Made by Nova itself, and so removed with the server. */
  ownedByServer: z.boolean(),
});
export type Port = z.infer<typeof portSchema>;

const routerSchema = z.strictObject({
  ...base,
  adminStateUp: z.boolean(),
  gateway: z
    .strictObject({ networkId: z.string(), portId: z.string(), snat: z.boolean() })
    .nullable(),
  routes: z.array(z.strictObject({ destination: z.string(), nexthop: z.string() })),
});
export type Router = z.infer<typeof routerSchema>;

const ruleSchema = z.strictObject({
  id: z.string(),
  description: z.string(),
  direction: z.enum(['ingress', 'egress']),
  ethertype: z.enum(['IPv4', 'IPv6']),
  protocol: z.string().nullable(),
  portMin: z.int().nullable(),
  portMax: z.int().nullable(),
  remoteIp: z.string().nullable(),
  remoteGroup: z.string().nullable(),
  createdAt: z.int(),
});
export type Rule = z.infer<typeof ruleSchema>;

const groupSchema = z.strictObject({ ...base, rules: z.array(ruleSchema) });
export type SecurityGroup = z.infer<typeof groupSchema>;

const floatingSchema = z.strictObject({
  ...base,
  networkId: z.string(),
  ip: z.string(),
  /** Its own port in the external network. */
  ownPort: z.string(),
  /** The port it leads to. */
  portId: z.string().nullable(),
  fixedIp: z.string().nullable(),
  routerId: z.string().nullable(),
});
export type FloatingIp = z.infer<typeof floatingSchema>;

export const networkSchema = z.strictObject({
  networks: z.array(netSchema),
  subnets: z.array(subnetSchema),
  ports: z.array(portSchema),
  routers: z.array(routerSchema),
  groups: z.array(groupSchema),
  floatingIps: z.array(floatingSchema),
  /** By project; only what was changed. */
  quotas: z.record(z.string(), z.record(z.string(), z.int())),
});
export type NetworkState = z.infer<typeof networkSchema>;

/** The subnet of a network of the first day. */
const subnetIdOf = (networkId: string): string => stableUuid('subnet', networkId);

export function initialNetwork(seed: CloudSeed, now: number): NetworkState {
  const projectId = homeProject(seed);
  const born = { projectId, description: '', tags: [], revision: 1 };
  const times = { createdAt: now, updatedAt: now };
  const networks = seed.networks.map(({ id, name, external, shared, segment }) => ({
    ...born,
    ...times,
    id,
    name,
    external,
    shared,
    segment,
    adminStateUp: true,
    mtu: 1500,
    type: 'vlan',
    physical: 'physnet1',
    portSecurity: true,
  }));
  const subnets = seed.networks.map(({ id, name, cidr }) => ({
    ...born,
    ...times,
    id: subnetIdOf(id),
    name,
    networkId: id,
    cidr,
    gatewayIp: null,
    enableDhcp: true,
    // The first address is left to a router that may come one day.
    pools: [...poolsOf(cidr, poolsOf(cidr, null)[0]?.start ?? null)],
    dns: [],
    routes: [],
  }));
  return {
    networks,
    subnets,
    ports: [
      ...subnets.map((subnet) => dhcpPort(subnet, now)),
      ...seed.servers.flatMap((server) => serverPorts(server, subnets, now)),
    ],
    routers: [],
    groups: seed.projects.map(({ id }) => defaultGroup(id, now)),
    floatingIps: [],
    quotas: {},
  };
}

/** Servers of the first day are plugged in already. */
function serverPorts(
  server: CloudSeed['servers'][number],
  subnets: readonly Subnet[],
  now: number,
): Port[] {
  return server.ports.flatMap(({ networkId, ip, mac }, place) => {
    const subnet = subnets.find((one) => one.networkId === networkId);
    if (subnet === undefined) return [];
    const device = { owner: 'compute:nova', device: server.id, projectId: subnet.projectId };
    const free = ip ?? nextFree(subnet.pools, new Set()) ?? '';
    const port = servicePort(subnet, { ...device, ip: free }, now);
    const id = stableUuid('server-port', `${server.id}:${place}`);
    const own = { securityGroups: [stableUuid('security-group', port.projectId)] };
    return [{ ...port, ...own, id, mac: mac?.toLowerCase() ?? port.mac, portSecurity: true }];
  });
}

/** The port of a subnet's DHCP server: the first address of its pool. */
export function dhcpPort(subnet: Subnet, now: number): Port {
  const { networkId, projectId } = subnet;
  const address = { ip: subnet.pools[0]?.start ?? '', owner: 'network:dhcp' };
  return servicePort(subnet, { ...address, device: `dhcp-${networkId}`, projectId }, now);
}

/** A port that the network's own machinery holds; the same id for the same device and subnet. */
export function servicePort(
  { id: subnetId, networkId }: Pick<Subnet, 'id' | 'networkId'>,
  wish: { ip: string; owner: string; device: string; projectId: string },
  now: number,
): Port {
  const id = stableUuid(`${wish.owner}:${wish.device}`, subnetId);
  const mac = sha256(id).slice(0, 6).match(/../g)?.join(':');
  return {
    id,
    name: '',
    description: '',
    projectId: wish.projectId,
    tags: [],
    revision: 1,
    createdAt: now,
    updatedAt: now,
    networkId,
    mac: `fa:16:3e:${mac}`,
    fixedIps: [{ subnetId, ip: wish.ip }],
    deviceId: wish.device,
    deviceOwner: wish.owner,
    adminStateUp: true,
    securityGroups: [],
    portSecurity: false,
    addressPairs: [],
    hostId: '',
    vnicType: 'normal',
    ownedByServer: false,
  };
}

/** Each project's own: everything out, and in from members of the same group. */
export function defaultGroup(projectId: string, now: number): SecurityGroup {
  const id = stableUuid('security-group', projectId);
  const rule = (direction: Rule['direction'], ethertype: Rule['ethertype']): Rule => ({
    id: stableUuid(`${direction}-${ethertype}`, id),
    description: '',
    direction,
    ethertype,
    protocol: null,
    portMin: null,
    portMax: null,
    remoteIp: null,
    remoteGroup: direction === 'ingress' ? id : null,
    createdAt: now,
  });
  return {
    id,
    name: 'default',
    description: 'Default security group',
    projectId,
    tags: [],
    revision: 1,
    createdAt: now,
    updatedAt: now,
    rules: [
      rule('egress', 'IPv4'),
      rule('egress', 'IPv6'),
      rule('ingress', 'IPv4'),
      rule('ingress', 'IPv6'),
    ],
  };
}
