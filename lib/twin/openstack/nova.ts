/** Compute: servers, their volumes, flavors. */
import { iso } from '../../clock.ts';
import type { HttpResponse } from '../../http.ts';
import { createServer } from './nova-create.ts';
import { DELETE_MS, SLOW_DELETE_MS, taskState } from './settle.ts';
import { type CloudContext, computeHost, type Server } from './state.ts';
import { type Ask, empty, fault, json, page, type Route, type VersionRange } from './wire.ts';

export const novaVersions: VersionRange = { service: 'compute', major: 2, min: 1, max: 93 };

/** First minors at which an answer changes its shape. */
const SINCE = { tags: 26, flavorInside: 47, deleteOnTermination: 79, attachmentId: 89 } as const;

export function novaRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/servers', (ask) => list(context, ask, summary)],
    ['GET', '/servers/detail', (ask) => list(context, ask, detail)],
    ['POST', '/servers', (ask) => createServer(context, ask)],
    ['GET', '/servers/:id', (ask, { id }) => show(context, ask, id)],
    ['DELETE', '/servers/:id', (_, { id }) => remove(context, id)],
    ['GET', '/servers/:id/os-volume_attachments', (ask, { id }) => attachments(context, ask, id)],
    ['GET', '/flavors', () => json(200, { flavors: context.seed.flavors.map(flavorView) })],
    ['GET', '/flavors/detail', () => json(200, { flavors: context.seed.flavors.map(flavorView) })],
  ];
}

type View = (context: CloudContext, server: Server, minor: number) => object;

function list(context: CloudContext, ask: Ask, view: View): HttpResponse {
  const [name, status] = [ask.query.get('name'), ask.query.get('status')];
  const tags = ask.query.get('tags')?.split(',') ?? [];
  const wanted = context.state.servers.filter(
    (server) =>
      (name === null || server.name.includes(name)) &&
      (status === null || server.status === status.toUpperCase()) &&
      tags.every((tag) => server.tags.includes(tag)),
  );
  const found = page(wanted, ask.query);
  if (found === undefined) return fault(400, `marker [${ask.query.get('marker')}] not found`);
  const href = `${context.baseUrl()}/compute/v2.1${ask.path}?${found.next}`;
  return json(200, {
    servers: found.items.map((server) => view(context, server, ask.minor)),
    ...(found.next === undefined ? {} : { servers_links: [{ rel: 'next', href }] }),
  });
}

function show(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const server = context.state.servers.find((one) => one.id === id);
  if (server === undefined) return gone(id);
  return json(200, { server: detail(context, server, ask.minor) });
}

/** Deleting twice is accepted twice, as Nova does; the second changes nothing. */
function remove(context: CloudContext, id: string | undefined): HttpResponse {
  const server = context.state.servers.find((one) => one.id === id);
  if (server === undefined) return gone(id);
  const tookMs = context.state.faults.includes('slow-delete') ? SLOW_DELETE_MS : DELETE_MS;
  server.deletion ??= { since: context.clock.now(), tookMs };
  return empty(204);
}

const gone = (id: string | undefined): HttpResponse =>
  fault(404, `Instance ${id} could not be found.`);

function attachments(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const server = context.state.servers.find((one) => one.id === id);
  if (server === undefined) return gone(id);
  const views = server.disks.map(({ volumeId, device, deleteOnTermination }) => ({
    ...(ask.minor >= SINCE.attachmentId ? {} : { id: volumeId }),
    serverId: server.id,
    volumeId,
    device,
    ...(ask.minor >= SINCE.deleteOnTermination
      ? { tag: null, delete_on_termination: deleteOnTermination }
      : {}),
  }));
  return json(200, { volumeAttachments: views });
}

function summary(context: CloudContext, server: Server) {
  const href = `${context.baseUrl()}/compute/v2.1/servers/${server.id}`;
  return { id: server.id, name: server.name, links: [{ rel: 'self', href }] };
}

const powerStates = { BUILD: 0, ACTIVE: 1, ERROR: 0 } as const;
const vmStates = { BUILD: 'building', ACTIVE: 'active', ERROR: 'error' } as const;

function detail(context: CloudContext, server: Server, minor: number) {
  const fault = { code: 500, created: seconds(server.updatedAt), message: server.reason };
  return {
    ...summary(context, server),
    status: server.status,
    tenant_id: context.seed.projectId,
    user_id: `user-${context.seed.userName}`,
    metadata: server.metadata,
    image: '',
    flavor: flavorOf(context, server, minor),
    created: seconds(server.createdAt),
    updated: seconds(server.updatedAt),
    addresses: addresses(context, server),
    progress: server.status === 'ACTIVE' ? 100 : 0,
    config_drive: '',
    key_name: null,
    ...(minor >= SINCE.tags ? { tags: server.tags } : {}),
    ...(server.status === 'ERROR' ? { fault } : {}),
    'OS-EXT-STS:task_state': taskState(server, context.clock.now()),
    'OS-EXT-STS:vm_state': vmStates[server.status],
    'OS-EXT-STS:power_state': powerStates[server.status],
    'OS-EXT-SRV-ATTR:host': server.status === 'ERROR' ? null : computeHost(context.seed),
    'os-extended-volumes:volumes_attached': server.disks.map((disk) => ({
      id: disk.volumeId,
      delete_on_termination: disk.deleteOnTermination,
    })),
  };
}

function flavorOf(context: CloudContext, server: Server, minor: number) {
  const flavor = context.seed.flavors.find(({ id }) => id === server.flavorId);
  if (minor < SINCE.flavorInside || flavor === undefined) return { id: server.flavorId };
  return {
    original_name: flavor.name,
    vcpus: flavor.vcpus,
    ram: flavor.ramMiB,
    disk: 0,
    ephemeral: 0,
    swap: 0,
    extra_specs: {},
  };
}

function addresses(context: CloudContext, server: Server) {
  const out: Record<string, object[]> = {};
  for (const port of context.state.ports.filter(({ deviceId }) => deviceId === server.id)) {
    const name = context.seed.networks.find(({ id }) => id === port.networkId)?.name ?? '';
    const kind = { 'OS-EXT-IPS-MAC:mac_addr': port.mac, 'OS-EXT-IPS:type': 'fixed' };
    out[name] = [...(out[name] ?? []), { addr: port.ip, version: 4, ...kind }];
  }
  return out;
}

const flavorView = (flavor: CloudContext['seed']['flavors'][number]) => ({
  id: flavor.id,
  name: flavor.name,
  vcpus: flavor.vcpus,
  ram: flavor.ramMiB,
  disk: 0,
  'OS-FLV-EXT-DATA:ephemeral': 0,
  swap: '',
  'os-flavor-access:is_public': true,
});

const seconds = (ms: number): string => iso(ms).replace(/\.\d+Z$/, 'Z');
