/** `createImage` of a server that boots from a volume: snapshots of its volumes and an empty image. */
import type { HttpResponse } from '../../../http.ts';
import { findVolume } from '../block/attachments.ts';
import type { Snapshot, Volume } from '../block/state.ts';
import { begin } from '../block/tasks.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { empty, json } from '../wire.ts';
import type { Deed } from './actions.ts';
import { requireIdle } from './find.ts';
import { finish, record } from './history.ts';
import { refuse } from './refusals.ts';
import type { Server } from './state.ts';

/** From here on the id of the image is in the body and no longer only in `Location`. */
const BODY_SINCE = 45;

interface Wish {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export function createImage(context: CloudContext, deed: Deed<Wish>): HttpResponse {
  const { ask, server, wish } = deed;
  requireIdle(context, deed, { action: 'createImage', vmStates: ['active', 'stopped'] });
  if (!server.disks.some(({ volumeId, bootIndex }) => volumeId !== null && bootIndex === 0)) {
    throw refuse(501, 'The simulated Nova makes images of servers that boot from a volume only.');
  }
  const mappings = server.disks.flatMap(({ volumeId, device, bootIndex }) => {
    const volume = findVolume(context, volumeId);
    if (volume === undefined) return [];
    const snapshot = snapshotOf(context, volume, { server, name: wish.name });
    return [
      {
        source_type: 'snapshot',
        destination_type: 'volume',
        snapshot_id: snapshot.id,
        volume_size: volume.sizeGiB,
        device_name: device,
        boot_index: bootIndex,
        delete_on_termination: false,
      },
    ];
  });
  const id = uuid(context.random);
  const now = context.clock.now();
  context.state.image.images.push({
    id,
    name: wish.name,
    status: 'active',
    sizeBytes: 0,
    checksum: null,
    hash: null,
    data: null,
    minDiskGiB: 0,
    minRamMiB: 0,
    diskFormat: null,
    containerFormat: null,
    visibility: 'private',
    protected: false,
    owner: server.projectId,
    tags: [],
    members: [],
    properties: {
      ...wish.metadata,
      bdm_v2: 'True',
      block_device_mapping: JSON.stringify(mappings),
      root_device_name: server.disks[0]?.device ?? '',
    },
    createdAt: now,
    updatedAt: now,
  });
  record(context, ask, { server, action: 'createImage' });
  finish(context, server.id, now);
  const location = `${context.baseUrl()}/image/v2/images/${id}`;
  if (ask.minor >= BODY_SINCE) return json(202, { image_id: id });
  const answer = empty(202);
  return { ...answer, headers: { ...answer.headers, location } };
}

function snapshotOf(
  { state, clock, random }: CloudContext,
  volume: Volume,
  { server, name }: { readonly server: Server; readonly name: string },
): Snapshot {
  const now = clock.now();
  const snapshot: Snapshot = {
    id: uuid(random),
    name: `snapshot for ${name}`,
    description: '',
    status: 'creating',
    sizeGiB: volume.sizeGiB,
    projectId: server.projectId,
    userId: server.userId,
    metadata: {},
    createdAt: now,
    updatedAt: now,
    task: null,
    volumeId: volume.id,
    ldevId: null,
  };
  begin(snapshot, 'snapshot', { at: now });
  state.block.snapshots.push(snapshot);
  return snapshot;
}
