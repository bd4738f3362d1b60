/**
 * Volumes and servers: reserved, attaching, attached, detaching. Nova goes through these; what
 * makes an attachment real is the LU path on the array.
 */
import { uuid } from '../ids.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { arrayBelow, ldevOf, reached } from './backends.ts';
import type { Attachment, Volume } from './state.ts';

export const findVolume = ({ state }: CloudContext, id: string | null): Volume | undefined =>
  state.block.volumes.find((volume) => volume.id === id);

export const attachmentOf = (volume: Volume, serverId: string): Attachment | undefined =>
  volume.attachments.find((one) => one.serverId === serverId);

/** Why Cinder will not reserve the volume, in its words; undefined = it will. */
export function reserveRefusal(volume: Volume): string | undefined {
  if (volume.status === 'available') return undefined;
  const allowed = 'status must be available or downloading to reserve';
  const current = `but the current status is ${volume.status}.`;
  return `Invalid volume: Volume ${volume.id} ${allowed}, ${current} (HTTP 400)`;
}

interface Wish {
  readonly serverId: string;
  readonly device: string;
}

/** Cinder's `attachment_create`: nobody else gets the volume from now on. */
export function reserve(context: CloudContext, volume: Volume, wish: Wish): void {
  const attachment = { id: uuid(context.random), host: '', attachedAt: null, ...wish };
  volume.attachments.push({ ...attachment, state: 'reserved' });
  volume.status = 'reserved';
  volume.updatedAt = context.clock.now();
}

interface Step {
  readonly serverId: string;
  readonly host: string;
  readonly at: number;
}

/** `attachment_update`: the host says who it is. */
export function connect(volume: Volume, { serverId, host, at }: Step): void {
  const attachment = attachmentOf(volume, serverId);
  if (attachment?.state !== 'reserved') return;
  attachment.state = 'attaching';
  attachment.host = host;
  volume.status = 'attaching';
  volume.updatedAt = at;
}

/** Makes the path. False while the fault holds it up; throws what the array says against it. */
export function complete(
  context: CloudContext,
  volume: Volume,
  { serverId, at }: Omit<Step, 'host'>,
): boolean {
  const attachment = attachmentOf(volume, serverId);
  if (attachment?.state !== 'attaching') return attachment?.state === 'attached';
  if (hasFault(context, 'volume-stuck-attaching')) return false;
  const { array, ldevId } = driven(context, volume);
  if (!sharesPath(volume, attachment)) array.addPath(ldevId, attachment.host);
  attachment.state = 'attached';
  attachment.attachedAt = at;
  volume.status = 'in-use';
  volume.updatedAt = at;
  return true;
}

/** Volumes of servers that run from the first day have their paths from then on. */
export function seedPaths(context: CloudContext): void {
  for (const volume of context.state.block.volumes) {
    for (const { host } of volume.attachments.filter(hasPath)) {
      arrayBelow(context, volume.host).addPath(ldevOf(volume), host);
    }
  }
}

/** Where the driver makes paths; throws what Nova says when it reaches no array for that. */
function driven(context: CloudContext, volume: Volume): ReturnType<typeof reached> {
  const there = reached(context, volume);
  if (!hasFault(context, 'backend-down') && there.array.answers()) return there;
  throw new Error('Bad or unexpected response from the storage volume backend API.');
}

function removePaths(context: CloudContext, volume: Volume, host: string): void {
  const array = arrayBelow(context, volume.host);
  array.removePath(ldevOf(volume), host);
  const half = array.otherHalf(ldevOf(volume));
  if (half !== undefined) context.arrays[half.arrayId]?.removePath(half.ldevId, host);
}

/** `begin_detaching`: only of a volume in use. */
export function beginDetach(volume: Volume, serverId: string, at: number): void {
  const attachment = attachmentOf(volume, serverId);
  if (attachment?.state === 'attached') attachment.state = 'detaching';
  if (volume.status === 'in-use') volume.status = 'detaching';
  volume.updatedAt = at;
}

/** Takes attachment and path away; the volume is free once nobody else holds it. */
export function release(
  context: CloudContext,
  volume: Volume,
  { serverId, at }: Omit<Step, 'host'>,
): void {
  const mine = attachmentOf(volume, serverId);
  if (mine === undefined) return;
  volume.attachments = volume.attachments.filter((one) => one !== mine);
  if (hasPath(mine) && !sharesPath(volume, mine)) {
    removePaths(context, volume, mine.host);
  }
  volume.status = volume.attachments.some(hasPath) ? 'in-use' : 'available';
  if (volume.attachments.some(({ state }) => state === 'reserved')) volume.status = 'reserved';
  volume.updatedAt = at;
}

/** The server goes on elsewhere: the path of the new host first, then the old one goes. */
export function move(context: CloudContext, volume: Volume, { serverId, host, at }: Step): void {
  const attachment = attachmentOf(volume, serverId);
  if (attachment === undefined || !hasPath(attachment)) return;
  const { array, ldevId } = driven(context, volume);
  array.addPath(ldevId, host);
  if (!sharesPath(volume, attachment)) removePaths(context, volume, attachment.host);
  Object.assign(attachment, { host, attachedAt: at, state: 'attached' });
  volume.status = 'in-use';
  volume.updatedAt = at;
}

const hasPath = ({ state }: Attachment): boolean => state === 'attached' || state === 'detaching';

/** Whether another attachment keeps the same host's path. */
const sharesPath = (volume: Volume, mine: Attachment): boolean =>
  volume.attachments.some((one) => one !== mine && one.host === mine.host && hasPath(one));
