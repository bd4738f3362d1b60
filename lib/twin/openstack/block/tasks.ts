/** Work that takes time. A task ends in `settle.ts`, when it is due and its service is alive. */
import { type CloudContext, hasFault } from '../state.ts';
import type { Backup, Snapshot, Task, Volume } from './state.ts';

/** How long each kind of work takes (ms). */
const PACE = {
  create: 1_000,
  copy: 3_000,
  delete: 2_000,
  extend: 1_000,
  manage: 1_000,
  unmanage: 500,
  upload: 10_000,
  snapshot: 1_000,
  backup: 20_000,
  restore: 20_000,
} as const;
export type TaskKind = keyof typeof PACE;

type Busy = Volume | Snapshot | Backup;
type More = Pick<Task, 'from' | 'sizeGiB' | 'backTo'> & { readonly stuck?: boolean };

/** Sets something to work from `at` on. */
export function begin(thing: Busy, kind: TaskKind, { at, stuck, ...more }: More & { at: number }) {
  thing.task = { kind, dueAt: stuck ? null : at + PACE[kind], ...more };
  thing.updatedAt = at;
}

/** Deletes a volume as Cinder does for whoever may: an API call, or Nova at the end of a server. */
export function beginDelete(volume: Volume, at: number): void {
  volume.status = 'deleting';
  begin(volume, 'delete', { at });
}

export const stuckCreating = (context: CloudContext): { readonly stuck: boolean } => ({
  stuck: hasFault(context, 'volume-stuck-creating'),
});

/** Takes a thing out of the books. */
export function gone({ state }: CloudContext, thing: Busy): void {
  const { block } = state;
  block.volumes = block.volumes.filter((one) => one !== thing);
  block.snapshots = block.snapshots.filter((one) => one !== thing);
  block.backups = block.backups.filter((one) => one !== thing);
}
