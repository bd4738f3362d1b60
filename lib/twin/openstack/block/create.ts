/** `POST /volumes`: empty, from a snapshot, a volume, an image or a backup. */
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import { imageFor } from '../image/uploads.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { type VolumeWish, volumeWishOf } from './bodies.ts';
import { find, lookOf } from './lists.ts';
import { leaveMessage } from './messages.ts';
import { spend } from './quotas.ts';
import { bad, invalidInput, invalidSnapshot, invalidVolume, notFound } from './refusals.ts';
import { schedule } from './schedule.ts';
import type { Snapshot, Volume, VolumeType } from './state.ts';
import { begin, stuckCreating } from './tasks.ts';
import { volumeMade } from './views.ts';

/** What a new volume takes its data, its size and its place from. */
interface Source {
  readonly sizeGiB?: number;
  readonly host?: string | null;
  readonly ldevId?: number | null;
  readonly fields: Partial<Volume>;
}

export function createVolume(context: CloudContext, ask: Ask): HttpResponse {
  const wish = volumeWishOf(ask);
  if (wish.multiattach) throw bad('multiattach parameter has been removed.');
  const type = typeFor(context, wish.volume_type);
  const source = sourceOf(context, ask, wish);
  const sizeGiB = sizeFor(wish, source);
  const zone = zoneFor(context, wish);
  const { projectId, userId } = callerOf(context, ask);
  spend(context, projectId, { one: 'volumes', sizeGiB });
  const now = context.clock.now();
  const host = source.host ?? schedule(context, { type, sizeGiB, zone });
  const backend = context.seed.backends.find((one) => one.host === host?.split('#')[0]);
  const volume: Volume = {
    id: uuid(context.random),
    name: wish.name ?? wish.display_name ?? null,
    description: wish.description ?? wish.display_description ?? null,
    status: 'creating',
    sizeGiB,
    projectId,
    userId,
    metadata: wish.metadata ?? {},
    createdAt: now,
    updatedAt: null,
    task: null,
    ldevId: null,
    bootable: false,
    host,
    zone: zone ?? backend?.zone ?? context.seed.backends[0]?.zone ?? 'nova',
    typeId: type?.id ?? '',
    snapshotId: null,
    sourceId: null,
    imageMetadata: null,
    adminMetadata: {},
    replicationStatus: null,
    attachments: [],
    ...source.fields,
  };
  context.state.block.volumes.push(volume);
  const view = volumeMade(context, volume, lookOf(context, ask));
  start(context, ask, { volume, source });
  return json(202, { volume: view });
}

function start(
  context: CloudContext,
  { requestId }: Ask,
  { volume, source }: { readonly volume: Volume; readonly source: Source },
): void {
  const at = context.clock.now();
  if (volume.host === null) {
    Object.assign(volume, { status: 'error', updatedAt: at });
    leaveMessage(context, 'noBackend', { ...volume, type: 'VOLUME', requestId });
    return;
  }
  const from = source.ldevId ?? null;
  const more = { at, ...stuckCreating(context) };
  if (from === null) begin(volume, 'create', more);
  else begin(volume, 'copy', { ...more, from: String(from) });
}

/** By id or by name; none = the first type. */
export function typeFor(
  { state }: CloudContext,
  wish: string | null | undefined,
): VolumeType | undefined {
  const { types } = state.block;
  if (!wish) return types[0];
  const found = types.find(({ id, name }) => id === wish || name === wish);
  if (found === undefined) throw notFound('Volume type with name', wish);
  return found;
}

function zoneFor({ seed }: CloudContext, { availability_zone: zone }: VolumeWish): string | null {
  if (!zone) return null;
  if (seed.backends.some((backend) => backend.zone === zone)) return zone;
  throw invalidInput(`Availability zone '${zone}' is invalid.`);
}

function sourceOf(context: CloudContext, ask: Ask, wish: VolumeWish): Source {
  const { snapshots, volumes, backups } = context.state.block;
  if (wish.snapshot_id) {
    const snapshot = find(context, ask, { rows: snapshots, one: 'Snapshot', id: wish.snapshot_id });
    return fromSnapshot(context, snapshot);
  }
  if (wish.source_volid) {
    const volume = find(context, ask, { rows: volumes, one: 'Volume', id: wish.source_volid });
    return fromVolume(volume);
  }
  if (wish.backup_id) {
    // The data is restored from outside the array: the new LDEV is empty to the oracle.
    const backup = find(context, ask, { rows: backups, one: 'Backup', id: wish.backup_id });
    return { sizeGiB: backup.sizeGiB, fields: {} };
  }
  const image = wish.imageRef ?? wish.image_id;
  return image ? fromImage(context, image, wish) : { fields: {} };
}

function fromSnapshot({ state }: CloudContext, snapshot: Snapshot): Source {
  if (snapshot.status !== 'available') {
    throw invalidSnapshot("Originating snapshot status must be one of 'available' values");
  }
  const origin = state.block.volumes.find(({ id }) => id === snapshot.volumeId);
  return {
    sizeGiB: snapshot.sizeGiB,
    host: origin?.host ?? null,
    ldevId: snapshot.ldevId,
    fields: { snapshotId: snapshot.id, ...bootOf(origin) },
  };
}

function fromVolume(volume: Volume): Source {
  if (!['available', 'in-use'].includes(volume.status)) {
    throw invalidVolume(
      "Originating source_volume status must be one of 'available, in-use' values",
    );
  }
  const { id, sizeGiB, host, ldevId } = volume;
  return { sizeGiB, host, ldevId, fields: { sourceId: id, ...bootOf(volume) } };
}

const bootOf = (volume: Volume | undefined): Partial<Volume> =>
  volume === undefined
    ? {}
    : { bootable: volume.bootable, imageMetadata: volume.imageMetadata, typeId: volume.typeId };

function fromImage(context: CloudContext, ref: string, wish: VolumeWish): Source {
  const image = imageFor(context, ref.split('/').at(-1) ?? '');
  if (image === undefined) {
    throw bad(`Invalid image identifier or unable to access requested image.`);
  }
  if (image.status !== 'active') {
    throw invalidInput(`Image ${image.id} is not active.`);
  }
  if (image.minDiskGiB > (wish.size ?? 0)) {
    const least = `minimum disk size specified for image ${image.id}`;
    throw invalidInput(
      `Volume size ${wish.size}GB cannot be smaller than the image minDisk size ${image.minDiskGiB}GB (${least}).`,
    );
  }
  const imageMetadata = { image_id: image.id, image_name: image.name ?? '', ...image.properties };
  return { fields: { bootable: true, imageMetadata } };
}

function sizeFor({ size }: VolumeWish, { sizeGiB, fields }: Source): number {
  const chosen = size ?? sizeGiB;
  if (chosen === undefined) {
    throw invalidInput(`Volume size 'None' must be an integer and greater than 0`);
  }
  if (sizeGiB === undefined || chosen >= sizeGiB) return chosen;
  if (fields.snapshotId) {
    const rule = 'They must be >= original snapshot size.';
    throw invalidInput(
      `Volume size '${chosen}'GB cannot be smaller than the snapshot size ${sizeGiB}GB. ${rule}`,
    );
  }
  const rule = 'They must be >= original volume size.';
  throw invalidInput(
    `Volume size '${chosen}'GB cannot be smaller than original volume size  ${sizeGiB}GB. ${rule}`,
  );
}
