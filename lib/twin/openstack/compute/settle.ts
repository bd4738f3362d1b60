/**
 * What Nova does in its own time: building, stopping, starting, evacuating, deleting. Each step
 * happens at the instant at which it was due, whenever somebody looks; a compute host that is down
 * does nothing until it is back.
 */
import {
  attachmentOf,
  beginDetach,
  complete,
  connect,
  findVolume,
  move,
  release,
  reserve,
  reserveRefusal,
} from '../block/attachments.ts';
import { settleBlock } from '../block/settle.ts';
import type { Volume } from '../block/state.ts';
import { beginDelete } from '../block/tasks.ts';
import type { CloudContext } from '../state.ts';
import { isGone } from './find.ts';
import { followGuests } from './guests.ts';
import { finish } from './history.ts';
import { choose, followHosts, isAlive } from './hosts.ts';
import { type Holding, settleDisks } from './hotplug.ts';
import { makeVolume } from './media.ts';
import { bindPorts, unplugAll } from './plugs.ts';
import type { Server, TaskName } from './state.ts';

/** Milliseconds after the create at which a server's life goes on. */
export const BUILD = {
  networking: 1_000,
  attaching: 2_000,
  attached: 4_000,
  active: 8_000,
} as const;

/** How long a task takes (ms). */
export const PACE: Readonly<Record<TaskName, number>> = {
  'powering-off': 2_000,
  'powering-on': 3_000,
  rebooting: 5_000,
  rebooting_hard: 5_000,
  rebuilding: 6_000,
  deleting: 3_000,
};
/** How long a server that keeps nothing any more is listed as DELETED. */
const LEAVING_MS = 500;
/** Deleting with the fault `slow-delete`. */
export const SLOW_DELETE_MS = 180_000;

const NO_HOST = 'No valid host was found. There are not enough hosts available.';

export function settleCompute(context: CloudContext, now: number): void {
  followHosts(context, now);
  for (const server of context.state.compute.servers) {
    if (isGone(server)) continue;
    if (server.task !== null) settleTask(context, server, now);
    else if (server.vmState === 'building') settleBuild(context, server, now);
    settleDisks(context, server, now);
  }
  followGuests(context);
}

/** What Nova is busy with, or null. */
export function taskState(server: Server, now: number): string | null {
  if (server.vmState === 'deleted') return null;
  if (server.task?.name === 'rebuilding') {
    return now < server.task.since + PACE.rebuilding / 2 ? 'rebuilding' : 'rebuild_spawning';
  }
  if (server.task !== null) return server.task.name;
  if (server.vmState !== 'building') return null;
  const age = now - server.createdAt;
  if (age < BUILD.networking || server.host === null) return 'scheduling';
  if (age < BUILD.attaching) return 'networking';
  return age < BUILD.attached || !server.disks.every(({ make }) => make === null)
    ? 'block_device_mapping'
    : 'spawning';
}

function settleBuild(context: CloudContext, server: Server, now: number): void {
  const age = now - server.createdAt;
  if (age < BUILD.networking) return;
  if (server.host === null) {
    const host = server.build.doomed ? undefined : choose(context, server);
    if (host === undefined) {
      fail(server, NO_HOST, server.createdAt + BUILD.networking);
      return;
    }
    server.host = host;
    bindPorts(context, server);
  }
  if (!isAlive(context, server.host) || age < BUILD.attaching) return;
  const ready = attachDisks(context, server, now);
  if (!ready || age < server.build.activeMs) return;
  server.vmState = 'active';
  server.launchedAt = server.createdAt + server.build.activeMs;
  server.updatedAt = server.launchedAt;
  finish(context, server.id, server.launchedAt);
}

/** True once all disks are attached; the server is in ERROR when one cannot be. */
function attachDisks(context: CloudContext, server: Server, now: number): boolean {
  const connectAt = server.createdAt + BUILD.attaching;
  for (const disk of server.disks) {
    if (disk.make === null) continue;
    const why = makeVolume(context, { server, disk, at: connectAt });
    if (why !== undefined) return aborted(server, why, connectAt);
    settleBlock(context, now);
  }
  for (const disk of server.disks) {
    const volume = findVolume(context, disk.volumeId);
    if (volume === undefined) continue;
    if (!held(context, server, { disk, volume })) return false;
    connect(volume, { serverId: server.id, host: server.host ?? '', at: connectAt });
    if (now < server.createdAt + BUILD.attached) continue;
    if (!attach(context, server, volume)) return false;
  }
  return now >= server.createdAt + BUILD.attached;
}

