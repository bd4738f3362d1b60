/** Cinder's objects as it shows them, by microversion and by who looks. */
import type { Caller } from '../caller.ts';
import { wallTime } from '../clock.ts';
import { stableUuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import type { Backup, Message, Snapshot, Volume } from './state.ts';

/** Who looks, and at which minor. */
export interface Look {
  readonly caller: Caller;
  readonly minor: number;
}

/** First minors at which an answer changes its shape. */
const SINCE = {
  groupId: 13,
  backupProject: 18,
  providerId: 21,
  snapshotUser: 41,
  backupMetadata: 43,
  sharedTargets: 48,
  backupUser: 56,
  clusterName: 61,
  typeId: 63,
  consumesQuota: 65,
  sharedTargetsNull: 69,
} as const;

/** Cinder's timestamps are UTC without saying so, and without fractions once stored. */
export const stamp = (context: CloudContext, ms: number): string =>
  wallTime(context, ms).replace(/\.\d+Z$/, '.000000');

function links(context: CloudContext, { caller }: Look, path: string) {
  const root = `${context.baseUrl()}/volume`;
  return [
    { rel: 'self', href: `${root}/v3/${caller.projectId}/${path}` },
    { rel: 'bookmark', href: `${root}/${caller.projectId}/${path}` },
  ];
}

export const volumeSummary = (context: CloudContext, { id, name }: Volume, look: Look) => ({
  id,
  name,
  links: links(context, look, `volumes/${id}`),
});

/** What the creating call answers: without what extensions add, and with the true fraction. */
export function volumeMade(context: CloudContext, volume: Volume, look: Look) {
  const added = ['os-vol-host-attr:host', 'os-vol-tenant-attr:tenant_id'];
  const fields = Object.entries(volumeDetail(context, volume, look)).filter(
    ([name]) => !added.includes(name) && !name.startsWith('os-vol-mig-status-attr:'),
  );
  const created_at = wallTime(context, volume.createdAt).replace('Z', '000');
  // No service has been chosen yet.
  const unplaced = look.minor >= SINCE.sharedTargets ? { service_uuid: null } : {};
  return { ...Object.fromEntries(fields), ...unplaced, created_at };
}

/** Three states go by older names, which clients know. */
const shownStatus: Readonly<Record<string, string>> = {
  managing: 'creating',
  error_managing: 'error',
  error_managing_deleting: 'deleting',
};

export function volumeDetail(context: CloudContext, volume: Volume, look: Look) {
  const { caller, minor } = look;
  const type = context.state.block.types.find(({ id }) => id === volume.typeId);
  const { imageMetadata } = volume;
  return {
    ...volumeSummary(context, volume, look),
    description: volume.description,
    status: shownStatus[volume.status] ?? volume.status,
    size: volume.sizeGiB,
    availability_zone: volume.zone,
    bootable: String(volume.bootable),
    encrypted: false,
    multiattach: false,
    attachments: attachmentsOf(context, volume, caller),
    metadata: caller.admin ? { ...volume.metadata, ...volume.adminMetadata } : volume.metadata,
    volume_type: type?.name ?? null,
    replication_status: volume.replicationStatus,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceId,
    consistencygroup_id: null,
    user_id: volume.userId,
    created_at: stamp(context, volume.createdAt),
    updated_at: volume.updatedAt === null ? null : stamp(context, volume.updatedAt),
    ...(imageMetadata === null ? {} : { volume_image_metadata: imageMetadata }),
    'os-vol-tenant-attr:tenant_id': volume.projectId,
    ...(caller.admin ? forAdmins(volume, minor) : {}),
    ...(minor >= SINCE.groupId ? { group_id: null } : {}),
    ...(minor >= SINCE.sharedTargets ? sharing(volume, minor) : {}),
    ...(minor >= SINCE.typeId ? { volume_type_id: volume.typeId } : {}),
    ...(minor >= SINCE.consumesQuota ? { consumes_quota: true } : {}),
  };
}

const forAdmins = (volume: Volume, minor: number) => ({
  migration_status: null,
  'os-vol-host-attr:host': volume.host,
  'os-vol-mig-status-attr:migstat': null,
  'os-vol-mig-status-attr:name_id': null,
  ...(minor >= SINCE.providerId ? { provider_id: null } : {}),
  ...(minor >= SINCE.clusterName ? { cluster_name: null } : {}),
});

const sharing = ({ host }: Volume, minor: number) => ({
  shared_targets: minor >= SINCE.sharedTargetsNull ? null : true,
  service_uuid: host === null ? null : stableUuid('cinder-volume', host.split('#')[0] ?? ''),
});

function attachmentsOf(context: CloudContext, volume: Volume, { admin }: Caller) {
  const attached = volume.attachments.filter(({ state }) =>
    ['attached', 'detaching'].includes(state),
  );
  return attached.map((attachment) => ({
    id: volume.id,
    attachment_id: attachment.id,
    volume_id: volume.id,
    server_id: attachment.serverId,
    host_name: admin ? attachment.host : null,
    device: attachment.device,
    attached_at: attachment.attachedAt === null ? null : stamp(context, attachment.attachedAt),
  }));
}

export const snapshotSummary = (context: CloudContext, snapshot: Snapshot) => ({
  id: snapshot.id,
  name: snapshot.name,
  description: snapshot.description,
  volume_id: snapshot.volumeId,
  status: snapshot.status,
  size: snapshot.sizeGiB,
  metadata: snapshot.metadata,
  created_at: stamp(context, snapshot.createdAt),
  updated_at: snapshot.updatedAt === null ? null : stamp(context, snapshot.updatedAt),
});

export const snapshotDetail = (context: CloudContext, snapshot: Snapshot, look: Look) => ({
  ...snapshotMade(context, snapshot, look),
  'os-extended-snapshot-attributes:project_id': snapshot.projectId,
  'os-extended-snapshot-attributes:progress': snapshot.status === 'available' ? '100%' : '0%',
});

/** What the creating call answers: without what the extension adds. */
export const snapshotMade = (context: CloudContext, snapshot: Snapshot, { minor }: Look) => ({
  ...snapshotSummary(context, snapshot),
  ...(minor >= SINCE.groupId + 1 ? { group_snapshot_id: null } : {}),
  ...(minor >= SINCE.snapshotUser ? { user_id: snapshot.userId } : {}),
  ...(minor >= SINCE.consumesQuota ? { consumes_quota: true } : {}),
});

export const backupSummary = (context: CloudContext, { id, name }: Backup, look: Look) => ({
  id,
  name,
  links: links(context, look, `backups/${id}`),
});

export function backupDetail(context: CloudContext, backup: Backup, look: Look) {
  const { caller, minor } = look;
  const dependents = context.state.block.backups.some(({ parentId }) => parentId === backup.id);
  return {
    ...backupSummary(context, backup, look),
    description: backup.description,
    status: backup.status,
    size: backup.sizeGiB,
    object_count: 0,
    availability_zone: null,
    container: backup.container,
    volume_id: backup.volumeId,
    snapshot_id: backup.snapshotId,
    fail_reason: backup.failReason,
    is_incremental: backup.parentId !== null,
    has_dependent_backups: dependents,
    data_timestamp: stamp(context, backup.dataAt),
    created_at: stamp(context, backup.createdAt),
    updated_at: backup.updatedAt === null ? null : stamp(context, backup.updatedAt),
    ...(minor >= SINCE.backupProject && caller.admin
      ? { 'os-backup-project-attr:project_id': backup.projectId }
      : {}),
    ...(minor >= SINCE.backupMetadata ? { metadata: backup.metadata } : {}),
    ...(minor >= SINCE.backupUser ? { user_id: backup.userId } : {}),
  };
}

/** Messages are kept for thirty days. */
const MESSAGE_DAYS_MS = 30 * 86_400_000;

export const messageView = (context: CloudContext, message: Message, look: Look) => ({
  id: message.id,
  event_id: `VOLUME_${message.resourceType}_${message.action}_${message.detail}`,
  user_message: message.text,
  message_level: 'ERROR',
  resource_type: message.resourceType,
  resource_uuid: message.resourceId,
  request_id: message.requestId,
  created_at: stamp(context, message.createdAt),
  guaranteed_until: stamp(context, message.createdAt + MESSAGE_DAYS_MS),
  links: links(context, look, `messages/${message.id}`),
});
