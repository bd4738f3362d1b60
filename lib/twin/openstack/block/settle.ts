/** What Cinder does in its own time: ends tasks that are due, if whoever does them is alive. */
import type { CloudContext } from '../state.ts';
import { arrayBelow } from './backends.ts';
import { settleFailovers } from './failover.ts';
import { finishers } from './finish.ts';
import { reachesArray, settleHealth, volumeService } from './health.ts';
import type { Backup, Snapshot, Volume } from './state.ts';

/** While an array answers 5xx the driver repeats a request this long (ms). */
const RETRY_MS = 600_000;

export function settleBlock(context: CloudContext, now: number): void {
  settleHealth(context, now);
  settleFailovers(context, now);
  const { block } = context.state;
  // Snapshots first: with a volume that is deleted go the snapshots it has.
  for (const snapshot of [...block.snapshots]) end(context, snapshot, now);
  for (const volume of [...block.volumes]) end(context, volume, now);
  for (const backup of [...block.backups]) end(context, backup, now);
}

function end(context: CloudContext, thing: Volume | Snapshot | Backup, now: number): void {
  const { task } = thing;
  if (task === null || task.dueAt === null || task.dueAt > now) return;
  const host = hostOf(context, thing);
  // What was asked of a dead cinder-volume waits in its queue.
  if (host !== null && volumeService(context, host)?.deadSince !== null) return;
  const reached = host === null || reachesArray(context, host);
  const erring = host !== null && reached && arrayBelow(context, host).errs();
  if (erring && now - task.dueAt < RETRY_MS) return;
  thing.task = null;
  thing.updatedAt = now;
  finishers(context, now).end(thing, task, reached && !erring);
}

/** Where it lies, or where the volume lies that it was made of. */
function hostOf({ state }: CloudContext, thing: Volume | Snapshot | Backup): string | null {
  if ('host' in thing) return thing.host;
  return state.block.volumes.find(({ id }) => id === thing.volumeId)?.host ?? null;
}
