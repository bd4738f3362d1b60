/** Block storage: reads with paging, `os-reset_status`, delete. */
import * as z from 'zod';
import { iso } from '../../clock.ts';
import type { HttpResponse } from '../../http.ts';
import { VOLUME_DELETE_MS } from './settle.ts';
import { type CloudContext, computeHost, type Volume } from './state.ts';
import {
  type Ask,
  empty,
  fault,
  json,
  page,
  type Route,
  readBody,
  type VersionRange,
} from './wire.ts';

export const cinderVersions: VersionRange = { service: 'volume', major: 3, min: 0, max: 70 };

const settableStatus = z.enum([
  'creating',
  'available',
  'deleting',
  'error',
  'error_deleting',
  'error_managing',
  'error_extending',
  'managing',
  'attaching',
  'detaching',
  'reserved',
  'in-use',
  'maintenance',
]);
const actionSchema = z.strictObject({
  'os-reset_status': z.strictObject({ status: settableStatus }),
});

export function cinderRoutes(context: CloudContext): readonly Route[] {
  return [
    ['GET', '/:project/volumes', (ask) => list(context, ask, summary)],
    ['GET', '/:project/volumes/detail', (ask) => list(context, ask, detail)],
    ['GET', '/:project/volumes/:id', (_, { id }) => show(context, id)],
    ['DELETE', '/:project/volumes/:id', (_, { id }) => remove(context, id)],
    ['POST', '/:project/volumes/:id/action', (ask, { id }) => act(context, ask, id)],
  ];
}

type View = (context: CloudContext, volume: Volume) => object;

function list(context: CloudContext, ask: Ask, view: View): HttpResponse {
  const wanted = (volume: Volume) =>
    (ask.query.get('status') ?? volume.status) === volume.status &&
    (ask.query.get('name') ?? volume.name) === volume.name;
  const found = page(context.state.volumes.filter(wanted), ask.query);
  if (found === undefined) {
    return fault(404, `Volume ${ask.query.get('marker')} could not be found.`);
  }
  const href = `${context.baseUrl()}/volume/v3${ask.path}?${found.next}`;
  return json(200, {
    volumes: found.items.map((volume) => view(context, volume)),
    ...(found.next === undefined ? {} : { volumes_links: [{ rel: 'next', href }] }),
  });
}

function show(context: CloudContext, id: string | undefined): HttpResponse {
  const volume = context.state.volumes.find((one) => one.id === id);
  return volume === undefined ? gone(id) : json(200, { volume: detail(context, volume) });
}

function act(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const volume = context.state.volumes.find((one) => one.id === id);
  if (volume === undefined) return gone(id);
  const body = readBody(ask, actionSchema);
  if (!body.ok) return fault(400, body.why);
  // It changes the row and nothing else, whatever the volume is doing: that is the hazard of it.
  volume.status = body.data['os-reset_status'].status;
  volume.updatedAt = context.clock.now();
  return empty(202);
}

function remove(context: CloudContext, id: string | undefined): HttpResponse {
  const volume = context.state.volumes.find((one) => one.id === id);
  if (volume === undefined) return gone(id);
  const deletable = ['available', 'error', 'error_deleting', 'error_managing'];
  if (!deletable.includes(volume.status) || volume.attachments.length > 0) {
    const rule = 'Volume status must be available or error or error_restoring or error_extending';
    return fault(400, `Invalid volume: ${rule} and must not be attached or have snapshots.`);
  }
  volume.status = 'deleting';
  volume.updatedAt = context.clock.now();
  volume.goneAt = volume.updatedAt + VOLUME_DELETE_MS;
  return empty(202);
}

const gone = (id: string | undefined): HttpResponse =>
  fault(404, `Volume ${id} could not be found.`);

function summary(context: CloudContext, volume: Volume) {
  const root = `${context.baseUrl()}/volume`;
  const path = `${context.seed.projectId}/volumes/${volume.id}`;
  return {
    id: volume.id,
    name: volume.name,
    links: [
      { rel: 'self', href: `${root}/v3/${path}` },
      { rel: 'bookmark', href: `${root}/${path}` },
    ],
  };
}

function detail(context: CloudContext, volume: Volume) {
  const attached = volume.attachments.filter(({ state }) => state === 'attached');
  return {
    ...summary(context, volume),
    description: null,
    status: volume.status,
    size: volume.sizeGiB,
    availability_zone: 'nova',
    bootable: String(volume.bootable),
    encrypted: false,
    multiattach: false,
    attachments: attached.map((attachment) => ({
      id: volume.id,
      attachment_id: attachment.id,
      volume_id: volume.id,
      server_id: attachment.serverId,
      host_name: computeHost(context.seed),
      device: attachment.device,
      attached_at: attachment.attachedAt === null ? null : zoneless(attachment.attachedAt),
    })),
    metadata: {},
    volume_type: 'hitachi-vsp',
    replication_status: null,
    snapshot_id: null,
    source_volid: null,
    consistencygroup_id: null,
    user_id: `user-${context.seed.userName}`,
    created_at: zoneless(volume.createdAt),
    updated_at: zoneless(volume.updatedAt),
    'os-vol-host-attr:host': `cinder@vsp#${context.seed.name}-pool`,
    'os-vol-tenant-attr:tenant_id': context.seed.projectId,
  };
}

/** Cinder's timestamps are UTC without saying so, and without fractions once stored. */
const zoneless = (ms: number): string => iso(ms).replace(/\.\d+Z$/, '.000000');
