/** Volumes of a server: listed, attached and detached while it exists. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import {
  attachmentOf,
  beginDetach,
  findVolume,
  reserve,
  reserveRefusal,
} from '../block/attachments.ts';
import type { Volume } from '../block/state.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { findServer, requireIdle } from './find.ts';
import { record } from './history.ts';
import { isUp } from './hosts.ts';
import { invalid, readNova, refuse, unexpected } from './refusals.ts';
import { type Disk, deviceAt, type Server } from './state.ts';
import { tagSchema } from './wishes.ts';

const attachSchema = z.strictObject({
  volumeAttachment: z.strictObject({
    volumeId: z.string(),
    device: z.string().nullable().optional(),
    tag: tagSchema.optional(),
    delete_on_termination: z.boolean().optional(),
  }),
});
const updateSchema = z.strictObject({
  volumeAttachment: z.strictObject({
    volumeId: z.string(),
    id: z.string().optional(),
    serverId: z.string().optional(),
    device: z.string().optional(),
    tag: z.string().nullable().optional(),
    delete_on_termination: z.boolean().optional(),
  }),
});

/** First microversion of a part of these bodies. */
const SINCE = { tag: 49, shownTag: 70, termination: 79, update: 85, attachmentId: 89 } as const;

export function volumeRoutes(context: CloudContext): readonly Route[] {
  const root = '/servers/:id/os-volume_attachments';
  const of = (ask: Ask, id: string | undefined) => findServer(context, ask, { id });
  return [
    ['GET', root, (ask, { id }) => list(context, ask, of(ask, id))],
    ['POST', root, (ask, { id }) => attach(context, ask, of(ask, id))],
    [
      'GET',
      `${root}/:volume`,
      (ask, { id, volume = '' }) => {
        const server = of(ask, id);
        const disk = diskOf(server, volume);
        return json(200, { volumeAttachment: view(context, { ask, server, disk }) });
      },
    ],
    ['PUT', `${root}/:volume`, (ask, { id, volume = '' }) => update(ask, of(ask, id), volume)],
    [
      'DELETE',
      `${root}/:volume`,
      (ask, { id, volume = '' }) => detach(context, { ask, server: of(ask, id), volume }),
    ],
  ];
}

interface Shown {
  readonly ask: Ask;
  readonly server: Server;
  readonly disk: Disk;
}

function view(context: CloudContext, { ask: { minor }, server, disk }: Shown) {
  const volume = findVolume(context, disk.volumeId);
  const attachment = volume && attachmentOf(volume, server.id);
  return {
    ...(minor >= SINCE.attachmentId ? {} : { id: disk.volumeId }),
    volumeId: disk.volumeId,
    serverId: server.id,
    device: disk.device,
    ...(minor >= SINCE.shownTag ? { tag: disk.tag } : {}),
    ...(minor >= SINCE.termination ? { delete_on_termination: disk.deleteOnTermination } : {}),
    ...(minor >= SINCE.attachmentId
      ? { attachment_id: attachment?.id ?? null, bdm_uuid: disk.id }
      : {}),
  };
}

function list(context: CloudContext, ask: Ask, server: Server): HttpResponse {
  const limit = Number(ask.query.get('limit') ?? Number.POSITIVE_INFINITY);
  const offset = Number(ask.query.get('offset') ?? 0);
  const disks = server.disks.filter(({ volumeId }) => volumeId !== null);
  const views = disks
    .slice(offset, offset + limit)
    .map((disk) => view(context, { ask, server, disk }));
  return json(200, { volumeAttachments: views });
}

function diskOf(server: Server, volumeId: string): Disk {
  const disk = server.disks.find((one) => one.volumeId === volumeId);
  if (disk !== undefined) return disk;
  throw refuse(404, `Instance ${server.id} is not attached to volume ${volumeId}`);
}

