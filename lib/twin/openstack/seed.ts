/**
 * What a simulated cloud starts with. All but its name, project, user and back ends may be left
 * out. One cloud can stand over two sites: its back ends and hosts say where each of them is.
 */
import * as z from 'zod';
import { hexId, stableUuid } from './ids.ts';

const name = z.string().min(1).max(255);
const text = z.record(z.string(), z.string());
const limit = z.int().min(-1);

const projectSchema = z.strictObject({ id: z.string().min(1), name });

export const roleNames = ['admin', 'member', 'reader', 'service'] as const;

const userSchema = z
  .strictObject({
    id: z.string().optional(),
    name,
    password: z.string().min(1),
    /** Roles by name of the project. */
    roles: z.record(z.string(), z.array(z.enum(roleNames)).min(1)),
    /** By name: the scope of a login that asks for none. */
    defaultProject: z.string().optional(),
  })
  .transform((user) => ({ ...user, id: user.id ?? hexId('user', user.name) }));

const backendSchema = z.strictObject({
  /** `<host>@<backend>`, without the pool. */
  host: z.string().regex(/^[^@#\s]+@[^@#\s]+$/, 'host@backend'),
  pool: z
    .string()
    .regex(/^[^@#\s]+$/)
    .default('pool0'),
  /** Of the array below it. */
  arrayId: z.string(),
  zone: z.string().default('nova'),
  capacityGiB: z.int().min(1).default(102_400),
  /** Its replication device, and the array that stands behind it; left out = none. */
  replicates: z.strictObject({ backendId: z.string(), arrayId: z.string() }).optional(),
});

const volumeTypeSchema = z
  .strictObject({
    id: z.string().optional(),
    name,
    description: z.string().nullable().default(null),
    isPublic: z.boolean().default(true),
    extraSpecs: text.default({}),
  })
  .transform((type) => ({ ...type, id: type.id ?? stableUuid('volume-type', type.name) }));

export const volumeSchema = z.strictObject({
  id: z.string(),
  name,
  sizeGiB: z.int().min(1),
  ldevId: z.int().min(0),
  /** `in-use` at main, `maintenance` for parked DR volumes. */
  status: z.enum(['available', 'in-use', 'maintenance', 'error']),
  bootable: z.boolean(),
  /** `host@backend#pool`; left out = the first back end. */
  host: z.string().optional(),
  volumeType: z.string().optional(),
  /** By name; left out = the first. */
  project: z.string().optional(),
  metadata: text.default({}),
});

const networkSchema = z.strictObject({
  id: z.string(),
  name,
  cidr: z.cidrv4(),
  external: z.boolean().default(false),
  shared: z.boolean().default(false),
  /** VLAN id. */
  segment: z.int().min(1).max(4094),
});

const flavorSchema = z.strictObject({
  id: z.string(),
  name,
  vcpus: z.int().min(1),
  ramMiB: z.int().min(1),
  diskGiB: z.int().min(0).default(0),
});

const hostSchema = z.strictObject({ name, zone: z.string().default('nova'), site: z.string() });

const imageSchema = z.strictObject({
  id: z.string(),
  name,
  sizeBytes: z.int().min(0).default(0),
  minDiskGiB: z.int().min(0).default(0),
  properties: text.default({}),
});

/** A server that runs (or is stopped) from the first day on. */
const serverSchema = z
  .strictObject({
    id: z.string().optional(),
    name,
    flavorId: z.string(),
    /** Left out = the first host. */
    host: z.string().optional(),
    status: z.enum(['ACTIVE', 'SHUTOFF']).default('ACTIVE'),
    /** Ids in device order: vda, vdb, … */
    volumes: z.array(z.string()).default([]),
    ports: z
      .array(
        z.strictObject({
          networkId: z.string(),
          ip: z.ipv4().optional(),
          mac: z.string().optional(),
        }),
      )
      .default([]),
    metadata: text.default({}),
  })
  .transform((server) => ({ ...server, id: server.id ?? stableUuid('server', server.name) }));

/** -1 = no limit. The numbers are those of a fresh OpenStack. */
const quotaSchema = z.strictObject({
  volumes: limit.default(10),
  snapshots: limit.default(10),
  gigabytes: limit.default(1000),
  backups: limit.default(10),
  backupGigabytes: limit.default(1000),
  instances: limit.default(10),
  cores: limit.default(20),
  ramMiB: limit.default(51_200),
  keyPairs: limit.default(100),
  serverGroups: limit.default(10),
  networks: limit.default(100),
  subnets: limit.default(100),
  ports: limit.default(500),
  routers: limit.default(10),
  floatingIps: limit.default(50),
  securityGroups: limit.default(10),
  securityGroupRules: limit.default(100),
});

export const cloudSchema = z
  .strictObject({
    name,
    region: z.string().default('RegionOne'),
    projects: z.array(projectSchema).min(1),
    users: z.array(userSchema).min(1),
    backends: z.array(backendSchema).min(1),
    /** Left out = one type without extra specs. */
    volumeTypes: z
      .array(volumeTypeSchema)
      .min(1)
      .prefault([{ name: 'hitachi-vsp' }]),
    volumes: z.array(volumeSchema).default([]),
    networks: z.array(networkSchema).default([]),
    flavors: z.array(flavorSchema).default([]),
    /** Compute hosts; left out = one in the zone `nova`. */
    hosts: z.array(hostSchema).default([]),
    images: z.array(imageSchema).default([]),
    servers: z.array(serverSchema).default([]),
    /** Of every project. */
    quotas: quotaSchema.prefault({}),
  })
  .transform((cloud) => ({
    ...cloud,
    hosts:
      cloud.hosts.length > 0
        ? cloud.hosts
        : [{ name: `${cloud.name}-compute-1`, zone: 'nova', site: cloud.name }],
  }));
export type CloudSeed = z.infer<typeof cloudSchema>;

/** Id of the project that what nobody owns belongs to. */
export const homeProject = ({ projects }: CloudSeed): string => projects[0]?.id ?? '';

/** The same as one writes it down. */
export type CloudWish = z.input<typeof cloudSchema>;
