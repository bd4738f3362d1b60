/** What runs inside: a guest that is stopped, or whose host is down, does not write. */
import { attachmentOf, findVolume } from '../block/attachments.ts';
import { arrayBelow } from '../block/backends.ts';
import type { CloudContext } from '../state.ts';
import { isAlive } from './hosts.ts';
import type { Server } from './state.ts';

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
      const host = writes ? server.host : null;
      if (host === disk.writesFrom) continue;
      disk.writesFrom = host;
      arrayBelow(context, volume.host).use(ldevId, { guest: server.id, host });
    }
  }
}
