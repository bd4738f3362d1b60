/** `POST /servers`: refused whole or accepted whole. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { checkDisks, disksOf, reserveDisks } from './disks.ts';
import { flavorsOf } from './flavors.ts';
import { record } from './history.ts';
import { hostNamed, serviceOf, zonesOf } from './hosts.ts';
import { type Plug, plugIn, plugsFor, unplugAll } from './plugs.ts';
import { shortfall } from './quotas.ts';
import { invalid, onlyAdmin, readNova, refuse, refuseUnknown } from './refusals.ts';
import { BUILD } from './settle.ts';
import type { Server } from './state.ts';
import {
  createSchema,
  itemKeys,
  NETWORKS_REQUIRED,
  type ServerWish,
  serverKeys,
} from './wishes.ts';

/** With the fault `boot-slow`. */
const SLOW_BOOT_MS = 1_200_000;

export function createServer(context: CloudContext, ask: Ask): HttpResponse {
  const body = readNova(ask, createSchema);
  const wish = body.server;
  checkVersion(ask, wish);
  const hints = body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'];
  const place = placeOf(context, ask, wish);
  const flavor = flavorOf(context, wish.flavorRef);
  const groupId = groupOf(context, hints?.group);
  const plugs = plugsFor(context, ask, wish);
  checkDisks(context, wish);
  const count = countOf(context, ask, { wish, flavor });
  const reservationId = `r-${context.random(4)}`;
  const made: Server[] = [];
  for (let index = 0; index < count; index++) {
    const common = { ...place, groupId, reservationId };
    made.push(build(context, ask, { ...common, wish, index, count }));
  }
  plugAll(context, made, plugs);
  for (const server of made) {
    reserveDisks(context, server);
    record(context, ask, { server, action: 'create' });
  }
  context.state.compute.servers.push(...made);
  return answerFor(context, made[0], { wish, reservationId });
}

/** Ports for all of them, or for none. */
function plugAll(context: CloudContext, servers: readonly Server[], plugs: readonly Plug[]): void {
  const done: Server[] = [];
  try {
    for (const server of servers) {
      plugIn(context, server, plugs);
      done.push(server);
    }
  } catch (error) {
    for (const { id } of done) unplugAll(context, id);
    throw error;
  }
}

function answerFor(
  { baseUrl }: CloudContext,
  server: Server | undefined,
  { wish, reservationId }: { readonly wish: ServerWish; readonly reservationId: string },
): HttpResponse {
  if (wish.return_reservation_id) return json(202, { reservation_id: reservationId });
  const root = `${baseUrl()}/compute`;
  const href = `${root}/v2.1/servers/${server?.id}`;
  const answer = {
    id: server?.id,
    links: [
      { rel: 'self', href },
      { rel: 'bookmark', href: `${root}/servers/${server?.id}` },
    ],
    'OS-DCF:diskConfig': wish['OS-DCF:diskConfig'] ?? 'MANUAL',
    security_groups: (server?.securityGroups ?? []).map((name) => ({ name })),
    adminPass: wish.adminPass ?? 'simulated',
  };
  return json(202, { server: answer }, { location: href });
}

function checkVersion({ minor }: Ask, wish: ServerWish): void {
  refuseUnknown(minor, wish, serverKeys);
  for (const disk of wish.block_device_mapping_v2 ?? []) {
    refuseUnknown(minor, disk, itemKeys(minor));
  }
  if (Array.isArray(wish.networks)) {
    for (const one of wish.networks) refuseUnknown(minor, one, itemKeys(minor));
  } else if (wish.networks === undefined && minor >= NETWORKS_REQUIRED) {
    throw invalid('server', "'networks' is a required property");
  } else if (typeof wish.networks === 'string' && minor < NETWORKS_REQUIRED) {
    const why = `'${wish.networks}' is not of type 'array'`;
    throw invalid('networks', `Value: ${wish.networks}. ${why}`);
  }
}

/** `zone`, `zone:host` or, from 2.74, `host`: naming a host is for administrators. */
function placeOf(context: CloudContext, ask: Ask, wish: ServerWish) {
  const [zone = '', forced = ''] = (wish.availability_zone ?? '').split(':');
  const named = wish.host ?? wish.hypervisor_hostname;
  if (forced !== '') onlyAdmin(context, ask, 'os_compute_api:servers:create:forced_host');
  if (named !== undefined) {
    onlyAdmin(context, ask, 'compute:servers:create:requested_destination');
    if (forced !== '') {
      const [one, other] = ['host and/or hypervisor_hostname', 'zone:host:node'];
      const mechanisms = `One mechanism with ${one} and another mechanism with ${other}`;
      throw refuse(400, `${mechanisms} are mutually exclusive.`);
    }
  }
  const host = named ?? (forced === '' ? null : forced);
  if (host !== null && hostNamed(context, host) === undefined) {
    throw refuse(400, `Compute host ${host} could not be found.`);
  }
  if (zone !== '' && !zonesOf(context).includes(zone)) {
    throw refuse(400, 'The requested availability zone is not available');
  }
  const open = context.seed.hosts.some(
    (one) => one.zone === zone && serviceOf(context, one.name)?.disabled === false,
  );
  if (zone !== '' && !open) throw refuse(400, 'The requested availability zone is not available');
  return { wantedZone: zone === '' ? null : zone, wantedHost: host };
}

