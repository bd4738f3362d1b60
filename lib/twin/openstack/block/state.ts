/** What Cinder remembers. */
import * as z from 'zod';
import { stableUuid } from '../ids.ts';
import { type CloudSeed, homeProject } from '../seed.ts';

const attachmentSchema = z.strictObject({
  id: z.string(),
  /** null when a host uses the volume without a server. */
  serverId: z.string().nullable(),
  device: z.string(),
  /** Compute host whose path it is. */
  host: z.string(),
  /** `attached` means that the LU path on the array exists. */
  state: z.enum(['reserved', 'attaching', 'attached', 'detaching']),
  attachedAt: z.int().nullable(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** What cinder-volume or cinder-backup is busy with; see `tasks.ts`. */
const taskSchema = z.strictObject({
  kind: z.string(),
  /** When it ends; null = it hangs. */
  dueAt: z.int().nullable(),
  /** What the kind needs to know besides: a source, a size, a target. */
  from: z.string().optional(),
  sizeGiB: z.int().optional(),
  backTo: z.string().optional(),
});
export type Task = z.infer<typeof taskSchema>;

const text = z.record(z.string(), z.string());
const common = {
  id: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  status: z.string(),
  sizeGiB: z.int(),
  projectId: z.string(),
  userId: z.string(),
  metadata: text,
  createdAt: z.int(),
  updatedAt: z.int().nullable(),
  task: taskSchema.nullable(),
};

const volumeSchema = z.strictObject({
  ...common,
  /** null before the driver made it, and after it failed to. */
  ldevId: z.int().nullable(),
  bootable: z.boolean(),
  /** `host@backend#pool`; null before the scheduler chose. */
  host: z.string().nullable(),
  zone: z.string(),
  typeId: z.string(),
  snapshotId: z.string().nullable(),
  sourceId: z.string().nullable(),
  imageMetadata: text.nullable(),
  /** `readonly`, `attached_mode`: administrators see them among the metadata. */
  adminMetadata: text,
  replicationStatus: z.string().nullable(),
  attachments: z.array(attachmentSchema),
});
export type Volume = z.infer<typeof volumeSchema>;

const snapshotSchema = z.strictObject({
  ...common,
  volumeId: z.string(),
  ldevId: z.int().nullable(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const backupSchema = z.strictObject({
  ...common,
  volumeId: z.string(),
  snapshotId: z.string().nullable(),
  parentId: z.string().nullable(),
  container: z.string(),
  failReason: z.string().nullable(),
  dataAt: z.int(),
});
export type Backup = z.infer<typeof backupSchema>;

const typeSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  isPublic: z.boolean(),
  extraSpecs: text,
});
export type VolumeType = z.infer<typeof typeSchema>;

/** One row of `os-services`. */
const serviceSchema = z.strictObject({
  binary: z.enum(['cinder-scheduler', 'cinder-volume', 'cinder-backup']),
  host: z.string(),
  zone: z.string(),
  disabled: z.boolean(),
  disabledReason: z.string().nullable(),
  /** Since when the process is dead. */
  deadSince: z.int().nullable(),
  frozen: z.boolean(),
  replicationStatus: z.string().nullable(),
  activeBackendId: z.string().nullable(),
  /** A failover under way: where to, and when it is over. */
  failover: z.strictObject({ to: z.string().nullable(), dueAt: z.int() }).nullable(),
  /** Since when its array does not answer the driver. */
  cutSince: z.int().nullable(),
  /** The scheduler has lost its statistics and keeps saying `down` until it is restarted. */
  stale: z.boolean(),
  /** What the scheduler was told last. */
  stats: z.strictObject({ at: z.int(), usedGiB: z.int() }),
});
export type Service = z.infer<typeof serviceSchema>;

const messageSchema = z.strictObject({
  id: z.string(),
  resourceType: z.string(),
  resourceId: z.string(),
  action: z.string(),
  detail: z.string(),
  text: z.string(),
  requestId: z.string(),
  projectId: z.string(),
  createdAt: z.int(),
});
export type Message = z.infer<typeof messageSchema>;

export const blockSchema = z.strictObject({
  volumes: z.array(volumeSchema),
  snapshots: z.array(snapshotSchema),
  backups: z.array(backupSchema),
  types: z.array(typeSchema),
  services: z.array(serviceSchema),
  messages: z.array(messageSchema),
  /** By project id; what is not in it is as the seed says. */
  quotas: z.record(z.string(), z.record(z.string(), z.int())),
});
type BlockState = z.infer<typeof blockSchema>;

export function initialBlock(seed: CloudSeed, now: number): BlockState {
  return {
    volumes: seed.volumes.map((volume) => volumeOf(seed, volume, now)),
    snapshots: [],
    backups: [],
    types: seed.volumeTypes,
    services: servicesOf(seed, now),
    messages: [],
    quotas: {},
  };
}

/** A row as a seed describes it. */
export function volumeOf(seed: CloudSeed, wish: CloudSeed['volumes'][number], now: number): Volume {
  const { backends, projects, volumeTypes, users } = seed;
  const host = wish.host ?? `${backends[0]?.host}#${backends[0]?.pool}`;
  const backend = backends.find((one) => one.host === host.split('#')[0]);
  const type = volumeTypes.find(({ name }) => name === wish.volumeType) ?? volumeTypes[0];
  return {
    id: wish.id,
    name: wish.name,
    description: null,
    status: wish.status,
    sizeGiB: wish.sizeGiB,
    projectId: projects.find(({ name }) => name === wish.project)?.id ?? homeProject(seed),
    userId: users[0]?.id ?? '',
    metadata: wish.metadata,
    createdAt: now,
    updatedAt: now,
    task: null,
    ldevId: wish.ldevId,
    bootable: wish.bootable,
    host,
    zone: backend?.zone ?? 'nova',
    typeId: type?.id ?? '',
    snapshotId: null,
    sourceId: null,
    imageMetadata: null,
    adminMetadata: {},
    replicationStatus: backend?.replicates === undefined ? null : replicationOf(type),
    attachments: attachmentsOf(seed, wish.id, now),
  };
}

/** What a back end with replication says of a new volume. */
export const replicationOf = (type?: { readonly extraSpecs: Readonly<Record<string, string>> }) =>
  type?.extraSpecs['replication_enabled'] === '<is> True' ? 'enabled' : 'disabled';

/** Servers of the first day hold their volumes already. */
function attachmentsOf({ servers, hosts }: CloudSeed, volumeId: string, now: number): Attachment[] {
  return servers.flatMap((server) => {
    const place = server.volumes.indexOf(volumeId);
    if (place < 0) return [];
    return [
      {
        id: stableUuid('attachment', `${server.id}:${volumeId}`),
        serverId: server.id,
        device: `/dev/vd${String.fromCharCode(97 + place)}`,
        host: server.host ?? hosts[0]?.name ?? '',
        state: 'attached' as const,
        attachedAt: now,
      },
    ];
  });
}

function servicesOf({ name, backends }: CloudSeed, now: number): Service[] {
  const plain = (binary: Service['binary'], host: string, zone: string): Service => ({
    binary,
    host,
    zone,
    disabled: false,
    disabledReason: null,
    deadSince: null,
    frozen: false,
    replicationStatus: null,
    activeBackendId: null,
    failover: null,
    cutSince: null,
    stale: false,
    stats: { at: now, usedGiB: 0 },
  });
  const zone = backends[0]?.zone ?? 'nova';
  return [
    plain('cinder-scheduler', `cinder-${name}`, zone),
    ...backends.map((backend) => ({
      ...plain('cinder-volume', backend.host, backend.zone),
      replicationStatus: backend.replicates === undefined ? 'disabled' : 'enabled',
    })),
    plain('cinder-backup', `cinder-${name}`, zone),
  ];
}
