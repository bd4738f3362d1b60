/** Subnets: prefixes, pools, gateways. The twin's networks speak IPv4 only and say so. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { bounds, holds, normalised, overlap, poolsOf, toText, within } from './addresses.ts';
import { type Collection, find, reads } from './collections.ts';
import { networks } from './networks.ts';
import { badRequest, conflict, invalidInput, missing } from './refusals.ts';
import { baseView, newRow, ownerOf, spend, touch } from './rows.ts';
import { dhcpPort, type Subnet } from './state.ts';
import { common, ipv4, readWish } from './wishes.ts';

const pool = z.strictObject({ start: ipv4, end: ipv4 });
const changeable = {
  name: common.name,
  description: common.description,
  /** null = none; left out = the first address. */
  gateway_ip: ipv4.nullable().optional(),
  enable_dhcp: z.boolean().optional(),
  allocation_pools: z.array(pool).optional(),
  dns_nameservers: z.array(z.string()).optional(),
  host_routes: z.array(z.strictObject({ destination: z.cidrv4(), nexthop: ipv4 })).optional(),
  service_types: z.array(z.string()).optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  project_id: common.project_id,
  tenant_id: common.tenant_id,
  network_id: z.string(),
  ip_version: z.literal(4, 'IPv6 is not simulated'),
  cidr: z.cidrv4('is not a valid IP subnet'),
});
const updateSchema = z.strictObject(changeable);

export const subnets: Collection<Subnet> = {
  one: 'subnet',
  many: 'subnets',
  rows: ({ state }) => state.network.subnets,
  visible: (context, row, caller) =>
    row.projectId === caller.projectId ||
    context.state.network.networks.some(({ id, shared }) => id === row.networkId && shared),
  view: (_, row) => subnetView(row),
  gone: (id) => missing('subnet', id),
};

export function subnetRoutes(context: CloudContext): readonly Route[] {
  return [
    ...reads(context, subnets),
    ['POST', '/v2.0/subnets', (ask) => create(context, ask)],
    ['PUT', '/v2.0/subnets/:id', (ask, { id }) => update(context, ask, id)],
    ['DELETE', '/v2.0/subnets/:id', (ask, { id }) => remove(context, ask, id)],
  ];
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'subnet', createSchema);
  const network = find(context, networks, { ask, id: wish.network_id });
  const projectId = ownerOf(context, ask, wish);
  spend(context, 'subnet', projectId);
  const cidr = normalised(wish.cidr);
  const { subnets: all } = context.state.network;
  const siblings = all.filter(({ networkId }) => networkId === network.id);
  if (siblings.some((one) => overlap(one.cidr, cidr))) {
    const reason = `Requested subnet with cidr: ${cidr} for network: ${network.id} overlaps`;
    throw invalidInput(`${reason} with another subnet`);
  }
  const gatewayIp =
    wish.gateway_ip === undefined ? toText(bounds(cidr).first + 1) : wish.gateway_ip;
  const subnet: Subnet = {
    ...newRow(context, projectId, wish),
    networkId: network.id,
    cidr,
    gatewayIp,
    enableDhcp: wish.enable_dhcp ?? true,
    pools: wish.allocation_pools ?? [...poolsOf(cidr, gatewayIp)],
    dns: wish.dns_nameservers ?? [],
    routes: wish.host_routes ?? [],
  };
  checkAddresses(subnet);
  all.push(subnet);
  // Its agent plugs the DHCP server in without quota.
  if (subnet.enableDhcp) context.state.network.ports.push(dhcpPort(subnet, context.clock.now()));
  return json(201, { subnet: subnetView(subnet) });
}

function checkAddresses({ cidr, gatewayIp, pools }: Pick<Subnet, 'cidr' | 'gatewayIp' | 'pools'>) {
  for (const one of pools) {
    if (!holds(cidr, one.start) || !holds(cidr, one.end)) {
      throw badRequest(
        `The allocation pool ${one.start}-${one.end} spans beyond the subnet cidr ${cidr}.`,
      );
    }
    if (gatewayIp !== null && within(one, gatewayIp)) {
      throw badRequest(
        `Gateway ip ${gatewayIp} conflicts with allocation pool ${one.start}-${one.end}.`,
      );
    }
  }
  if (gatewayIp !== null && !holds(cidr, gatewayIp)) {
    throw invalidInput('Gateway is not valid on subnet');
  }
}

function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const subnet = find(context, subnets, { ask, id });
  const wish = readWish(ask, 'subnet', updateSchema);
  const gatewayIp = wish.gateway_ip === undefined ? subnet.gatewayIp : wish.gateway_ip;
  const pools = wish.allocation_pools ?? subnet.pools;
  checkAddresses({ cidr: subnet.cidr, gatewayIp, pools });
  subnet.gatewayIp = gatewayIp;
  subnet.pools = pools;
  subnet.dns = wish.dns_nameservers ?? subnet.dns;
  subnet.routes = wish.host_routes ?? subnet.routes;
  switchDhcp(context, subnet, wish.enable_dhcp ?? subnet.enableDhcp);
  touch(context, subnet, wish);
  return json(200, { subnet: subnetView(subnet) });
}

function switchDhcp({ state, clock }: CloudContext, subnet: Subnet, on: boolean): void {
  if (subnet.enableDhcp === on) return;
  subnet.enableDhcp = on;
  const port = dhcpPort(subnet, clock.now());
  state.network.ports = state.network.ports.filter(({ id }) => id !== port.id);
  if (on) state.network.ports.push(port);
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const subnet = find(context, subnets, { ask, id });
  const state = context.state.network;
  const held = state.ports.filter(({ fixedIps }) =>
    fixedIps.some(({ subnetId }) => subnetId === subnet.id),
  );
  if (held.some(({ deviceOwner }) => deviceOwner !== 'network:dhcp')) {
    throw conflict.subnetInUse(subnet.id);
  }
  state.ports = state.ports.filter((port) => !held.includes(port));
  state.subnets = state.subnets.filter((one) => one !== subnet);
  return empty(204);
}

const subnetView = (subnet: Subnet) => ({
  ...baseView(subnet),
  network_id: subnet.networkId,
  cidr: subnet.cidr,
  ip_version: 4,
  gateway_ip: subnet.gatewayIp,
  enable_dhcp: subnet.enableDhcp,
  allocation_pools: subnet.pools,
  dns_nameservers: subnet.dns,
  dns_publish_fixed_ip: false,
  host_routes: subnet.routes,
  ipv6_address_mode: null,
  ipv6_ra_mode: null,
  segment_id: null,
  service_types: [],
  subnetpool_id: null,
});
