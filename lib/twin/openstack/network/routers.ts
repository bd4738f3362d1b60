/** Routers: legs in inner networks, a gateway to an external one. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { overlap } from './addresses.ts';
import { type Collection, find, reads } from './collections.ts';
import { networks } from './networks.ts';
import { addPort, dropPort, ports } from './ports.ts';
import { badRequest, badRouter, conflict, missing } from './refusals.ts';
import { baseView, newRow, ownerOf, ownRow, spend, touch } from './rows.ts';
import type { Port, Router, Subnet } from './state.ts';
import { subnets } from './subnets.ts';
import { common, ipv4, readBare, readWish } from './wishes.ts';

const gatewaySchema = z.strictObject({
  network_id: z.string(),
  enable_snat: z.boolean().optional(),
  external_fixed_ips: z
    .array(z.strictObject({ ip_address: ipv4.optional(), subnet_id: z.string().optional() }))
    .optional(),
});
const changeable = {
  name: common.name,
  description: common.description,
  admin_state_up: z.boolean().optional(),
  /** An empty object or null takes the gateway away. */
  external_gateway_info: z
    .union([gatewaySchema, z.strictObject({}).transform(() => null), z.null()])
    .optional(),
  routes: z.array(z.strictObject({ destination: z.cidrv4(), nexthop: ipv4 })).optional(),
};
const createSchema = z.strictObject({
  ...changeable,
  project_id: common.project_id,
  tenant_id: common.tenant_id,
  availability_zone_hints: z.array(z.string()).optional(),
});
const updateSchema = z.strictObject(changeable);
const legSchema = z.strictObject({
  subnet_id: z.string().optional(),
  port_id: z.string().optional(),
});

export const routers: Collection<Router> = {
  one: 'router',
  many: 'routers',
  rows: ({ state }) => state.network.routers,
  visible: ownRow,
  view: routerView,
  gone: (id) => missing('router', id),
};

export function routerRoutes(context: CloudContext): readonly Route[] {
  const root = '/v2.0/routers';
  return [
    ...reads(context, routers),
    ['POST', root, (ask) => create(context, ask)],
    ['PUT', `${root}/:id`, (ask, { id }) => update(context, ask, id)],
    ['DELETE', `${root}/:id`, (ask, { id }) => remove(context, ask, id)],
    ['PUT', `${root}/:id/add_router_interface`, (ask, { id }) => plug(context, ask, id)],
    ['PUT', `${root}/:id/remove_router_interface`, (ask, { id }) => unplug(context, ask, id)],
  ];
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'router', createSchema);
  const projectId = ownerOf(context, ask, wish);
  spend(context, 'router', projectId);
  const router: Router = {
    ...newRow(context, projectId, wish),
    adminStateUp: wish.admin_state_up ?? true,
    gateway: null,
    routes: wish.routes ?? [],
  };
  setGateway(context, router, { ask, wish: wish.external_gateway_info });
  context.state.network.routers.push(router);
  return json(201, { router: routerView(context, router) });
}

function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const router = find(context, routers, { ask, id });
  const wish = readWish(ask, 'router', updateSchema);
  setGateway(context, router, { ask, wish: wish.external_gateway_info });
  router.adminStateUp = wish.admin_state_up ?? router.adminStateUp;
  router.routes = wish.routes ?? router.routes;
  touch(context, router, wish);
  return json(200, { router: routerView(context, router) });
}

interface GatewayWish {
  readonly ask: Ask;
  readonly wish: z.infer<typeof gatewaySchema> | null | undefined;
}

function setGateway(context: CloudContext, router: Router, { ask, wish }: GatewayWish): void {
  if (wish === undefined) return;
  const { network } = context.state;
  const old = router.gateway;
  if (wish?.network_id === old?.networkId) return;
  const goal = wish === null ? undefined : find(context, networks, { ask, id: wish.network_id });
  if (goal !== undefined && !goal.external) {
    throw badRouter(`Network ${goal.id} is not an external network`);
  }
  if (old !== null && network.floatingIps.some(({ routerId }) => routerId === router.id)) {
    throw conflict.routerGatewayFloating(router.id, old.networkId);
  }
  const held = network.ports.find(({ id }) => id === old?.portId);
  router.gateway = null;
  if (goal !== undefined && wish !== null) {
    const owner = { device_id: router.id, device_owner: 'network:router_gateway' };
    // Ports of gateways belong to nobody, as in the real server, so that no project pays for them.
    const port = addPort(context, goal, {
      ...owner,
      projectId: '',
      fixed_ips: wish.external_fixed_ips,
      security_groups: [],
    });
    const snat = wish.enable_snat ?? true;
    router.gateway = { networkId: goal.id, portId: port.id, snat };
  }
  if (held !== undefined) dropPort(context, held);
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const router = find(context, routers, { ask, id });
  const { network } = context.state;
  if (legsOf(context, router).length > 0) throw conflict.routerInUse(router.id);
  const gateway = network.ports.find(({ id: port }) => port === router.gateway?.portId);
  if (gateway !== undefined) dropPort(context, gateway);
  network.routers = network.routers.filter((one) => one !== router);
  return empty(204);
}

