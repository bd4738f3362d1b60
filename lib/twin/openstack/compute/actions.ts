/** `POST /servers/<id>/action`: one table of what can be done to a server, and when. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { evacuate } from './evacuate.ts';
import { findServer, requireIdle } from './find.ts';
import { finish, record } from './history.ts';
import { createImage } from './images.ts';
import { invalid, onlyAdmin, refuse, unexpected } from './refusals.ts';
import { deleteServer } from './servers.ts';
import { PACE } from './settle.ts';
import type { Server, TaskName } from './state.ts';

export interface Deed<T> {
  readonly ask: Ask;
  readonly server: Server;
  readonly wish: T;
}

interface Action {
  readonly run: (context: CloudContext, deed: Deed<unknown>) => HttpResponse;
}

/** An action with its schema; a body that does not fit is the 400 of the real one. */
function action<T>(
  name: string,
  schema: z.ZodType<T>,
  run: (context: CloudContext, deed: Deed<T>) => HttpResponse,
): readonly [string, Action] {
  const checked = (context: CloudContext, { wish, ...deed }: Deed<unknown>) => {
    const result = schema.safeParse(wish);
    if (result.success) return run(context, { ...deed, wish: result.data });
    const [issue] = result.error.issues;
    const path = [name, ...(issue?.path ?? [])].join('/');
    const why = issue?.code === 'unrecognized_keys' ? unexpected(issue.keys) : issue?.message;
    throw invalid(path, why ?? 'Malformed request body');
  };
  return [name, { run: checked }];
}

const anything = z.unknown();

const actions: ReadonlyMap<string, Action> = new Map([
  action('os-start', anything, (context, deed) =>
    begin(context, deed, { task: 'powering-on', action: 'start', vmStates: ['stopped'] }),
  ),
  action('os-stop', anything, (context, deed) =>
    begin(context, deed, { task: 'powering-off', action: 'stop', vmStates: ['active', 'error'] }),
  ),
  action(
    'reboot',
    z.strictObject({ type: z.enum(['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']) }),
    (context, deed) => {
      const soft = deed.wish.type.toLowerCase() === 'soft';
      return begin(context, deed, {
        task: soft ? 'rebooting' : 'rebooting_hard',
        action: 'reboot',
        vmStates: soft ? ['active'] : ['active', 'stopped', 'error'],
      });
    },
  ),
  action(
    'lock',
    z.strictObject({ locked_reason: z.string().max(255).optional() }).nullable(),
    lock,
  ),
  action('unlock', anything, unlock),
  action('os-resetState', z.strictObject({ state: z.enum(['active', 'error']) }), resetState),
  action('forceDelete', anything, (context, { server, ask }) => {
    deleteServer(context, server, ask);
    return empty(202);
  }),
  action(
    'os-getConsoleOutput',
    z.strictObject({ length: z.union([z.int(), z.string(), z.null()]).optional() }),
    consoleOutput,
  ),
  action(
    'createImage',
    z.strictObject({
      name: z.string().min(1).max(255),
      metadata: z.record(z.string(), z.string().max(255)).default({}),
    }),
    createImage,
  ),
  action(
    'evacuate',
    z.strictObject({
      host: z.string().optional(),
      adminPass: z.string().optional(),
      onSharedStorage: z.union([z.boolean(), z.string()]).optional(),
      force: z.union([z.boolean(), z.string()]).optional(),
    }),
    evacuate,
  ),
  action('addSecurityGroup', z.strictObject({ name: z.string() }), (context, deed) =>
    setGroups(context, deed, [...deed.server.securityGroups, deed.wish.name]),
  ),
  action('removeSecurityGroup', z.strictObject({ name: z.string() }), (context, deed) => {
    const { server, wish } = deed;
    if (!server.securityGroups.includes(wish.name)) {
      const why = `not associated with the instance ${server.id}`;
      throw refuse(404, `Security group ${wish.name} ${why}`);
    }
    return setGroups(
      context,
      deed,
      server.securityGroups.filter((one) => one !== wish.name),
    );
  }),
]);

/** What the real Nova can do as well, and this one says honestly that it does not. */
const notSimulated = [
  ...['pause', 'unpause', 'suspend', 'resume', 'rescue', 'unrescue', 'shelve', 'unshelve'],
  ...['shelveOffload', 'resize', 'confirmResize', 'revertResize', 'rebuild', 'migrate'],
  ...['os-migrateLive', 'restore', 'createBackup', 'changePassword', 'trigger_crash_dump'],
];

