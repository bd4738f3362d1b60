/** `GET /servers`: filters, sorting and pages. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json, page } from '../wire.ts';
import { isGone } from './find.ts';
import { refuse } from './refusals.ts';
import type { Server } from './state.ts';
import { detail, statusOf, summary } from './views.ts';

/** Filters of everybody, from the microversion that brought them. */
const anyone: Readonly<Record<string, number>> = {
  reservation_id: 1,
  name: 1,
  status: 1,
  image: 1,
  flavor: 1,
  ip: 1,
  'changes-since': 1,
  all_tenants: 1,
  ip6: 5,
  tags: 26,
  'tags-any': 26,
  'not-tags': 26,
  'not-tags-any': 26,
  'changes-before': 66,
  locked: 73,
  availability_zone: 83,
  key_name: 83,
};
const paging = ['limit', 'marker', 'sort_key', 'sort_dir'];
/** The rest of what an administrator may ask for. */
const admins = ['host', 'node', 'project_id', 'tenant_id', 'user_id', 'uuid', 'vm_state'];
const adminToo = ['deleted', 'task_state', 'power_state', 'hostname', 'display_name'];
const STRICT_SINCE = 75;
const BAD_STATUS_SINCE = 38;

export function listServers(context: CloudContext, ask: Ask, full: boolean): HttpResponse {
  const caller = callerOf(context, ask);
  checkQuery(ask);
  const wanted = sorted(context.state.compute.servers, ask.query).filter(
    (server) => mine(context, ask, server) && fits(context, ask, server),
  );
  const found = page(wanted, ask.query);
  if (found === undefined) throw refuse(400, `marker [${ask.query.get('marker')}] not found`);
  const href = `${context.baseUrl()}/compute/v2.1${ask.path}?${found.next}`;
  const viewer = { minor: ask.minor, caller, listed: true };
  return json(200, {
    servers: found.items.map((server) =>
      full ? detail(context, server, viewer) : summary(context, server),
    ),
    ...(found.next === undefined ? {} : { servers_links: [{ rel: 'next', href }] }),
  });
}

function checkQuery({ query, minor }: Ask): void {
  const known = [...Object.keys(anyone), ...paging, ...admins, ...adminToo];
  const strange = [...query.keys()].find((name) => !known.includes(name));
  if (strange !== undefined && minor >= STRICT_SINCE) {
    const why = `Additional properties are not allowed ('${strange}' was unexpected)`;
    throw refuse(400, `Invalid input for query parameters ${strange}. ${why}`);
  }
  const limit = query.get('limit');
  if (limit !== null && !/^\d+$/.test(limit)) {
    throw refuse(400, `Invalid input for query parameters limit. Value: ${limit}.`);
  }
  const status = query.get('status')?.toUpperCase();
  if (status !== undefined && minor >= BAD_STATUS_SINCE && !statuses.includes(status)) {
    throw refuse(400, 'Invalid status value');
  }
}