/** A volume made for the server is reserved once it is there; no volume in error is waited for. */
function held(context: CloudContext, server: Server, { disk, volume }: Holding): boolean {
  if (attachmentOf(volume, server.id) !== undefined) return true;
  if (volume.status === 'creating' || volume.status === 'downloading') return false;
  if (reserveRefusal(volume) === undefined) {
    reserve(context, volume, { serverId: server.id, device: disk.device });
    return true;
  }
  const why = `Volume ${volume.id} did not finish being created`;
  return aborted(server, why, context.clock.now());
}

function attach(context: CloudContext, server: Server, volume: Volume): boolean {
  const at = server.createdAt + BUILD.attached;
  try {
    return complete(context, volume, { serverId: server.id, at });
  } catch (error) {
    return aborted(server, error instanceof Error ? error.message : String(error), at);
  }
}

function aborted(server: Server, why: string, at: number): false {
  fail(server, `Build of instance ${server.id} aborted: ${why}`, at);
  return false;
}

function fail(server: Server, reason: string, at: number): void {
  server.vmState = 'error';
  server.reason = reason;
  server.updatedAt = at;
}

function settleTask(context: CloudContext, server: Server, now: number): void {
  const { task } = server;
  if (task?.name === 'rebuilding') settleEvacuation(context, server, now);
  else if (task?.name === 'deleting') settleDeletion(context, server, now);
  else settlePower(context, server, now);
}

function settlePower(context: CloudContext, server: Server, now: number): void {
  const { task } = server;
  const at = (task?.since ?? 0) + (task?.tookMs ?? 0);
  if (task === null || now < at || !isAlive(context, server.host)) return;
  server.vmState = task.name === 'powering-off' ? 'stopped' : 'active';
  server.task = null;
  server.updatedAt = at;
  finish(context, server.id, at);
}

function settleEvacuation(context: CloudContext, server: Server, now: number): void {
  const { task } = server;
  if (task === null || now < task.since + task.tookMs) return;
  const at = task.since + task.tookMs;
  const wanted = { ...server, wantedHost: task.toHost ?? null };
  const host = choose(context, wanted);
  // Told to one that has just died: it waits there, as real ones do.
  if (host !== undefined && !isAlive(context, host)) return;
  const why = host === undefined ? NO_HOST : moveDisks(context, server, { host, at });
  const migration = context.state.compute.migrations.findLast(
    ({ serverId }) => serverId === server.id,
  );
  server.task = null;
  if (migration !== undefined) {
    Object.assign(migration, { status: why === undefined ? 'done' : 'error', updatedAt: at });
    migration.target = host ?? null;
  }
  if (host === undefined || why !== undefined) {
    fail(server, why ?? NO_HOST, at);
    return;
  }
  server.host = host;
  bindPorts(context, server);
  // A server that was stopped stays so; one that ran, or was in error, runs.
  if (server.vmState !== 'stopped') server.vmState = 'active';
  server.reason = null;
  server.updatedAt = at;
  finish(context, server.id, at);
}

/** Why the volumes cannot follow to the host; undefined = they have. */
function moveDisks(
  context: CloudContext,
  server: Server,
  { host, at }: { readonly host: string; readonly at: number },
): string | undefined {
  try {
    for (const { volumeId } of server.disks) {
      const volume = findVolume(context, volumeId);
      if (volume !== undefined) move(context, volume, { serverId: server.id, host, at });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function settleDeletion(context: CloudContext, server: Server, now: number): void {
  const { task } = server;
  if (task === null || now < task.since + task.tookMs / 2) return;
  if (server.host !== null && !isAlive(context, server.host)) return;
  const at = task.since + task.tookMs;
  if (now < at) {
    // Network first, then volumes; the row goes last.
    unplugAll(context, server.id);
    for (const { volumeId } of server.disks) {
      const volume = findVolume(context, volumeId);
      const attached = volume && attachmentOf(volume, server.id)?.state === 'attached';
      if (attached) beginDetach(volume, server.id, task.since + task.tookMs / 2);
    }
    if (now >= at - LEAVING_MS) leave(context, server, at - LEAVING_MS);
    return;
  }
  remove(context, server, at);
}

/** It gives back all it had, and its row says so before it goes. */
function leave(context: CloudContext, server: Server, at: number): void {
  if (server.vmState === 'deleted') return;
  for (const { volumeId, deleteOnTermination } of server.disks) {
    const volume = findVolume(context, volumeId);
    if (volume === undefined) continue;
    release(context, volume, { serverId: server.id, at });
    if (deleteOnTermination && volume.attachments.length === 0) beginDelete(volume, at);
  }
  unplugAll(context, server.id);
  server.vmState = 'deleted';
  server.deletedAt = at;
  server.updatedAt = at;
}

/** The end of a server: volumes free or deleted, ports given back, the row kept as deleted. */
export function remove(context: CloudContext, server: Server, at: number): void {
  leave(context, server, at);
  server.task = null;
  followGuests(context);
  server.disks = [];
  finish(context, server.id, at);
}
