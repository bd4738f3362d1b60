/** Ports of a server: listed, plugged in and out while it exists. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { Port } from '../network/state.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { findServer, requireIdle } from './find.ts';
import { finish, record } from './history.ts';
import { bindPorts, freePort, onlyNetwork, type Plug, plugIn, unplug, usable } from './plugs.ts';
import { invalid, readNova, refuse, unexpected } from './refusals.ts';
import type { Server } from './state.ts';
import { tagSchema } from './wishes.ts';

const attachSchema = z.strictObject({
  interfaceAttachment: z.strictObject({
    port_id: z.string().optional(),
    net_id: z.string().optional(),
    fixed_ips: z
      .array(z.strictObject({ ip_address: z.ipv4() }))
      .length(1)
      .optional(),
    tag: tagSchema.optional(),
  }),
});
type Wish = z.infer<typeof attachSchema>['interfaceAttachment'];
const SINCE = { tag: 49, shownTag: 70 } as const;

export function interfaceRoutes(context: CloudContext): readonly Route[] {
  const root = '/servers/:id/os-interface';
  const of = (ask: Ask, id: string | undefined) => findServer(context, ask, { id });
  return [
    ['GET', root, (ask, { id }) => list(context, ask, of(ask, id))],
    ['POST', root, (ask, { id }) => attach(context, ask, of(ask, id))],
    [
      'GET',
      `${root}/:port`,
      (ask, { id, port = '' }) => show(context, { ask, server: of(ask, id), port }),
    ],
    [
      'DELETE',
      `${root}/:port`,
      (ask, { id, port = '' }) => detach(context, { ask, server: of(ask, id), port }),
    ],
  ];
}

const view = (port: Port, minor: number) => ({
  net_id: port.networkId,
  port_id: port.id,
  mac_addr: port.mac,
  port_state: port.adminStateUp ? 'ACTIVE' : 'DOWN',
  fixed_ips: port.fixedIps.map(({ subnetId, ip }) => ({ subnet_id: subnetId, ip_address: ip })),
  ...(minor >= SINCE.shownTag ? { tag: null } : {}),
});

const portsOf = ({ state }: CloudContext, server: Server): readonly Port[] =>
  state.network.ports.filter(({ deviceId }) => deviceId === server.id);

function list(context: CloudContext, { minor }: Ask, server: Server): HttpResponse {
  const views = portsOf(context, server).map((port) => view(port, minor));
  return json(200, { interfaceAttachments: views });
}

interface Which {
  readonly ask: Ask;
  readonly server: Server;
  readonly port: string;
}

function show(context: CloudContext, { ask, server, port: id }: Which): HttpResponse {
  const port = portsOf(context, server).find((one) => one.id === id);
  if (port === undefined) {
    throw refuse(404, `Instance ${server.id} does not have a port with id ${id}`);
  }
  return json(200, { interfaceAttachment: view(port, ask.minor) });
}

function attach(context: CloudContext, ask: Ask, server: Server): HttpResponse {
  const wish = ask.body === '' ? {} : readNova(ask, attachSchema).interfaceAttachment;
  if (wish.tag !== undefined && ask.minor < SINCE.tag) {
    throw invalid('interfaceAttachment', unexpected(['tag']));
  }
  const states = { action: 'attach_interface', vmStates: ['active', 'stopped'] } as const;
  requireIdle(context, { ask, server }, states);
  const plugged = plugIn(context, server, plugsOf(context, ask, wish));
  bindPorts(context, server);
  record(context, ask, { server, action: 'attach_interface' });
  finish(context, server.id, context.clock.now());
  const [port] = plugged;
  if (port === undefined)
    throw refuse(400, 'No specific network was requested and none is available');
  return json(200, { interfaceAttachment: view(port, ask.minor) });
}

function plugsOf(context: CloudContext, ask: Ask, wish: Wish): readonly Plug[] {
  const caller = callerOf(context, ask);
  const { port_id: port, net_id: network } = wish;
  const fixedIp = wish.fixed_ips?.[0]?.ip_address;
  if (port !== undefined && network !== undefined) {
    throw refuse(400, 'Must not input both network_id and port_id');
  }
  if (fixedIp !== undefined && network === undefined) {
    throw refuse(400, 'Must input network_id when request IP address');
  }
  const notFound = 404;
  if (port !== undefined) return [{ port: freePort(context, caller, { id: port, notFound }) }];
  if (network === undefined) return onlyNetwork(context, caller, false);
  return [{ network: usable(context, caller, { id: network, notFound }), fixedIp }];
}

/** Accepted whether the server has the port or not, as the real one does. */
function detach(context: CloudContext, { ask, server, port: id }: Which): HttpResponse {
  const states = { action: 'detach_interface', vmStates: ['active', 'stopped'] } as const;
  requireIdle(context, { ask, server }, states);
  const port = portsOf(context, server).find((one) => one.id === id);
  if (port !== undefined) unplug(context, port);
  record(context, ask, { server, action: 'detach_interface' });
  finish(context, server.id, context.clock.now());
  return empty(202);
}
