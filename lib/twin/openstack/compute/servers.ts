/** Servers: shown, renamed, deleted. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { createServer } from './create.ts';
import { findServer, refuseLocked } from './find.ts';
import { record } from './history.ts';
import { isUp } from './hosts.ts';
import { listServers } from './lists.ts';
import { readNova, refuseUnknown } from './refusals.ts';
import { PACE, remove, SLOW_DELETE_MS } from './settle.ts';
import type { Server } from './state.ts';
import { detail } from './views.ts';
import { serverName } from './wishes.ts';

const updateSchema = z.strictObject({
  server: z.strictObject({
    name: serverName.optional(),
    description: z.string().max(255).nullable().optional(),
    hostname: z.string().max(255).optional(),
    'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional(),
    accessIPv4: z.string().optional(),
    accessIPv6: z.string().optional(),
  }),
});
const updateKeys = { description: [19], hostname: [90] } as const;
export function serverRoutes(context: CloudContext): readonly Route[] {
  const root = '/servers/:id';
  type Doing = (context: CloudContext, server: Server, ask: Ask) => HttpResponse;
  const line = (method: string, path: string, doing: Doing): Route => [
    method,
    path,
    (ask, { id }) => doing(context, findServer(context, ask, { id }), ask),
  ];
  return [
    ['GET', '/servers', (ask) => listServers(context, ask, false)],
    ['GET', '/servers/detail', (ask) => listServers(context, ask, true)],
    ['POST', '/servers', (ask) => createServer(context, ask)],
    line('GET', root, shown),
    line('PUT', root, update),
    line('DELETE', root, deleteServer),
    line('GET', `${root}/os-security-groups`, groupsOf),
    line('GET', `${root}/ips`, addressesOf),
  ];
}

function shown(context: CloudContext, server: Server, ask: Ask): HttpResponse {
  const viewer = { minor: ask.minor, caller: callerOf(context, ask) };
  return json(200, { server: detail(context, server, viewer) });
}

function update(context: CloudContext, server: Server, ask: Ask): HttpResponse {
  const wish = readNova(ask, updateSchema).server;
  refuseUnknown(ask.minor, wish, updateKeys);
  server.name = wish.name ?? server.name;
  if (wish.description !== undefined) server.description = wish.description;
  server.hostname = wish.hostname ?? server.hostname;
  server.updatedAt = context.clock.now();
  return shown(context, server, ask);
}

/**
 * Deleting twice is accepted twice; the second changes nothing. Where the host is down, Nova
 * clears the row away itself, and at once.
 */
export function deleteServer(context: CloudContext, server: Server, ask: Ask): HttpResponse {
  refuseLocked(context, ask, server);
  const now = context.clock.now();
  if (server.task?.name === 'deleting') return empty(204);
  record(context, ask, { server, action: 'delete' });
  // No host has it yet: what is deleted is the wish, and at once.
  if (server.vmState === 'building' && server.host === null) {
    remove(context, server, now);
    return empty(204);
  }
  if (server.host !== null && !isUp(context, server.host)) {
    remove(context, server, now);
    return empty(204);
  }
  const tookMs = hasFault(context, 'slow-delete') ? SLOW_DELETE_MS : PACE.deleting;
  server.task = { name: 'deleting', since: now, tookMs, toHost: null };
  return empty(204);
}

function groupsOf({ state }: CloudContext, server: Server): HttpResponse {
  const found = state.network.groups.filter(
    ({ id, name, projectId }) =>
      server.securityGroups.includes(id) ||
      (projectId === server.projectId && server.securityGroups.includes(name)),
  );
  const view = found.map(({ id, name, description, projectId }) => ({
    id,
    name,
    description,
    tenant_id: projectId,
    rules: [],
  }));
  return json(200, { security_groups: view });
}

function addressesOf(context: CloudContext, server: Server, ask: Ask): HttpResponse {
  const viewer = { minor: ask.minor, caller: callerOf(context, ask) };
  return json(200, { addresses: detail(context, server, viewer).addresses });
}
