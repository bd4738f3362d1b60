/** Backups: a copy outside the array. What is in it is not modelled, only that it is there. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { backupSchema, bodyOf } from './bodies.ts';
import { find, type Listing, list, lookOf } from './lists.ts';
import { spend } from './quotas.ts';
import { exportRecord, importRecord } from './records.ts';
import { invalidBackup, invalidVolume, onlyAdmin } from './refusals.ts';
import { restore } from './restore.ts';
import { oneSnapshot } from './snapshots.ts';
import type { Backup } from './state.ts';
import { begin } from './tasks.ts';
import { backupDetail, backupSummary } from './views.ts';
import { oneVolume } from './volumes.ts';

export function backupRoutes(context: CloudContext): readonly Route[] {
  const one = (ask: Ask, id: string | undefined) =>
    find(context, ask, { rows: context.state.block.backups, one: 'Backup', id });
  return [
    ['GET', '/backups', (ask) => list(context, ask, listing(context, backupSummary))],
    ['GET', '/backups/detail', (ask) => list(context, ask, listing(context, backupDetail))],
    ['POST', '/backups', (ask) => create(context, ask)],
    ['POST', '/backups/import_record', (ask) => importRecord(context, ask)],
    ['GET', '/backups/:id', (ask, { id }) => answer(context, ask, one(ask, id))],
    ['DELETE', '/backups/:id', (ask, { id }) => remove(context, one(ask, id), false)],
    ['POST', '/backups/:id/restore', (ask, { id }) => restore(context, ask, one(ask, id))],
    [
      'GET',
      '/backups/:id/export_record',
      (ask, { id }) => exportRecord(context, ask, one(ask, id)),
    ],
    ['POST', '/backups/:id/action', (ask, { id }) => act(context, ask, one(ask, id))],
  ];
}

const listing = (
  context: CloudContext,
  view: typeof backupSummary | typeof backupDetail,
): Listing<Backup> => ({
  many: 'backups',
  one: 'Backup',
  rows: context.state.block.backups,
  view: (backup, look) => view(context, backup, look),
  filters: {
    status: ({ status }) => status,
    name: ({ name }) => name,
    volume_id: ({ volumeId }) => volumeId,
  },
});

const answer = (context: CloudContext, ask: Ask, backup: Backup): HttpResponse =>
  json(200, { backup: backupDetail(context, backup, lookOf(context, ask)) });

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = bodyOf(ask, backupSchema).backup;
  const volume = oneVolume(context, ask, wish.volume_id);
  const snapshot = wish.snapshot_id ? oneSnapshot(context, ask, wish.snapshot_id) : undefined;
  if (snapshot !== undefined && snapshot.volumeId !== volume.id) {
    const other = `does not match with snapshot.volume_id ${snapshot.volumeId}.`;
    throw invalidVolume(`Volume ${volume.id} ${other}`);
  }
  if (snapshot === undefined) refuseBusy(volume.status, wish.force === true);
  const { projectId, userId } = callerOf(context, ask);
  spend(context, projectId, { one: 'backups', sizeGiB: volume.sizeGiB });
  const now = context.clock.now();
  const backup: Backup = {
    id: uuid(context.random),
    name: wish.name ?? null,
    description: wish.description ?? null,
    status: 'creating',
    sizeGiB: volume.sizeGiB,
    projectId,
    userId,
    metadata: wish.metadata ?? {},
    createdAt: now,
    updatedAt: null,
    task: null,
    volumeId: volume.id,
    snapshotId: snapshot?.id ?? null,
    parentId: wish.incremental ? parentOf(context, volume.id) : null,
    container: wish.container ?? 'volumebackups',
    failReason: null,
    dataAt: snapshot?.createdAt ?? now,
  };
  context.state.block.backups.push(backup);
  begin(backup, 'backup', { at: now, backTo: volume.status });
  if (snapshot === undefined) volume.status = 'backing-up';
  return json(202, { backup: backupSummary(context, backup, lookOf(context, ask)) });
}

function refuseBusy(status: string, force: boolean): void {
  if (status === 'available' || (status === 'in-use' && force)) return;
  if (status === 'in-use') {
    throw invalidVolume('Backing up an in-use volume must use the force flag.');
  }
  const rule = 'Volume to be backed up must be available or in-use';
  throw invalidVolume(`${rule}, but the current status is "${status}".`);
}

function parentOf({ state }: CloudContext, volumeId: string): string {
  const last = state.block.backups.findLast((one) => one.volumeId === volumeId);
  if (last === undefined) {
    throw invalidBackup('No backups available to do an incremental backup.');
  }
  if (last.status !== 'available') {
    throw invalidBackup('The parent backup must be available for incremental backup.');
  }
  return last.id;
}

function remove(context: CloudContext, backup: Backup, force: boolean): HttpResponse {
  if (!force && !['available', 'error'].includes(backup.status)) {
    throw invalidBackup('Backup status must be available or error');
  }
  if (context.state.block.backups.some(({ parentId }) => parentId === backup.id)) {
    throw invalidBackup('Incremental backups exist for this backup.');
  }
  backup.status = 'deleting';
  begin(backup, 'delete', { at: context.clock.now() });
  return empty(202);
}

const statuses = ['available', 'error', 'creating', 'deleting', 'restoring'] as const;
const actionSchema = z.union([
  z.strictObject({ 'os-reset_status': z.strictObject({ status: z.enum(statuses) }) }),
  z.strictObject({ 'os-force_delete': z.looseObject({}).nullable() }),
]);

function act(context: CloudContext, ask: Ask, backup: Backup): HttpResponse {
  const body = bodyOf(ask, actionSchema);
  if ('os-force_delete' in body) {
    onlyAdmin(context, ask, 'volume_extension:backup_admin_actions:force_delete');
    return remove(context, backup, true);
  }
  onlyAdmin(context, ask, 'volume_extension:backup_admin_actions:reset_status');
  backup.status = body['os-reset_status'].status;
  backup.updatedAt = context.clock.now();
  return empty(202);
}
