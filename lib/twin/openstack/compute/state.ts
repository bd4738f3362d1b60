/** What Nova remembers, and what it has on the first day. */
import * as z from 'zod';
import { stableUuid } from '../ids.ts';
import { type CloudSeed, homeProject } from '../seed.ts';

/** A volume that Nova itself still has to make for a disk. */
const sourceSchema = z.strictObject({
  imageId: z.string().nullable(),
  snapshotId: z.string().nullable(),
  sizeGiB: z.int(),
  volumeType: z.string().nullable(),
});

const diskSchema = z.strictObject({
  id: z.string(),
  /** null while it is still to be made, and for a disk that lies on the compute host. */
  volumeId: z.string().nullable(),
  make: sourceSchema.nullable(),
  device: z.string(),
  bootIndex: z.int().nullable(),
  deleteOnTermination: z.boolean(),
  tag: z.string().nullable(),
  /** Host from which the guest writes to it, as the array was told last; null = it does not. */
  writesFrom: z.string().nullable(),
  /** Array and LDEV that it writes to then: of an active-active volume the half that is left. */
  writesTo: z.strictObject({ arrayId: z.string(), ldevId: z.int() }).optional(),
});
export type Disk = z.infer<typeof diskSchema>;

const madeFlavorSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  vcpus: z.int(),
  ramMiB: z.int(),
  diskGiB: z.int(),
});

const taskNames = [
  'powering-off',
  'powering-on',
  'rebooting',
  'rebooting_hard',
  'rebuilding',
  'deleting',
] as const;
export type TaskName = (typeof taskNames)[number];

const vmStates = ['building', 'active', 'stopped', 'error', 'deleted'] as const;

const serverSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  projectId: z.string(),
  userId: z.string(),
  flavorId: z.string(),
  imageId: z.string().nullable(),
  keyName: z.string().nullable(),
  hostname: z.string(),
  userData: z.string().nullable(),
  configDrive: z.boolean(),
  metadata: z.record(z.string(), z.string()),
  tags: z.array(z.string()),
  securityGroups: z.array(z.string()),
  groupId: z.string().nullable(),
  reservationId: z.string(),
  launchIndex: z.int(),
  /** What was asked for; null = anywhere. */
  wantedZone: z.string().nullable(),
  wantedHost: z.string().nullable(),
  /** null before the scheduler chose. */
  host: z.string().nullable(),
  vmState: z.enum(vmStates),
  task: z
    .strictObject({
      name: z.enum(taskNames),
      since: z.int(),
      tookMs: z.int(),
      /** Where an evacuation was told to go. */
      toHost: z.string().nullable(),
    })
    .nullable(),
  lock: z
    .strictObject({ by: z.enum(['owner', 'admin']), reason: z.string().nullable() })
    .nullable(),
  /** Why it is in ERROR. */
  reason: z.string().nullable(),
  /** Decided at creation, by the faults that were on then. */
  build: z.strictObject({ doomed: z.boolean(), activeMs: z.int() }),
  disks: z.array(diskSchema),
  createdAt: z.int(),
  updatedAt: z.int(),
  launchedAt: z.int().nullable(),
  deletedAt: z.int().nullable(),
});
export type Server = z.infer<typeof serverSchema>;

const serviceSchema = z.strictObject({
  host: z.string(),
  disabled: z.boolean(),
  disabledReason: z.string().nullable(),
  forcedDown: z.boolean(),
  /** Since when its host does not run (ms); null = it reports. */
  deadSince: z.int().nullable(),
  /** Its site has failed, and the guests on its host with it. */
  powerLost: z.boolean(),
});
export type ComputeService = z.infer<typeof serviceSchema>;

const keypairSchema = z.strictObject({
  name: z.string(),
  type: z.enum(['ssh', 'x509']),
  publicKey: z.string(),
  fingerprint: z.string(),
  userId: z.string(),
  createdAt: z.int(),
});
export type Keypair = z.infer<typeof keypairSchema>;

export const groupPolicies = [
  'affinity',
  'anti-affinity',
  'soft-affinity',
  'soft-anti-affinity',
] as const;
const groupSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  policy: z.enum(groupPolicies),
  projectId: z.string(),
  userId: z.string(),
});
export type ServerGroup = z.infer<typeof groupSchema>;

const deedSchema = z.strictObject({
  serverId: z.string(),
  requestId: z.string(),
  action: z.string(),
  userId: z.string(),
  projectId: z.string(),
  startedAt: z.int(),
  finishedAt: z.int().nullable(),
});
export type Deed = z.infer<typeof deedSchema>;

const migrationSchema = z.strictObject({
  id: z.int(),
  uuid: z.string(),
  serverId: z.string(),
  source: z.string(),
  target: z.string().nullable(),
  status: z.enum(['accepted', 'done', 'error', 'completed']),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Migration = z.infer<typeof migrationSchema>;

export const computeSchema = z.strictObject({
  servers: z.array(serverSchema),
  services: z.array(serviceSchema),
  keypairs: z.array(keypairSchema),
  groups: z.array(groupSchema),
  deeds: z.array(deedSchema),
  migrations: z.array(migrationSchema),
  /** By flavor id; only flavors that have some. */
  extraSpecs: z.record(z.string(), z.record(z.string(), z.string())),
  /** Made since the first day, and gone since then. */
  flavors: z.array(madeFlavorSchema).default([]),
  flavorsGone: z.array(z.string()).default([]),
  /** By project; only what was changed. */
  quotas: z.record(z.string(), z.record(z.string(), z.int())),
});
type ComputeState = z.infer<typeof computeSchema>;

export function initialCompute(seed: CloudSeed, now: number): ComputeState {
  return {
    servers: seed.servers.map((server) => seededServer(seed, server, now)),
    services: seed.hosts.map(({ name }) => ({
      host: name,
      disabled: false,
      disabledReason: null,
      forcedDown: false,
      deadSince: null,
      powerLost: false,
    })),
    keypairs: [],
    groups: [],
    deeds: [],
    migrations: [],
    extraSpecs: {},
    flavors: [],
    flavorsGone: [],
    quotas: {},
  };
}

export const deviceAt = (place: number): string => `/dev/vd${String.fromCharCode(97 + place)}`;

function seededServer(seed: CloudSeed, wish: CloudSeed['servers'][number], now: number): Server {
  const active = wish.status === 'ACTIVE';
  return {
    id: wish.id,
    name: wish.name,
    description: null,
    projectId: homeProject(seed),
    userId: seed.users[0]?.id ?? '',
    flavorId: wish.flavorId,
    imageId: null,
    keyName: null,
    hostname: wish.name,
    userData: null,
    configDrive: false,
    metadata: wish.metadata,
    tags: [],
    securityGroups: ['default'],
    groupId: null,
    reservationId: `r-${stableUuid('reservation', wish.id).slice(0, 8)}`,
    launchIndex: 0,
    wantedZone: null,
    wantedHost: null,
    host: wish.host ?? seed.hosts[0]?.name ?? null,
    vmState: active ? 'active' : 'stopped',
    task: null,
    lock: null,
    reason: null,
    build: { doomed: false, activeMs: 0 },
    disks: wish.volumes.map((volumeId, place) => ({
      id: stableUuid('disk', `${wish.id}:${volumeId}`),
      volumeId,
      make: null,
      device: deviceAt(place),
      bootIndex: place === 0 ? 0 : null,
      deleteOnTermination: false,
      tag: null,
      writesFrom: null,
    })),
    createdAt: now,
    updatedAt: now,
    launchedAt: now,
    deletedAt: null,
  };
}
