/** What was done to servers: instance actions, and the migrations that evacuations are. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, type Route } from '../wire.ts';
import { findServer } from './find.ts';
import { times } from './moments.ts';
import { onlyAdmin, refuse } from './refusals.ts';
import type { Deed, Migration, Server } from './state.ts';

/** Writes an action down; Nova names it after the request that asked for it. */
export function record(
  context: CloudContext,
  ask: Ask,
  { server, action }: { readonly server: Server; readonly action: string },
): void {
  const { userId, projectId } = callerOf(context, ask);
  context.state.compute.deeds.push({
    serverId: server.id,
    requestId: ask.requestId,
    action,
    userId,
    projectId,
    startedAt: context.clock.now(),
    finishedAt: null,
  });
}

/** The newest action of the server is over. */
export function finish({ state }: CloudContext, serverId: string, at: number): void {
  const deed = state.compute.deeds.findLast((one) => one.serverId === serverId);
  if (deed !== undefined) deed.finishedAt ??= at;
}

export function historyRoutes(context: CloudContext): readonly Route[] {
  const root = '/servers/:id/os-instance-actions';
  return [
    ['GET', root, (ask, { id }) => list(context, ask, id)],
    ['GET', `${root}/:request`, (ask, { id, request }) => show(context, ask, { id, request })],
    ['GET', '/os-migrations', (ask) => migrations(context, ask)],
  ];
}

function list(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const server = findServer(context, ask, { id, deletedToo: ask.minor >= 21 });
  const own = context.state.compute.deeds.filter(({ serverId }) => serverId === server.id);
  return json(200, { instanceActions: own.reverse().map((deed) => deedView(deed, ask.minor)) });
}

interface Which {
  readonly id: string | undefined;
  readonly request: string | undefined;
}

function show(context: CloudContext, ask: Ask, { id, request }: Which): HttpResponse {
  const server = findServer(context, ask, { id, deletedToo: ask.minor >= 21 });
  const deed = context.state.compute.deeds.find(
    (one) => one.serverId === server.id && one.requestId === request,
  );
  if (deed === undefined) throw refuse(404, `Action ${request} not found`);
  const event = {
    event: `compute_${deed.action}_instance`,
    start_time: times.micro(deed.startedAt),
    finish_time: deed.finishedAt === null ? null : times.micro(deed.finishedAt),
    result: deed.finishedAt === null ? null : 'Success',
    traceback: null,
    ...(ask.minor >= 62 ? { hostId: '', host: server.host } : {}),
    ...(ask.minor >= 84 ? { details: null } : {}),
  };
  return json(200, { instanceAction: { ...deedView(deed, ask.minor), events: [event] } });
}

const deedView = (deed: Deed, minor: number) => ({
  action: deed.action,
  instance_uuid: deed.serverId,
  request_id: deed.requestId,
  user_id: deed.userId,
  project_id: deed.projectId,
  start_time: times.micro(deed.startedAt),
  message: null,
  ...(minor >= 58 ? { updated_at: times.micro(deed.finishedAt ?? deed.startedAt) } : {}),
});

/** Evacuations only: nothing else moves servers here. */
function migrations(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-migrations:index');
  const { query, minor } = ask;
  const found = context.state.compute.migrations.filter(
    (one) =>
      (query.get('instance_uuid') ?? one.serverId) === one.serverId &&
      (query.get('status') ?? one.status) === one.status &&
      (query.get('source_compute') ?? one.source) === one.source &&
      (query.get('migration_type') ?? 'evacuation') === 'evacuation',
  );
  return json(200, { migrations: found.map((one) => migrationView(one, minor)) });
}

const migrationView = (one: Migration, minor: number) => ({
  id: one.id,
  instance_uuid: one.serverId,
  source_compute: one.source,
  source_node: one.source,
  dest_compute: one.target,
  dest_node: one.target,
  dest_host: null,
  status: one.status,
  old_instance_type_id: 1,
  new_instance_type_id: 1,
  created_at: times.micro(one.createdAt),
  updated_at: times.micro(one.updatedAt),
  ...(minor >= 23 ? { migration_type: 'evacuation', links: [] } : {}),
  ...(minor >= 59 ? { uuid: one.uuid } : {}),
  ...(minor >= 80 ? { user_id: null, project_id: null } : {}),
});
