/** The record of a backup, carried from one cloud's books into another's. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, json } from '../wire.ts';
import { bodyOf, recordSchema } from './bodies.ts';
import { lookOf } from './lists.ts';
import { invalidBackup, onlyAdmin } from './refusals.ts';
import type { Backup } from './state.ts';
import { backupSummary } from './views.ts';

const DRIVER = 'cinder.backup.drivers.nfs.NFSBackupDriver';

/** What of a backup goes abroad. Real records hold more; nobody reads them but Cinder. */
const contentSchema = z.object({
  id: z.string(),
  display_name: z.string().nullable(),
  display_description: z.string().nullable(),
  size: z.int(),
  volume_id: z.string(),
  container: z.string(),
  parent_id: z.string().nullable(),
  data_timestamp: z.int(),
});

export function exportRecord(context: CloudContext, ask: Ask, backup: Backup): HttpResponse {
  onlyAdmin(context, ask, 'backup:export-import');
  if (backup.status !== 'available') {
    const rule = `Backup status must be available and not ${backup.status}.`;
    throw invalidBackup(rule);
  }
  const content: z.infer<typeof contentSchema> = {
    id: backup.id,
    display_name: backup.name,
    display_description: backup.description,
    size: backup.sizeGiB,
    volume_id: backup.volumeId,
    container: backup.container,
    parent_id: backup.parentId,
    data_timestamp: backup.dataAt,
  };
  const backup_url = Buffer.from(JSON.stringify(content)).toString('base64');
  return json(200, { 'backup-record': { backup_service: DRIVER, backup_url } });
}

/** The backup keeps the id it had where it was made. */
export function importRecord(context: CloudContext, ask: Ask): HttpResponse {
  onlyAdmin(context, ask, 'backup:backup-import');
  const record = bodyOf(ask, recordSchema)['backup-record'];
  const content = contentOf(record.backup_url);
  const { backups } = context.state.block;
  if (backups.some(({ id }) => id === content.id)) {
    throw invalidBackup('Backup already exists in database.');
  }
  const { projectId, userId } = callerOf(context, ask);
  const now = context.clock.now();
  const backup: Backup = {
    id: content.id,
    name: content.display_name,
    description: content.display_description,
    status: 'available',
    sizeGiB: content.size,
    projectId,
    userId,
    metadata: {},
    createdAt: now,
    updatedAt: now,
    task: null,
    volumeId: content.volume_id,
    snapshotId: null,
    parentId: content.parent_id,
    container: content.container,
    failReason: null,
    dataAt: content.data_timestamp,
  };
  backups.push(backup);
  return json(201, { backup: backupSummary(context, backup, lookOf(context, ask)) });
}

function contentOf(url: string): z.infer<typeof contentSchema> {
  try {
    return contentSchema.parse(JSON.parse(Buffer.from(url, 'base64').toString('utf8')));
  } catch {
    throw invalidBackup("Can't parse backup record.");
  }
}
