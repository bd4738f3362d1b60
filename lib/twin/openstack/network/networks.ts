/** Networks: segments of the provider, shared and external ones, and what keeps them in use. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { type Collection, find, reads } from './collections.ts';
import { conflict, missing } from './refusals.ts';
import { baseView, newRow, onlyAdmin, ownerOf, spend, touch } from './rows.ts';
import type { Network } from './state.ts';
import { common, readWish } from './wishes.ts';

const changeable = {
  ...common,
  admin_state_up: z.boolean().optional(),
  shared: z.boolean().optional(),
  'router:external': z.boolean().optional(),
  port_security_enabled: z.boolean().optional(),
  mtu: z.int().min(68).max(9216).optional(),
  is_default: z.boolean().optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  'provider:network_type': z.enum(['vlan', 'flat', 'vxlan', 'local', 'geneve', 'gre']).optional(),
  'provider:physical_network': z.string().optional(),
  'provider:segmentation_id': z.int().min(1).max(16_777_215).optional(),
  availability_zone_hints: z.array(z.string()).optional(),
  dns_domain: z.string().optional(),
});
const { project_id: _p, tenant_id: _t, ...updatable } = changeable;
const updateSchema = z.strictObject(updatable);
type Wish = z.infer<typeof createSchema>;

export const networks: Collection<Network> = {
  one: 'network',
  many: 'networks',
  rows: ({ state }) => state.network.networks,
  visible: (_, row, caller) => row.projectId === caller.projectId || row.shared || row.external,
  view: networkView,
  gone: (id) => missing('network', id),
};

export function networkRoutes(context: CloudContext): readonly Route[] {
  return [
    ...reads(context, networks),
    ['POST', '/v2.0/networks', (ask) => create(context, ask)],
    ['PUT', '/v2.0/networks/:id', (ask, { id }) => update(context, ask, id)],
    ['DELETE', '/v2.0/networks/:id', (ask, { id }) => remove(context, ask, id)],
  ];
}

/** Attributes of which policy says that only an administrator sets them. */
const adminOnly = [
  'shared',
  'router:external',
  'provider:network_type',
  'provider:physical_network',
  'provider:segmentation_id',
] as const;

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'network', createSchema);
  for (const name of adminOnly) {
    if (wish[name] !== undefined && wish[name] !== false) {
      onlyAdmin(context, ask, `create_network:${name}`);
    }
  }
  const projectId = ownerOf(context, ask, wish);
  spend(context, 'network', projectId);
  const network: Network = {
    ...newRow(context, projectId, wish),
    ...segmentOf(context, wish),
    adminStateUp: wish.admin_state_up ?? true,
    shared: wish.shared ?? false,
    external: wish['router:external'] ?? false,
    mtu: wish.mtu ?? 1500,
    portSecurity: wish.port_security_enabled ?? true,
  };
  context.state.network.networks.push(network);
  return json(201, { network: networkView(context, network) });
}

/** First VLAN given to networks that name none. */
const FIRST_FREE_VLAN = 3001;

function segmentOf({ state }: CloudContext, wish: Wish) {
  const type = wish['provider:network_type'] ?? 'vlan';
  const physical = wish['provider:physical_network'] ?? (type === 'vlan' ? 'physnet1' : null);
  const taken = new Set(
    state.network.networks
      .filter((one) => one.type === type && one.physical === physical)
      .map(({ segment }) => segment),
  );
  const wanted = wish['provider:segmentation_id'];
  if (wanted !== undefined && taken.has(wanted)) {
    throw conflict.segmentTaken(wanted, physical ?? type);
  }
  if (type === 'flat' || type === 'local') return { type, physical, segment: null };
  let segment = wanted ?? FIRST_FREE_VLAN;
  while (wanted === undefined && taken.has(segment)) segment++;
  return { type, physical, segment };
}

function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const network = find(context, networks, { ask, id });
  const wish = readWish(ask, 'network', updateSchema);
  for (const name of ['shared', 'router:external'] as const) {
    if (wish[name] !== undefined) onlyAdmin(context, ask, `update_network:${name}`);
  }
  network.adminStateUp = wish.admin_state_up ?? network.adminStateUp;
  network.shared = wish.shared ?? network.shared;
  network.external = wish['router:external'] ?? network.external;
  network.mtu = wish.mtu ?? network.mtu;
  network.portSecurity = wish.port_security_enabled ?? network.portSecurity;
  touch(context, network, wish);
  return json(200, { network: networkView(context, network) });
}

/** Ports that Neutron made itself go with their network; any other keeps it. */
function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const network = find(context, networks, { ask, id });
  const state = context.state.network;
  const held = state.ports.filter(({ networkId }) => networkId === network.id);
  if (held.some(({ deviceOwner }) => deviceOwner !== 'network:dhcp')) {
    throw conflict.networkInUse(network.id);
  }
  state.ports = state.ports.filter(({ networkId }) => networkId !== network.id);
  state.subnets = state.subnets.filter(({ networkId }) => networkId !== network.id);
  state.networks = state.networks.filter((one) => one !== network);
  return empty(204);
}

function networkView({ state }: CloudContext, network: Network) {
  const own = state.network.subnets.filter(({ networkId }) => networkId === network.id);
  return {
    ...baseView(network),
    status: network.adminStateUp ? 'ACTIVE' : 'DOWN',
    admin_state_up: network.adminStateUp,
    mtu: network.mtu,
    shared: network.shared,
    'router:external': network.external,
    'provider:network_type': network.type,
    'provider:physical_network': network.physical,
    'provider:segmentation_id': network.segment,
    port_security_enabled: network.portSecurity,
    availability_zone_hints: [],
    availability_zones: ['nova'],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    is_default: false,
    subnets: own.map(({ id }) => id),
  };
}
