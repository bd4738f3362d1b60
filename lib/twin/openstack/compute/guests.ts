/** What runs inside: a guest that is stopped, or whose host is down, does not write. */
import { attachmentOf, findVolume } from '../block/attachments.ts';
import { reached } from '../block/backends.ts';
import type { Volume } from '../block/state.ts';
import type { CloudContext } from '../state.ts';
import { isAlive } from './hosts.ts';
import type { Disk, Server } from './state.ts';

/** Whether the guest answers and writes at this moment. */
export function isRunning(context: CloudContext, server: Server): boolean {
  return server.vmState === 'active' && server.task === null && isAlive(context, server.host);
}

/**
 * Tells the arrays which guests write now. Called whenever a server, a disk or a host may have
 * changed, so that a guest falls silent the moment it is told to stop and not when it is off.
 */
export function followGuests(context: CloudContext): void {
  for (const server of context.state.compute.servers) {
    const running = isRunning(context, server);
    for (const disk of server.disks) {
      const volume = findVolume(context, disk.volumeId);
      const ldevId = volume?.ldevId ?? null;
      if (volume === undefined || ldevId === null) continue;
      const writes = running && attachmentOf(volume, server.id)?.state === 'attached';
      tell(context, { server, disk, volume, host: writes ? server.host : null });
    }
  }
}

interface Use {
  readonly server: Server;
  readonly disk: Disk;
  readonly volume: Volume;
  readonly host: string | null;
}

/** Only where volumes lie on two arrays may a guest that stays change over to the other half. */
function tell(context: CloudContext, { server, disk, volume, host }: Use): void {
  const fixed = context.seed.backends.length === 1;
  if (host === disk.writesFrom && (fixed || host === null)) return;
  const { array, arrayId, ldevId } = reached(context, volume);
  const was = disk.writesTo;
  const moved = was !== undefined && (was.arrayId !== arrayId || was.ldevId !== ldevId);
  if (host === disk.writesFrom && !moved) return;
  if (moved) context.arrays[was.arrayId]?.use(was.ldevId, { guest: server.id, host: null });
  disk.writesFrom = host;
  disk.writesTo = { arrayId, ldevId };
  array.use(ldevId, { guest: server.id, host });
}
