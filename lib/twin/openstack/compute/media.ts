/** Volumes that Nova has Cinder make for a server: from an image, from a snapshot, or empty. */
import { typeFor } from '../block/create.ts';
import { spend } from '../block/quotas.ts';
import { schedule } from '../block/schedule.ts';
import { replicationOf, type Volume } from '../block/state.ts';
import { begin, stuckCreating } from '../block/tasks.ts';
import { uuid } from '../ids.ts';
import { Refusal } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import type { Disk, Server } from './state.ts';

interface Order {
  readonly server: Server;
  readonly disk: Disk;
  readonly at: number;
}

/** Asks for the volume of a disk and remembers which it is; why not, if Cinder has none to give. */
export function makeVolume(context: CloudContext, { server, disk, at }: Order): string | undefined {
  const { make } = disk;
  if (make === null) return undefined;
  const { backends } = context.seed;
  const { snapshots, volumes } = context.state.block;
  const type = typeFor(context, make.volumeType);
  const image = context.state.image.images.find(({ id }) => id === make.imageId);
  const snapshot = snapshots.find(({ id }) => id === make.snapshotId);
  const origin = volumes.find(({ id }) => id === snapshot?.volumeId);
  const sizeGiB = make.sizeGiB > 0 ? make.sizeGiB : (snapshot?.sizeGiB ?? 1);
  if (overQuota(context, server.projectId, sizeGiB)) {
    return 'VolumeLimitExceeded: Maximum number of volumes allowed exceeded for quota.';
  }
  const host = origin?.host ?? schedule(context, { type, sizeGiB, zone: null });
  const backend = backends.find((one) => one.host === host?.split('#')[0]);
  const volume: Volume = {
    id: uuid(context.random),
    name: '',
    description: '',
    status: host === null ? 'error' : 'creating',
    sizeGiB,
    projectId: server.projectId,
    userId: server.userId,
    metadata: {},
    createdAt: at,
    updatedAt: at,
    task: null,
    ldevId: null,
    bootable: image !== undefined || (origin?.bootable ?? false),
    host,
    zone: backend?.zone ?? backends[0]?.zone ?? 'nova',
    typeId: origin?.typeId ?? type?.id ?? '',
    snapshotId: make.snapshotId,
    sourceId: null,
    imageMetadata:
      image === undefined ? null : { image_id: image.id, image_name: image.name ?? '' },
    adminMetadata: {},
    replicationStatus: backend?.replicates === undefined ? null : replicationOf(type),
    attachments: [],
  };
  const from = snapshot?.ldevId ?? null;
  const more = { at, ...stuckCreating(context) };
  if (host !== null) begin(volume, from === null ? 'create' : 'copy', withSource(more, from));
  volumes.push(volume);
  disk.volumeId = volume.id;
  disk.make = null;
  return undefined;
}

const withSource = <T extends object>(more: T, from: number | null) =>
  from === null ? more : { ...more, from: String(from) };

function overQuota(context: CloudContext, projectId: string, sizeGiB: number): boolean {
  try {
    spend(context, projectId, { one: 'volumes', sizeGiB });
    return false;
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
}
