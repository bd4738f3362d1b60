/** `POST /backups/{id}/restore`: onto a volume that is there, or onto a new one. */
import type { HttpResponse } from '../../../http.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { bodyOf, restoreSchema } from './bodies.ts';
import { createVolume } from './create.ts';
import { invalidBackup, invalidVolume } from './refusals.ts';
import type { Backup, Volume } from './state.ts';
import { begin } from './tasks.ts';
import { oneVolume } from './volumes.ts';

export function restore(context: CloudContext, ask: Ask, backup: Backup): HttpResponse {
  const wish = bodyOf(ask, restoreSchema).restore;
  if (backup.status !== 'available') throw invalidBackup('Backup status must be available');
  const volume = wish?.volume_id
    ? oneVolume(context, ask, wish.volume_id)
    : newVolume(context, ask, { backup, name: wish?.name ?? `restore_backup_${backup.id}` });
  if (wish?.volume_id && volume.status !== 'available') {
    throw invalidVolume('Volume to be restored to must be available');
  }
  if (backup.sizeGiB > volume.sizeGiB) {
    const small = `volume size ${volume.sizeGiB} is too small to restore backup of size`;
    throw invalidVolume(`${small} ${backup.sizeGiB}.`);
  }
  backup.status = 'restoring';
  begin(backup, 'restore', { at: context.clock.now(), from: volume.id });
  if (wish?.volume_id) volume.status = 'restoring-backup';
  const { id, name } = volume;
  return json(202, { restore: { backup_id: backup.id, volume_id: id, volume_name: name } });
}

/** The real one waits until the new volume is there before it answers; this one does not. */
function newVolume(
  context: CloudContext,
  ask: Ask,
  { backup, name }: { readonly backup: Backup; readonly name: string },
): Volume {
  const body = JSON.stringify({ volume: { name, size: backup.sizeGiB } });
  const made = createVolume(context, { ...ask, body });
  const volume = context.state.block.volumes.at(-1);
  if (made.status !== 202 || volume === undefined) throw invalidVolume('No volume was made.');
  return volume;
}
