/**
 * Asynchronous states without timers: before each request everything that should have happened by
 * now is made to have happened, at the instants at which it was due.
 */
import { type CloudContext, computeHost, type Server, type Volume } from './state.ts';

/** Milliseconds after the create at which a server's life goes on. */
const BUILD = { networking: 1_000, attaching: 2_000, attached: 4_000, active: 8_000 } as const;
export const DELETE_MS = 3_000;
export const SLOW_DELETE_MS = 180_000;
export const VOLUME_DELETE_MS = 2_000;

/** Returns true if anything changed, so that it can be written down. */
export function settle(context: CloudContext): boolean {
  const now = context.clock.now();
  const before = JSON.stringify(context.state);
  for (const server of [...context.state.servers]) {
    if (server.deletion !== null) settleDeletion(context, server, now);
    else if (server.status === 'BUILD') settleBuild(context, server, now);
  }
  const { state } = context;
  state.volumes = state.volumes.filter(({ goneAt }) => goneAt === null || goneAt > now);
  state.tokens = state.tokens.filter((token) => token.expiresAt > now);
  return JSON.stringify(state) !== before;
}

/** What Nova is busy with, or null. */
export function taskState(server: Server, now: number): string | null {
  if (server.deletion !== null) return 'deleting';
  if (server.status !== 'BUILD') return null;
  const age = now - server.createdAt;
  if (age < BUILD.networking) return 'scheduling';
  if (age < BUILD.attaching) return 'networking';
  return age < BUILD.attached ? 'block_device_mapping' : 'spawning';
}

function settleBuild(context: CloudContext, server: Server, now: number): void {
  const age = now - server.createdAt;
  if (server.doomed) {
    const message = 'No valid host was found. There are not enough hosts available.';
    if (age >= BUILD.networking) fail(server, message, server.createdAt + BUILD.networking);
    return;
  }
  for (const volume of volumesOf(context, server)) {
    if (age >= BUILD.attaching) beginAttach(volume, server);
    if (age >= BUILD.attached && !finishAttach(context, volume, server)) return;
  }
  if (age >= BUILD.active) {
    server.status = 'ACTIVE';
    server.updatedAt = server.createdAt + BUILD.active;
  }
}

function beginAttach(volume: Volume, server: Server): void {
  const attachment = volume.attachments.find(({ serverId }) => serverId === server.id);
  if (attachment?.state !== 'reserved') return;
  attachment.state = 'attaching';
  volume.status = 'attaching';
  volume.updatedAt = server.createdAt + BUILD.attaching;
}

/** False if the array refused the path: the server has failed then. */
function finishAttach(context: CloudContext, volume: Volume, server: Server): boolean {
  const attachment = volume.attachments.find(({ serverId }) => serverId === server.id);
  if (attachment?.state !== 'attaching') return true;
  const at = server.createdAt + BUILD.attached;
  try {
    context.array.addPath(volume.ldevId, computeHost(context.seed));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    fail(server, `Build of instance ${server.id} aborted: ${why}`, at);
    return false;
  }
  attachment.state = 'attached';
  attachment.attachedAt = at;
  volume.status = 'in-use';
  volume.updatedAt = at;
  return true;
}

function fail(server: Server, reason: string, at: number): void {
  server.status = 'ERROR';
  server.reason = reason;
  server.updatedAt = at;
}

function settleDeletion(context: CloudContext, server: Server, now: number): void {
  if (server.deletion === null) return;
  const { since, tookMs } = server.deletion;
  const volumes = volumesOf(context, server);
  if (now < since + tookMs / 2) return;
  if (now < since + tookMs) {
    for (const volume of volumes) if (volume.status === 'in-use') volume.status = 'detaching';
    return;
  }
  for (const volume of volumes) release(context, volume, { server, at: since + tookMs });
  const { state } = context;
  state.ports = state.ports.filter((port) => !(port.deviceId === server.id && port.ownedByServer));
  for (const port of state.ports) {
    if (port.deviceId === server.id) Object.assign(port, { deviceId: '', deviceOwner: '' });
  }
  state.servers = state.servers.filter(({ id }) => id !== server.id);
}

function release(
  context: CloudContext,
  volume: Volume,
  { server, at }: { readonly server: Server; readonly at: number },
): void {
  const mine = volume.attachments.find(({ serverId }) => serverId === server.id);
  volume.attachments = volume.attachments.filter(({ serverId }) => serverId !== server.id);
  const shared = volume.attachments.some(({ state }) => state === 'attached');
  if (mine?.state === 'attached' && !shared) {
    context.array.removePath(volume.ldevId, computeHost(context.seed));
  }
  const disk = server.disks.find(({ volumeId }) => volumeId === volume.id);
  volume.updatedAt = at;
  if (disk?.deleteOnTermination) {
    volume.status = 'deleting';
    volume.goneAt = at + VOLUME_DELETE_MS;
  } else if (volume.attachments.length === 0) {
    volume.status = 'available';
  }
}

function volumesOf(context: CloudContext, server: Server): Volume[] {
  return server.disks.flatMap(
    ({ volumeId }) => context.state.volumes.find(({ id }) => id === volumeId) ?? [],
  );
}
