/** The disks of a new server: what a block device mapping asks for, checked whole before it is taken. */
import { findVolume, reserve, reserveRefusal } from '../block/attachments.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { badDisks, refuse } from './refusals.ts';
import { type Disk, deviceAt, type Server } from './state.ts';
import type { DiskWish, ServerWish } from './wishes.ts';

const NO_SEQUENCE =
  'Boot sequence for the instance and image/block device mapping combination is not valid.';

/** Throws the 400 unless all disks can be had; nothing is taken yet. */
export function checkDisks(context: CloudContext, wish: ServerWish): void {
  const disks = wish.block_device_mapping_v2 ?? [];
  if (!wish.imageRef && disks.length === 0) throw refuse(400, 'Missing imageRef attribute');
  if (wish.imageRef) checkImage(context, wish.imageRef);
  const volumes = disks.flatMap(({ source_type, uuid: id }) =>
    source_type === 'volume' ? [id ?? ''] : [],
  );
  if (new Set(volumes).size < volumes.length) {
    throw badDisks('the same volume is named twice.');
  }
  for (const disk of disks) {
    if (disk.source_type === 'volume') checkVolume(context, disk);
    else checkMade(context, disk, wish.imageRef);
  }
  checkSequence(wish, disks);
}

function checkImage({ state }: CloudContext, id: string): void {
  const image = state.image.images.find((one) => one.id === id);
  if (image === undefined) {
    throw refuse(400, 'Can not find requested image');
  }
  if (image.status !== 'active') {
    throw refuse(400, `Image ${id} is not active.`);
  }
}

/** Boot indexes count up from 0 without gaps; an image stands for index 0 unless a disk does. */
function checkSequence(wish: ServerWish, disks: readonly DiskWish[]): void {
  const given = disks.flatMap(({ boot_index: index }) =>
    index === null || index < 0 ? [] : [index],
  );
  const imageBoots = wish.imageRef && !given.includes(0);
  const order = [...(imageBoots ? [0] : []), ...given].sort((a, b) => a - b);
  if (order.length === 0 || order.some((index, place) => index !== place)) {
    throw badDisks(NO_SEQUENCE);
  }
}

/** A disk whose volume, if it has one, is still to be made. */
function checkMade(context: CloudContext, disk: DiskWish, imageRef: string | undefined): void {
  const { source_type: source, destination_type: goal = 'volume', volume_size: size = 0 } = disk;
  const { block, image } = context.state;
  if (disk.uuid === undefined && source !== 'blank') {
    throw badDisks('Missing device UUID.');
  }
  if (source === 'snapshot' && !block.snapshots.some(({ id }) => id === disk.uuid)) {
    throw badDisks(`failed to get snapshot ${disk.uuid}.`);
  }
  if (source === 'image') {
    if (!image.images.some(({ id }) => id === disk.uuid)) {
      throw badDisks(`failed to get image ${disk.uuid}.`);
    }
    if (goal === 'volume' && size === 0) {
      throw refuse(
        400,
        "Images with destination_type 'volume' need to have a non-zero size specified",
      );
    }
    if (goal === 'local' && disk.uuid !== imageRef) {
      throw badDisks('Mapping image to local is not supported.');
    }
  }
  if (source === 'blank' && goal === 'volume' && size === 0) {
    throw refuse(400, "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
  }
  const known = block.types.some(({ id, name }) => [id, name].includes(disk.volume_type ?? name));
  if (!known) throw refuse(400, `Volume type ${disk.volume_type} could not be found.`);
}

function checkVolume(context: CloudContext, disk: DiskWish): void {
  if (disk.destination_type === 'local') {
    throw badDisks('Mapping volume to local is not supported.');
  }
  const volume = findVolume(context, disk.uuid ?? '');
  if (volume === undefined) throw badDisks(`failed to get volume ${disk.uuid}.`);
  const why = reserveRefusal(volume);
  // Nova wraps what Cinder said, and Cinder wraps it as well.
  if (why !== undefined) throw refuse(400, `Invalid volume: Invalid input received: ${why}`);
  if (disk.boot_index === 0 && !volume.bootable) {
    throw refuse(400, `Block Device ${volume.id} is not bootable.`);
  }
}

/** Devices are given in boot order first, then as listed: vda, vdb, … */
export function disksOf(context: CloudContext, wish: ServerWish): Disk[] {
  const listed = wish.block_device_mapping_v2 ?? [];
  const image = wish.imageRef && !listed.some((disk) => disk.boot_index === 0);
  const local: Omit<Disk, 'device'> = {
    id: uuid(context.random),
    volumeId: null,
    make: null,
    bootIndex: 0,
    deleteOnTermination: true,
    tag: null,
    writesFrom: null,
  };
  const rank = ({ boot_index: index }: DiskWish) =>
    index === null || index < 0 ? Number.POSITIVE_INFINITY : index;
  const wanted = [...listed].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  const disks = [...(image ? [local] : []), ...wanted.map((disk) => diskOf(context, disk))];
  return disks.map((disk, place) => ({ ...disk, device: deviceAt(place) }));
}

function diskOf(context: CloudContext, wish: DiskWish): Omit<Disk, 'device'> {
  const { source_type: source, destination_type: goal = 'volume' } = wish;
  const made = source !== 'volume' && goal === 'volume';
  const make = {
    imageId: source === 'image' ? (wish.uuid ?? null) : null,
    snapshotId: source === 'snapshot' ? (wish.uuid ?? null) : null,
    sizeGiB: wish.volume_size ?? 0,
    volumeType: wish.volume_type ?? null,
  };
  return {
    id: uuid(context.random),
    volumeId: source === 'volume' ? (wish.uuid ?? null) : null,
    make: made ? make : null,
    bootIndex: wish.boot_index,
    deleteOnTermination: wish.delete_on_termination,
    tag: wish.tag ?? null,
    writesFrom: null,
  };
}

/** Reserves the volumes that are there already. */
export function reserveDisks(context: CloudContext, server: Server): void {
  for (const { volumeId, device } of server.disks) {
    const volume = findVolume(context, volumeId);
    if (volume !== undefined) reserve(context, volume, { serverId: server.id, device });
  }
}
