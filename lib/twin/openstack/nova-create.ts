/** `POST /servers`: boot from volumes, refused whole or accepted whole. */
import * as z from 'zod';
import type { HttpResponse } from '../../http.ts';
import { addPort } from './neutron.ts';
import type { CloudContext, Port, Server, Volume } from './state.ts';
import { type Ask, fault, json, readBody, uuid } from './wire.ts';

const text255 = z.string().max(255);
const diskSchema = z.strictObject({
  boot_index: z.int().nullable().default(null),
  uuid: z.string(),
  source_type: z.literal('volume'),
  destination_type: z.literal('volume'),
  delete_on_termination: z.boolean().default(false),
  device_name: z.string().optional(),
  disk_bus: z.string().optional(),
});
const createSchema = z.strictObject({
  server: z.strictObject({
    name: z.string().min(1).max(255),
    flavorRef: z.string(),
    networks: z.union([
      z.literal('none'),
      z.array(
        z.union([z.strictObject({ port: z.string() }), z.strictObject({ uuid: z.string() })]),
      ),
    ]),
    block_device_mapping_v2: z.array(diskSchema).min(1),
    metadata: z.record(text255.min(1), text255).default({}),
    tags: z.array(z.string().min(1).max(60)).max(50).optional(),
    description: text255.optional(),
    config_drive: z.boolean().optional(),
  }),
});
type Wish = z.infer<typeof createSchema>['server'];

/** The first microversion whose create accepts `tags`. */
const TAGS_SINCE = 52;

export function createServer(context: CloudContext, ask: Ask): HttpResponse {
  const body = readBody(ask, createSchema);
  if (!body.ok) return fault(400, body.why);
  const wish = body.data.server;
  if (wish.tags !== undefined && ask.minor < TAGS_SINCE) {
    const message = "Additional properties are not allowed ('tags' was unexpected)";
    return fault(400, `Invalid input for field/attribute server. ${message}`);
  }
  const refusal = refusalOf(context, wish);
  if (refusal !== undefined) return refusal;
  const server = build(context, wish);
  const plugged = plug(context, server, wish);
  if (plugged !== undefined) return plugged;
  reserve(context, server);
  context.state.servers.push(server);
  const href = `${context.baseUrl()}/compute/v2.1/servers/${server.id}`;
  const links = [{ rel: 'self', href }];
  const answer = { id: server.id, links, 'OS-DCF:diskConfig': 'MANUAL', security_groups: [] };
  return json(202, { server: answer }, { location: href });
}

function refusalOf(context: CloudContext, wish: Wish): HttpResponse | undefined {
  if (wish.name !== wish.name.trim()) {
    return fault(400, `Invalid input for field/attribute name. Value: ${wish.name}.`);
  }
  if (!context.seed.flavors.some(({ id }) => id === wish.flavorRef)) {
    return fault(400, `Flavor ${wish.flavorRef} could not be found.`);
  }
  const disks = wish.block_device_mapping_v2;
  if (new Set(disks.map((disk) => disk.uuid)).size < disks.length) {
    return fault(400, 'Block Device Mapping is Invalid: the same volume is named twice.');
  }
  if (disks.filter((disk) => disk.boot_index === 0).length !== 1) {
    const why = 'Boot sequence for the instance and image/block device mapping is not valid.';
    return fault(400, `Block Device Mapping is Invalid: ${why}`);
  }
  for (const disk of disks) {
    const why = diskRefusal(volumeOf(context, disk.uuid), disk);
    if (why !== undefined) return fault(400, why);
  }
  return undefined;
}

function diskRefusal(
  volume: Volume | undefined,
  disk: z.infer<typeof diskSchema>,
): string | undefined {
  if (volume === undefined) {
    return `Block Device Mapping is Invalid: failed to get volume ${disk.uuid}.`;
  }
  if (volume.status !== 'available') {
    const rule = `status must be available or in-use or downloading to reserve, but the current`;
    return `Invalid volume: Volume ${volume.id} ${rule} status is ${volume.status}.`;
  }
  if (disk.boot_index === 0 && !volume.bootable) {
    return `Block Device Mapping is Invalid: Volume ${volume.id} is not bootable.`;
  }
  return undefined;
}

/** Devices are given in boot order first, then as listed: vda, vdb, … */
function build(context: CloudContext, wish: Wish): Server {
  const rank = (index: number | null) => (index === 0 ? 0 : 1);
  const disks = [...wish.block_device_mapping_v2].sort(
    (a, b) => rank(a.boot_index) - rank(b.boot_index),
  );
  const now = context.clock.now();
  return {
    id: uuid(context.random),
    name: wish.name,
    flavorId: wish.flavorRef,
    status: 'BUILD',
    metadata: wish.metadata,
    tags: wish.tags ?? [],
    createdAt: now,
    updatedAt: now,
    reason: null,
    doomed: context.state.faults.includes('boot-failing'),
    deletion: null,
    disks: disks.map((disk, index) => ({
      volumeId: disk.uuid,
      device: `/dev/vd${String.fromCharCode(97 + index)}`,
      deleteOnTermination: disk.delete_on_termination,
    })),
  };
}

/** Gives the server its ports; nothing is taken unless all can be. */
function plug(context: CloudContext, server: Server, wish: Wish): HttpResponse | undefined {
  const wanted = wish.networks === 'none' ? [] : wish.networks;
  const ports: Port[] = [];
  for (const item of wanted) {
    if (!('port' in item)) continue;
    const port = context.state.ports.find(({ id }) => id === item.port);
    if (port === undefined) return fault(400, `Port id ${item.port} could not be found.`);
    if (port.deviceId !== '') return fault(409, `Port ${port.id} is still in use.`);
    ports.push(port);
  }
  const networks = wanted.flatMap((item) => ('uuid' in item ? [item.uuid] : []));
  const unknown = networks.find((id) => !context.seed.networks.some((one) => one.id === id));
  if (unknown !== undefined) return fault(400, `Network ${unknown} could not be found.`);
  for (const port of ports) {
    Object.assign(port, { deviceId: server.id, deviceOwner: 'compute:nova' });
  }
  for (const network of context.seed.networks.filter(({ id }) => networks.includes(id))) {
    const owner = { device_id: server.id, device_owner: 'compute:nova', ownedByServer: true };
    addPort(context, network, owner);
  }
  return undefined;
}

function reserve(context: CloudContext, server: Server): void {
  for (const disk of server.disks) {
    const volume = volumeOf(context, disk.volumeId);
    volume?.attachments.push({
      id: uuid(context.random),
      serverId: server.id,
      device: disk.device,
      state: 'reserved',
      attachedAt: null,
    });
    if (volume !== undefined) volume.status = 'reserved';
  }
}

const volumeOf = (context: CloudContext, id: string): Volume | undefined =>
  context.state.volumes.find((volume) => volume.id === id);