const statuses = [
  ...['ACTIVE', 'BUILD', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED'],
  ...['REBOOT', 'REBUILD', 'RESCUE', 'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED'],
  ...['SHUTOFF', 'SOFT_DELETED', 'SUSPENDED', 'VERIFY_RESIZE'],
];

const isTrue = (text: string | null): boolean => /^(1|t|true|on|y|yes)$/i.test(text ?? '');

/** All projects only on an administrator's word; deleted servers too. */
function mine(context: CloudContext, ask: Ask, server: Server): boolean {
  const { query } = ask;
  const caller = callerOf(context, ask);
  const everywhere = query.has('all_tenants') && query.get('all_tenants') !== '0';
  if (everywhere && !caller.admin) {
    const rule = 'os_compute_api:servers:index:get_all_tenants';
    throw refuse(403, `Policy doesn't allow ${rule} to be performed.`);
  }
  const dead = isGone(server);
  const changes = query.has('changes-since') || query.has('changes-before');
  const asksDead =
    caller.admin &&
    (isTrue(query.get('deleted')) || query.get('status')?.toUpperCase() === 'DELETED');
  if (dead ? !(asksDead || changes) : asksDead && !changes) return false;
  return everywhere || server.projectId === caller.projectId;
}

function fits(context: CloudContext, ask: Ask, server: Server): boolean {
  const { query, minor } = ask;
  const admin = callerOf(context, ask).admin;
  const asked = (name: string): string | undefined =>
    admin || (anyone[name] ?? 1000) <= minor ? (query.get(name) ?? undefined) : undefined;
  const is = (name: string, value: string | null) => (asked(name) ?? value) === value;
  const status = asked('status')?.toUpperCase();
  return (
    matches(asked('name') ?? asked('display_name'), server.name) &&
    (status === undefined || statusOf(server) === status) &&
    matches(asked('ip'), ...ipsOf(context, server)) &&
    is('flavor', server.flavorId) &&
    is('image', server.imageId) &&
    is('reservation_id', server.reservationId) &&
    is('key_name', server.keyName) &&
    is('host', server.host) &&
    is('node', server.host) &&
    is('uuid', server.id) &&
    is('user_id', server.userId) &&
    is('project_id', server.projectId) &&
    is('vm_state', server.vmState) &&
    is('hostname', server.hostname) &&
    isLocked(asked('locked'), server) &&
    since(asked('changes-since'), asked('changes-before'), server) &&
    tagged(minor < 26 ? new URLSearchParams() : query, server.tags)
  );
}

/** A regular expression, as the database of the real server takes it. */
function matches(pattern: string | undefined, ...values: readonly string[]): boolean {
  if (pattern === undefined) return true;
  try {
    const expression = new RegExp(pattern);
    return values.some((value) => expression.test(value));
  } catch {
    return values.some((value) => value.includes(pattern));
  }
}

const ipsOf = ({ state }: CloudContext, { id }: Server): readonly string[] =>
  state.network.ports
    .filter(({ deviceId }) => deviceId === id)
    .flatMap(({ fixedIps }) => fixedIps.map(({ ip }) => ip));

const isLocked = (wanted: string | undefined, { lock }: Server): boolean =>
  wanted === undefined || isTrue(wanted) === (lock !== null);

function since(from: string | undefined, until: string | undefined, server: Server): boolean {
  const bound = (text: string | undefined, name: string) => {
    const value = text === undefined ? undefined : Date.parse(text);
    if (Number.isNaN(value)) throw refuse(400, `Invalid filter field: ${name}.`);
    return value;
  };
  const low = bound(from, 'changes-since') ?? Number.NEGATIVE_INFINITY;
  const high = bound(until, 'changes-before') ?? Number.POSITIVE_INFINITY;
  return server.updatedAt >= low && server.updatedAt <= high;
}

function tagged(query: URLSearchParams, own: readonly string[]): boolean {
  const of = (name: string) => query.get(name)?.split(',');
  const has = (tag: string) => own.includes(tag);
  return (
    (of('tags')?.every(has) ?? true) &&
    (of('tags-any')?.some(has) ?? true) &&
    !(of('not-tags')?.every(has) ?? false) &&
    !(of('not-tags-any')?.some(has) ?? false)
  );
}

const sortable: Readonly<Record<string, (server: Server) => string | number>> = {
  created_at: ({ createdAt }) => createdAt,
  updated_at: ({ updatedAt }) => updatedAt,
  display_name: ({ name }) => name,
  uuid: ({ id }) => id,
  vm_state: ({ vmState }) => vmState,
  host: ({ host }) => host ?? '',
};

/** Newest first unless asked otherwise; rows of one instant in reverse order of their making. */
function sorted(servers: readonly Server[], query: URLSearchParams): readonly Server[] {
  const keys = query.getAll('sort_key');
  const unknown = keys.find((key) => sortable[key] === undefined);
  if (unknown !== undefined) {
    throw refuse(400, `Invalid input for query parameters sort_key. Value: ${unknown}.`);
  }
  const directions = query.getAll('sort_dir');
  return [...servers].reverse().sort((a, b) => {
    for (const [place, key] of (keys.length > 0 ? keys : ['created_at']).entries()) {
      const [x, y] = [sortable[key]?.(a) ?? '', sortable[key]?.(b) ?? ''];
      if (x === y) continue;
      return (x < y ? -1 : 1) * (directions[place] === 'asc' ? 1 : -1);
    }
    return 0;
  });
}
