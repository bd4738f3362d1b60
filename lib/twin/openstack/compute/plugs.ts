/** Servers and their ports: taken or made at the start, given back or removed at the end. */
import { type Caller, callerOf } from '../caller.ts';
import { addPort, dropPort } from '../network/ports.ts';
import type { Network, Port } from '../network/state.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import type { Ask } from '../wire.ts';
import { refuse } from './refusals.ts';
import type { Server } from './state.ts';
import type { NetworkWish, ServerWish } from './wishes.ts';

export interface Plug {
  readonly port?: Port;
  readonly network?: Network;
  readonly fixedIp?: string | undefined;
}

/** What is to be plugged in; throws 400 or 409 when something of it is not there or taken. */
export function plugsFor(context: CloudContext, ask: Ask, wish: ServerWish): readonly Plug[] {
  const caller = callerOf(context, ask);
  const { networks } = wish;
  if (networks === 'none') return [];
  if (networks === 'auto' || networks === undefined || networks.length === 0) {
    return onlyNetwork(context, caller, networks === 'auto');
  }
  const ports = networks.flatMap(({ port }) => port ?? []);
  const twice = ports.find((id, place) => ports.indexOf(id) !== place);
  if (twice !== undefined) {
    const why = 'you cannot attach a port multiple times.';
    throw refuse(400, `Port ID '${twice}' was specified twice: ${why}`);
  }
  if (ports.length > 0 && (wish.max_count ?? wish.min_count ?? 1) > 1) {
    const why = 'does not support multiple instances';
    throw refuse(400, `Specifying port id when booting ${why}.`);
  }
  return networks.map((one) => plugOf(context, caller, one));
}

/** The one network a project can have meant. */
export function onlyNetwork(
  { state }: CloudContext,
  caller: Caller,
  auto: boolean,
): readonly Plug[] {
  const own = state.network.networks.filter(
    ({ projectId, shared, external }) => !external && (projectId === caller.projectId || shared),
  );
  if (own.length > 1) {
    const hint = 'Specify network ID(s) to select which one(s) to connect to.';
    throw refuse(409, `More than one possible network found. ${hint}`);
  }
  const [network] = own;
  if (network === undefined && auto) {
    // The real server would build a network of its own here, where an administrator prepared one.
    throw refuse(400, 'Unable to automatically allocate a network for project.');
  }
  return network === undefined ? [] : [{ network }];
}

function plugOf(context: CloudContext, caller: Caller, wish: NetworkWish): Plug {
  if (wish.port) {
    if (wish.fixed_ip !== undefined) {
      const why = 'the two cannot be specified together.';
      throw refuse(
        400,
        `Specified Fixed IP '${wish.fixed_ip}' cannot be used with port '${wish.port}': ${why}`,
      );
    }
    return { port: freePort(context, caller, { id: wish.port }) };
  }
  if (wish.uuid === undefined) throw refuse(400, "Bad network format: missing 'uuid'");
  return { network: usable(context, caller, { id: wish.uuid }), fixedIp: wish.fixed_ip };
}

interface Named {
  readonly id: string;
  /** Status when it is not there: 400 in a create, 404 in a later attach. */
  readonly notFound?: 400 | 404;
}

/** A port nobody uses; 409 when it is taken. */
export function freePort(
  { state }: CloudContext,
  caller: Caller,
  { id, notFound = 400 }: Named,
): Port {
  const port = state.network.ports.find((one) => one.id === id);
  const mine = caller.admin || port?.projectId === caller.projectId;
  if (port === undefined || !mine) throw refuse(notFound, `Port id ${id} could not be found.`);
  if (port.deviceId !== '') throw refuse(409, `Port ${port.id} is still in use.`);
  return port;
}

export function usable(
  { state }: CloudContext,
  caller: Caller,
  { id, notFound = 400 }: Named,
): Network {
  const network = state.network.networks.find((one) => one.id === id);
  const mine = caller.admin || network?.shared || network?.projectId === caller.projectId;
  if (network === undefined || !mine) throw refuse(notFound, `Network ${id} could not be found.`);
  if (network.external && !network.shared && !caller.admin) {
    throw refuse(403, `It is not allowed to create an interface on external network ${id}`);
  }
  if (!state.network.subnets.some(({ networkId }) => networkId === id)) {
    throw refuse(400, `Network ${id} requires a subnet in order to boot instances on.`);
  }
  return network;
}

/**
 * Plugs the server in, all or nothing. What Neutron refuses comes back in Nova's own envelope.
 */
export function plugIn(context: CloudContext, server: Server, plugs: readonly Plug[]): Port[] {
  const made: Port[] = [];
  try {
    for (const { network, fixedIp } of plugs) {
      if (network !== undefined) made.push(ownPort(context, server, { network, fixedIp }));
    }
  } catch (error) {
    for (const port of made) dropPort(context, port);
    throw error instanceof Refusal ? translated(error) : error;
  }
  const given = plugs.flatMap(({ port }) => port ?? []);
  for (const port of given) {
    Object.assign(port, { deviceId: server.id, deviceOwner: ownerIn(context, server) });
  }
  return [...made, ...given];
}

function ownPort(context: CloudContext, server: Server, { network, fixedIp }: Plug): Port {
  if (network === undefined) throw refuse(400, 'Network not found');
  const groups = server.securityGroups.flatMap((wanted) => {
    const group = context.state.network.groups.find(
      ({ id, name, projectId }) =>
        wanted === id || (wanted === name && projectId === server.projectId),
    );
    return group === undefined ? [] : [group.id];
  });
  return addPort(context, network, {
    projectId: server.projectId,
    device_id: server.id,
    device_owner: ownerIn(context, server),
    fixed_ips: fixedIp === undefined ? undefined : [{ ip_address: fixedIp }],
    security_groups: network.portSecurity ? groups : [],
    ownedByServer: true,
  });
}

const ownerIn = ({ seed }: CloudContext, server: Server): string =>
  `compute:${server.wantedZone ?? seed.hosts[0]?.zone ?? 'nova'}`;

/** Quota of ports: 403; no address left or one taken: 400. */
function translated({ answer }: Refusal): Refusal {
  const over = answer.body.includes('OverQuota');
  if (over) return refuse(403, 'Maximum number of ports exceeded');
  const taken = /IP address (\S+) already allocated/.exec(answer.body)?.[1];
  if (taken !== undefined) {
    return refuse(400, `Fixed IP address ${taken} is already in use on instance.`);
  }
  return refuse(400, 'No fixed IP addresses available for network.');
}

/** Ports Nova made go with the server; ports it was given are free again. */
export function unplugAll(context: CloudContext, serverId: string): void {
  const own = context.state.network.ports.filter(({ deviceId }) => deviceId === serverId);
  for (const port of own) unplug(context, port);
}

export function unplug(context: CloudContext, port: Port): void {
  if (port.ownedByServer) dropPort(context, port);
  else Object.assign(port, { deviceId: '', deviceOwner: '', hostId: '' });
}

/** The host that carries the server binds its ports. */
export function bindPorts({ state }: CloudContext, server: Server): void {
  for (const port of state.network.ports) {
    if (port.deviceId === server.id) port.hostId = server.host ?? '';
  }
}