export function actionRoutes(context: CloudContext): readonly Route[] {
  return [['POST', '/servers/:id/action', (ask, { id }) => act(context, ask, id)]];
}

function act(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const body = bodyOf(ask);
  const [name = ''] = Object.keys(body);
  const found = actions.get(name);
  if (found === undefined && notSimulated.includes(name)) {
    throw refuse(501, `The simulated Nova does not do ${name}.`);
  }
  if (found === undefined) throw refuse(400, `There is no such action: ${name}`);
  const server = findServer(context, ask, { id });
  return found.run(context, { ask, server, wish: body[name] });
}

function bodyOf({ body }: Ask): Readonly<Record<string, unknown>> {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(body));
    if (parsed.success && Object.keys(parsed.data).length === 1) return parsed.data;
  } catch {
    throw refuse(400, 'Malformed request body');
  }
  throw refuse(400, 'Malformed request body');
}

interface Start {
  readonly task: TaskName;
  readonly action: string;
  readonly vmStates: readonly Server['vmState'][];
}

function begin(
  context: CloudContext,
  deed: Deed<unknown>,
  { task, action: name, vmStates }: Start,
): HttpResponse {
  const { server, ask } = deed;
  requireIdle(context, deed, { action: name, vmStates });
  const since = context.clock.now();
  server.task = { name: task, since, tookMs: PACE[task], toHost: null };
  server.updatedAt = since;
  record(context, ask, { server, action: name });
  return empty(202);
}

const REASON_SINCE = 73;

function lock(
  context: CloudContext,
  { ask, server, wish }: Deed<{ locked_reason?: string | undefined } | null>,
): HttpResponse {
  if (wish !== null && ask.minor < REASON_SINCE) {
    throw invalid('lock', `Value: ${JSON.stringify(wish)}. is not of type 'null'`);
  }
  const owner = callerOf(context, ask).userId === server.userId;
  // A lock of an administrator stays one, whoever locks after them.
  if (owner && server.lock?.by === 'admin') return empty(202);
  server.lock = { by: owner ? 'owner' : 'admin', reason: wish?.locked_reason ?? null };
  record(context, ask, { server, action: 'lock' });
  finish(context, server.id, context.clock.now());
  return empty(202);
}

function unlock(context: CloudContext, { ask, server }: Deed<unknown>): HttpResponse {
  if (server.lock?.by === 'admin') {
    onlyAdmin(context, ask, 'os_compute_api:os-lock-server:unlock:unlock_override');
  }
  server.lock = null;
  record(context, ask, { server, action: 'unlock' });
  finish(context, server.id, context.clock.now());
  return empty(202);
}

/** Changes the row and nothing else, whatever the server is doing: that is the hazard of it. */
function resetState(
  context: CloudContext,
  { ask, server, wish }: Deed<{ state: 'active' | 'error' }>,
): HttpResponse {
  onlyAdmin(context, ask, 'os_compute_api:os-admin-actions:reset_state');
  server.vmState = wish.state;
  server.task = null;
  server.updatedAt = context.clock.now();
  record(context, ask, { server, action: 'reset_state' });
  finish(context, server.id, server.updatedAt);
  return empty(202);
}

function consoleOutput(
  _: CloudContext,
  { server, wish }: Deed<{ length?: number | string | null | undefined }>,
): HttpResponse {
  if (server.host === null) throw refuse(409, `Instance ${server.id} is not ready`);
  const lines = [
    `[    0.000000] Linux version 6.1.0 (simulated)`,
    ...server.disks.map(({ device }) => `[    1.200000] ${device.slice(5)}: disk attached`),
    ...(server.vmState === 'active' ? [`${server.hostname} login:`] : []),
  ];
  const length = Number(wish.length ?? lines.length);
  return json(200, { output: lines.slice(length < 0 ? 0 : -length || lines.length).join('\n') });
}

function setGroups(
  context: CloudContext,
  { server, wish }: Deed<{ name: string }>,
  wanted: string[],
): HttpResponse {
  const { groups, ports } = context.state.network;
  const ids = wanted.flatMap((name) => {
    const own = groups.find(
      (one) => one.id === name || (one.name === name && one.projectId === server.projectId),
    );
    return own?.id ?? [];
  });
  if (ids.length < wanted.length) {
    throw refuse(404, `Security group ${wish.name} not found for project ${server.projectId}`);
  }
  server.securityGroups = [...new Set(wanted)];
  for (const port of ports) {
    if (port.deviceId === server.id && port.portSecurity) port.securityGroups = [...new Set(ids)];
  }
  return empty(202);
}