function attach(context: CloudContext, ask: Ask, server: Server): HttpResponse {
  const wish = readNova(ask, attachSchema).volumeAttachment;
  const early = [
    ...(wish.tag !== undefined && ask.minor < SINCE.tag ? ['tag'] : []),
    ...(wish.delete_on_termination !== undefined && ask.minor < SINCE.termination
      ? ['delete_on_termination']
      : []),
  ];
  if (early.length > 0) throw invalid('volumeAttachment', unexpected(early));
  requireIdle(
    context,
    { ask, server },
    { action: 'attach_volume', vmStates: ['active', 'stopped'] },
  );
  const device = deviceFor(server, wish.device ?? null);
  const volume = findVolume(context, wish.volumeId);
  if (volume === undefined) throw refuse(404, `Volume ${wish.volumeId} could not be found.`);
  refuseHeld(context, server, volume);
  const disk: Disk = {
    id: uuid(context.random),
    volumeId: volume.id,
    make: null,
    device,
    bootIndex: null,
    deleteOnTermination: wish.delete_on_termination ?? false,
    tag: wish.tag ?? null,
    writesFrom: null,
  };
  reserve(context, volume, { serverId: server.id, device });
  server.disks.push(disk);
  record(context, ask, { server, action: 'attach_volume' });
  const { attachment_id: _, bdm_uuid: __, ...answer } = view(context, { ask, server, disk });
  return json(200, { volumeAttachment: { ...answer, id: volume.id } });
}

/** The wished device, or the next free one. */
function deviceFor(server: Server, wished: string | null): string {
  const taken = server.disks.map(({ device }) => device);
  if (wished === null || wished === '') {
    let place = 0;
    while (taken.includes(deviceAt(place))) place++;
    return deviceAt(place);
  }
  if (!/^\/dev\/x{0,1}[a-z]{0,1}d{0,1}[a-z]+[0-9]*$/.test(wished)) {
    throw refuse(400, `The supplied device path (${wished}) is invalid.`);
  }
  if (taken.includes(wished)) {
    throw refuse(409, `The supplied device path (${wished}) is in use.`);
  }
  return wished;
}

function refuseHeld({ state }: CloudContext, server: Server, volume: Volume): void {
  const holders = state.compute.servers.filter(
    (one) => one.vmState !== 'deleted' && one.disks.some(({ volumeId }) => volumeId === volume.id),
  );
  if (holders.includes(server)) {
    throw refuse(400, `Invalid volume: volume ${volume.id} already attached`);
  }
  if (holders.length > 0) {
    const ids = holders.map(({ id }) => id).join(', ');
    throw refuse(
      400,
      `Invalid volume: volume ${volume.id} is already attached to instances: ${ids}`,
    );
  }
  const why = reserveRefusal(volume);
  if (why !== undefined) throw refuse(400, `Invalid input received: ${why}`);
}

/** Changes `delete_on_termination`; swapping one volume for another is not simulated. */
function update(ask: Ask, server: Server, volumeId: string): HttpResponse {
  const wish = readNova(ask, updateSchema).volumeAttachment;
  if (ask.minor < SINCE.update || wish.volumeId !== volumeId) {
    throw refuse(501, 'The simulated Nova does not swap volumes.');
  }
  const disk = diskOf(server, volumeId);
  const fixed = [
    ['id', wish.id, volumeId],
    ['serverId', wish.serverId, server.id],
    ['device', wish.device, disk.device],
    ['tag', wish.tag, disk.tag],
  ] as const;
  const moved = fixed.find(([, wanted, is]) => wanted !== undefined && wanted !== is);
  if (moved !== undefined) throw refuse(400, `The ${moved[0]} property is not mutable`);
  disk.deleteOnTermination = wish.delete_on_termination ?? disk.deleteOnTermination;
  return empty(202);
}

interface Detach {
  readonly ask: Ask;
  readonly server: Server;
  readonly volume: string;
}

function detach(context: CloudContext, { ask, server, volume: id }: Detach): HttpResponse {
  const volume = findVolume(context, id);
  if (volume === undefined) throw refuse(404, `Volume ${id} could not be found.`);
  const disk = diskOf(server, id);
  if (disk.bootIndex === 0) throw refuse(400, 'Cannot detach a root device volume');
  requireIdle(
    context,
    { ask, server },
    { action: 'detach_volume', vmStates: ['active', 'stopped'] },
  );
  if (!isUp(context, server.host)) throw refuse(409, 'Service is unavailable at this time.');
  if (volume.status !== 'in-use') {
    const rule = "Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
    const why = `Invalid volume: Unable to detach volume. ${rule} (HTTP 400)`;
    throw refuse(400, `Invalid volume: Invalid input received: ${why}`);
  }
  beginDetach(volume, server.id, context.clock.now());
  record(context, ask, { server, action: 'detach_volume' });
  return empty(202);
}