const LEG = 'network:router_interface';

const legsOf = ({ state }: CloudContext, router: Router): readonly Port[] =>
  state.network.ports.filter(
    ({ deviceId, deviceOwner }) => deviceId === router.id && deviceOwner === LEG,
  );

function plug(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const router = find(context, routers, { ask, id });
  const wish = readBare(ask, legSchema);
  if (wish.subnet_id !== undefined && wish.port_id !== undefined) {
    throw badRouter('Cannot specify both subnet-id and port-id');
  }
  if (wish.port_id !== undefined) return plugPort(context, router, { ask, id: wish.port_id });
  if (wish.subnet_id === undefined) {
    throw badRouter('Either subnet_id or port_id must be specified');
  }
  const subnet = find(context, subnets, { ask, id: wish.subnet_id });
  if (subnet.gatewayIp === null)
    throw badRouter('Subnet for router interface must have a gateway IP');
  refuseOverlap(context, router, subnet);
  const network = find(context, networks, { ask, id: subnet.networkId });
  const port = addPort(context, network, {
    projectId: router.projectId,
    device_id: router.id,
    device_owner: LEG,
    fixed_ips: [{ subnet_id: subnet.id, ip_address: subnet.gatewayIp }],
    security_groups: [],
    port_security_enabled: false,
  });
  return json(200, legView(router, port));
}

function plugPort(
  context: CloudContext,
  router: Router,
  { ask, id }: { readonly ask: Ask; readonly id: string },
): HttpResponse {
  const port = find(context, ports, { ask, id });
  if (port.deviceId !== '') throw conflict.portInUse(port.id, port.networkId, port.deviceId);
  const first = port.fixedIps[0];
  if (first === undefined) throw badRouter('Router port must have at least one fixed IP');
  refuseOverlap(context, router, find(context, subnets, { ask, id: first.subnetId }));
  Object.assign(port, { deviceId: router.id, deviceOwner: LEG });
  touch(context, port);
  return json(200, legView(router, port));
}

function refuseOverlap(context: CloudContext, router: Router, subnet: Subnet): void {
  const reached = legsOf(context, router).flatMap(({ fixedIps }) =>
    fixedIps.map(({ subnetId }) => subnetId),
  );
  if (reached.includes(subnet.id)) {
    throw badRouter(`Router already has a port on subnet ${subnet.id}`);
  }
  const other = context.state.network.subnets.find(
    ({ id, cidr }) => reached.includes(id) && overlap(cidr, subnet.cidr),
  );
  if (other === undefined) return;
  const [mine, theirs] = [`Cidr ${subnet.cidr} of subnet ${subnet.id}`, `cidr ${other.cidr}`];
  throw badRouter(`${mine} overlaps with ${theirs} of subnet ${other.id}`);
}

function unplug(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const router = find(context, routers, { ask, id });
  const wish = readBare(ask, legSchema);
  if (wish.port_id === undefined && wish.subnet_id === undefined) {
    throw badRequest('Either subnet_id or port_id must be specified');
  }
  const leg = legsOf(context, router).find(
    (port) =>
      port.id === wish.port_id || port.fixedIps.some(({ subnetId }) => subnetId === wish.subnet_id),
  );
  if (leg === undefined) {
    throw wish.subnet_id === undefined
      ? conflict.noInterfacePort(router.id, wish.port_id ?? '')
      : conflict.noInterface(router.id, wish.subnet_id);
  }
  const subnetId = leg.fixedIps[0]?.subnetId ?? '';
  const { floatingIps, ports: all } = context.state.network;
  const goals = all.filter(({ fixedIps }) => fixedIps.some((one) => one.subnetId === subnetId));
  const used = floatingIps.some(
    ({ portId, routerId }) => routerId === router.id && goals.some((port) => port.id === portId),
  );
  if (used) throw conflict.routerInterfaceFloating(router.id, subnetId);
  dropPort(context, leg);
  return json(200, legView(router, leg));
}

const legView = (router: Router, port: Port) => ({
  id: router.id,
  tenant_id: router.projectId,
  project_id: router.projectId,
  port_id: port.id,
  network_id: port.networkId,
  subnet_id: port.fixedIps[0]?.subnetId ?? null,
  subnet_ids: port.fixedIps.map(({ subnetId }) => subnetId),
  tags: [],
});

function routerView({ state }: CloudContext, router: Router) {
  const { gateway } = router;
  const port = state.network.ports.find(({ id }) => id === gateway?.portId);
  const outside = port?.fixedIps.map(({ subnetId, ip }) => ({
    subnet_id: subnetId,
    ip_address: ip,
  }));
  return {
    ...baseView(router),
    status: 'ACTIVE',
    admin_state_up: router.adminStateUp,
    external_gateway_info: gateway && {
      network_id: gateway.networkId,
      enable_snat: gateway.snat,
      external_fixed_ips: outside ?? [],
    },
    routes: router.routes,
    distributed: false,
    ha: false,
    flavor_id: null,
    availability_zone_hints: [],
    availability_zones: ['nova'],
  };
}
