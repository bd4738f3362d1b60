/** Volumes attached to and detached from a server that is there already, in their own time. */
import { attachmentOf, complete, connect, findVolume, release } from '../block/attachments.ts';
import type { Volume } from '../block/state.ts';
import type { CloudContext } from '../state.ts';
import { finish } from './history.ts';
import { isAlive } from './hosts.ts';
import type { Disk, Server } from './state.ts';

export interface Holding {
  readonly disk: Disk;
  readonly volume: Volume;
}

/** How long a volume stays reserved, attaching and detaching (ms). */
const STEP = { reserved: 500, attaching: 1_500, detaching: 2_000 } as const;

/** Volumes attached and detached later: the disk is written down, its volume follows. */
export function settleDisks(context: CloudContext, server: Server, now: number): void {
  if (server.vmState !== 'active' && server.vmState !== 'stopped') return;
  if (server.task !== null || !isAlive(context, server.host)) return;
  for (const disk of [...server.disks]) {
    const volume = findVolume(context, disk.volumeId);
    if (volume !== undefined) settleDisk(context, server, { disk, volume, now });
  }
}

function settleDisk(
  context: CloudContext,
  server: Server,
  { disk, volume, now }: Holding & { readonly now: number },
): void {
  const due = (state: keyof typeof STEP): number | undefined => {
    if (attachmentOf(volume, server.id)?.state !== state) return undefined;
    const at = (volume.updatedAt ?? now) + STEP[state];
    return now >= at ? at : undefined;
  };
  const serverId = server.id;
  const seen = due('reserved');
  if (seen !== undefined) connect(volume, { serverId, host: server.host ?? '', at: seen });
  const there = due('attaching');
  if (there !== undefined) arrive(context, server, { disk, volume, at: there });
  const gone = due('detaching');
  if (gone === undefined) return;
  release(context, volume, { serverId, at: gone });
  dropDisk(context, server, { disk, at: gone });
}

/** An array that refuses the path leaves the server as it was and the volume free again. */
function arrive(
  context: CloudContext,
  server: Server,
  { disk, volume, at }: Holding & { readonly at: number },
): void {
  try {
    if (complete(context, volume, { serverId: server.id, at })) finish(context, server.id, at);
  } catch {
    release(context, volume, { serverId: server.id, at });
    dropDisk(context, server, { disk, at });
  }
}

function dropDisk(
  context: CloudContext,
  server: Server,
  { disk, at }: { readonly disk: Disk; readonly at: number },
): void {
  server.disks = server.disks.filter((one) => one !== disk);
  finish(context, server.id, at);
}
