/** Floating addresses: an address of an external network that leads to a port inside. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { type Collection, find, reads } from './collections.ts';
import { networks } from './networks.ts';
import { addPort, dropPort, ports } from './ports.ts';
import { badRequest, conflict, missing } from './refusals.ts';
import { baseView, newRow, ownerOf, ownRow, spend, touch } from './rows.ts';
import type { FloatingIp } from './state.ts';
import { common, ipv4, readWish } from './wishes.ts';

const changeable = {
  description: common.description,
  port_id: z.string().nullable().optional(),
  fixed_ip_address: ipv4.nullable().optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  project_id: common.project_id,
  tenant_id: common.tenant_id,
  floating_network_id: z.string(),
  subnet_id: z.string().optional(),
  floating_ip_address: ipv4.optional(),
});
const updateSchema = z.strictObject(changeable);

const floatingIps: Collection<FloatingIp> = {
  one: 'floatingip',
  many: 'floatingips',
  rows: ({ state }) => state.network.floatingIps,
  visible: ownRow,
  view: (_, row) => floatingView(row),
  gone: (id) => missing('floatingip', id),
};

export function floatingRoutes(context: CloudContext): readonly Route[] {
  return [
    ...reads(context, floatingIps),
    ['POST', '/v2.0/floatingips', (ask) => create(context, ask)],
    ['PUT', '/v2.0/floatingips/:id', (ask, { id }) => update(context, ask, id)],
    ['DELETE', '/v2.0/floatingips/:id', (ask, { id }) => remove(context, ask, id)],
  ];
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'floatingip', createSchema);
  const network = find(context, networks, { ask, id: wish.floating_network_id });
  if (!network.external) {
    throw badRequest(`Network ${network.id} is not a valid external network`);
  }
  const projectId = ownerOf(context, ask, wish);
  spend(context, 'floatingip', projectId);
  const row = newRow(context, projectId, wish);
  const goal = goalOf(context, { ask, wish, external: network.id });
  const address = { ip_address: wish.floating_ip_address, subnet_id: wish.subnet_id };
  const asked = address.ip_address !== undefined || address.subnet_id !== undefined;
  const own = addPort(context, network, {
    projectId: '',
    device_id: row.id,
    device_owner: 'network:floatingip',
    fixed_ips: asked ? [address] : undefined,
    security_groups: [],
  });
  const floating: FloatingIp = {
    ...row,
    networkId: network.id,
    ip: own.fixedIps[0]?.ip ?? '',
    ownPort: own.id,
    ...goal,
  };
  context.state.network.floatingIps.push(floating);
  return json(201, { floatingip: floatingView(floating) });
}

const NOWHERE = { portId: null, fixedIp: null, routerId: null } as const;

interface Goal {
  readonly ask: Ask;
  readonly wish: z.infer<typeof updateSchema>;
  readonly external: string;
}

/** Where it shall lead: the port, and the router through which that port is reached. */
function goalOf(context: CloudContext, { ask, wish, external }: Goal) {
  if (!wish.port_id) return NOWHERE;
  const { network } = context.state;
  const port = find(context, ports, { ask, id: wish.port_id });
  const fixed = port.fixedIps.find(({ ip }) => ip === (wish.fixed_ip_address ?? ip));
  if (fixed === undefined) throw badRequest(`Port ${port.id} has no such fixed IP`);
  if (network.floatingIps.some((one) => one.portId === port.id && one.fixedIp === fixed.ip)) {
    throw conflict.floatingTaken(port.id, fixed.ip);
  }
  const legs = network.ports.filter(
    ({ deviceOwner, fixedIps }) =>
      deviceOwner === 'network:router_interface' &&
      fixedIps.some(({ subnetId }) => subnetId === fixed.subnetId),
  );
  const router = network.routers.find(
    ({ id, gateway }) =>
      gateway?.networkId === external && legs.some(({ deviceId }) => deviceId === id),
  );
  if (router === undefined) throw conflict.floatingUnreachable(external, fixed.subnetId);
  return { portId: port.id, fixedIp: fixed.ip, routerId: router.id };
}

/** `port_id: null` takes it off its port; left out changes nothing. */
function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const floating = find(context, floatingIps, { ask, id });
  const wish = readWish(ask, 'floatingip', updateSchema);
  if (wish.port_id !== undefined && wish.port_id !== floating.portId) {
    Object.assign(floating, goalOf(context, { ask, wish, external: floating.networkId }));
  }
  touch(context, floating, wish);
  return json(200, { floatingip: floatingView(floating) });
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const floating = find(context, floatingIps, { ask, id });
  const { network } = context.state;
  const own = network.ports.find((port) => port.id === floating.ownPort);
  if (own !== undefined) dropPort(context, own);
  network.floatingIps = network.floatingIps.filter((one) => one !== floating);
  return empty(204);
}

function floatingView(floating: FloatingIp) {
  const { name: _, ...base } = baseView(floating);
  return {
    ...base,
    floating_network_id: floating.networkId,
    floating_ip_address: floating.ip,
    port_id: floating.portId,
    fixed_ip_address: floating.fixedIp,
    router_id: floating.routerId,
    status: floating.portId === null ? 'DOWN' : 'ACTIVE',
    dns_domain: '',
    dns_name: '',
    port_details: null,
    port_forwardings: [],
  };
}