function groupOf({ state }: CloudContext, id: string | undefined): string | null {
  if (id === undefined) return null;
  if (state.compute.groups.some((group) => group.id === id)) return id;
  throw refuse(400, `Instance group ${id} could not be found.`);
}

type Flavor = CloudContext['seed']['flavors'][number];

function flavorOf(context: CloudContext, ref: string): Flavor {
  const flavor = flavorsOf(context).find(({ id }) => id === ref);
  if (flavor === undefined) throw refuse(400, `Flavor ${ref} could not be found.`);
  return flavor;
}

/** How many are made: as many as fit under the quota, and at least `min_count`. */
function countOf(
  context: CloudContext,
  ask: Ask,
  { wish, flavor }: { readonly wish: ServerWish; readonly flavor: Flavor },
): number {
  const min = wish.min_count ?? 1;
  const max = wish.max_count ?? min;
  const { projectId, userId } = callerOf(context, ask);
  if (min > max) throw refuse(400, 'min_count must be <= max_count');
  const { keypairs } = context.state.compute;
  const keyed = keypairs.some((one) => one.name === wish.key_name && one.userId === userId);
  if (wish.key_name !== undefined && !keyed) throw refuse(400, 'Invalid key_name provided.');
  checkGroups(context, projectId, wish);
  const named = wish.block_device_mapping_v2?.some(({ source_type: of }) => of === 'volume');
  if (max > 1 && named) {
    throw refuse(400, 'Cannot attach one or more volumes to multiple instances');
  }
  const costOf = (instances: number) => ({
    instances,
    cores: instances * flavor.vcpus,
    ram: instances * flavor.ramMiB,
  });
  const short = shortfall(context, projectId, costOf(min));
  if (short !== undefined) throw short;
  let count = max;
  while (count > min && shortfall(context, projectId, costOf(count)) !== undefined) count--;
  return count;
}

function checkGroups({ state }: CloudContext, projectId: string, wish: ServerWish): void {
  for (const { name } of wish.security_groups ?? []) {
    const known = state.network.groups.some(
      (group) => group.id === name || (group.name === name && group.projectId === projectId),
    );
    if (!known) throw refuse(400, `Security group ${name} not found.`);
  }
}

interface Plan {
  readonly wish: ServerWish;
  readonly index: number;
  readonly count: number;
  readonly wantedZone: string | null;
  readonly wantedHost: string | null;
  readonly groupId: string | null;
  readonly reservationId: string;
}

function build(context: CloudContext, ask: Ask, { wish, index, count, ...plan }: Plan): Server {
  const now = context.clock.now();
  const { projectId, userId } = callerOf(context, ask);
  const name = count > 1 ? `${wish.name}-${index + 1}` : wish.name;
  const slow = hasFault(context, 'boot-slow');
  return {
    ...plan,
    id: uuid(context.random),
    name,
    description: wish.description ?? (ask.minor < 19 ? name : null),
    projectId,
    userId,
    flavorId: wish.flavorRef,
    imageId: wish.imageRef || null,
    keyName: wish.key_name ?? null,
    hostname: wish.hostname ?? hostnameOf(name),
    userData: wish.user_data ?? null,
    configDrive: wish.config_drive ?? false,
    metadata: wish.metadata,
    tags: wish.tags ?? [],
    securityGroups: (wish.security_groups ?? [{ name: 'default' }]).map((group) => group.name),
    launchIndex: index,
    host: null,
    vmState: 'building',
    task: null,
    lock: null,
    reason: null,
    build: {
      doomed: hasFault(context, 'boot-failing'),
      activeMs: slow ? SLOW_BOOT_MS : BUILD.active,
    },
    disks: disksOf(context, wish),
    createdAt: now,
    updatedAt: now,
    launchedAt: null,
    deletedAt: null,
  };
}

/** What cloud-init is told: letters, digits and dashes of the name. */
const hostnameOf = (name: string): string =>
  name
    .replaceAll(/[ _]/g, '-')
    .replaceAll(/[^a-zA-Z0-9-.]/g, '')
    .toLowerCase()
    .replaceAll(/^[.-]+|[.-]+$/g, '') || 'server';
