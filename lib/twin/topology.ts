/**
 * The simulated centres as data: arrays, the links between them, replication, hosts that write, and
 * clouds. `map.ts` and `seeds.ts` make one from a customer's configuration; `npm run twin` reads
 * one from a file. Everything that refers to something else does so by `id` or LDEV number.
 */
import * as z from 'zod';
import { cloudSchema } from './openstack/seed.ts';

const id = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const name31 = z.string().regex(/^[^\s,]{1,31}$/, 'no spaces or commas, 1 to 31 characters');
const ldevId = z.int().min(0).max(65_279);
const muNumber = z.int().min(0).max(3);
const ctgId = z.int().min(0).max(255);
const journalId = z.int().min(0).max(255);
const sizeGiB = z.int().min(1).max(262_144);
const ms = z.int().min(0).max(86_400_000);

export const roleSchema = z.enum([
  'view',
  'provisioning',
  'local-copy',
  'remote-copy',
  'system',
  'security',
]);

const ldevSchema = z.strictObject({
  ldevId,
  label: z.string().max(32).default(''),
  sizeGiB,
  poolId: z.int().min(0).max(127).default(0),
  /** Attribute words beyond what pools and pairs add by themselves, e.g. `CMD`. */
  attributes: z.array(z.string()).default([]),
  /** Host groups it is mapped to, by port and number; the LUN is the next free one. */
  paths: z.array(z.strictObject({ portId: z.string(), hostGroupNumber: z.int() })).default([]),
});

export const arraySchema = z.strictObject({
  id,
  /** Where it stands; left out = a site of the same name. */
  site: id.optional(),
  storageDeviceId: z.string().regex(/^[0-9A-Z]{6}\d{6}$/, 'model prefix and six digits of serial'),
  model: z.string().default('VSP 5600'),
  /** `R9` for VSP 5000, `M8` for E, G and F. */
  storageTypeId: z.string().default('R9'),
  users: z
    .array(
      z.strictObject({
        user: z.string().min(1),
        password: z.string().min(1),
        /** Left out = the built-in administrator group. */
        roles: z.array(roleSchema).optional(),
      }),
    )
    .min(1),
  pools: z
    .array(
      z.strictObject({
        poolId: z.int().min(0).max(127),
        poolName: z.string().default('DP-POOL'),
        poolType: z.enum(['HDP', 'HTI']).default('HDP'),
        capacityGiB: z.int().min(1),
      }),
    )
    .default([{ poolId: 0, poolName: 'DP-POOL', poolType: 'HDP', capacityGiB: 1_000_000 }]),
  ports: z
    .array(
      z.strictObject({
        portId: z.string().regex(/^CL[1-9A-H]-[A-HJ-NP-R]$/),
        portType: z.enum(['FIBRE', 'ISCSI']).default('FIBRE'),
      }),
    )
    .default([
      { portId: 'CL1-A', portType: 'FIBRE' },
      { portId: 'CL3-A', portType: 'FIBRE' },
    ]),
  hostGroups: z
    .array(
      z.strictObject({
        portId: z.string(),
        hostGroupNumber: z.int().min(0).max(254),
        hostGroupName: z.string().max(64),
      }),
    )
    .default([]),
  ldevs: z.array(ldevSchema).default([]),
  /** For large topologies: `count` LDEVs from `firstLdevId` on, all alike. */
  ranges: z
    .array(
      z.strictObject({
        firstLdevId: ldevId,
        count: z.int().min(1).max(65_280),
        sizeGiB,
        label: z.string().max(24).default(''),
        paths: ldevSchema.shape.paths,
      }),
    )
    .default([]),
  journals: z
    .array(z.strictObject({ journalId, ldevIds: z.array(ldevId).min(1).max(2) }))
    .default([]),
  quorumDisks: z
    .array(z.strictObject({ quorumDiskId: z.int().min(0).max(31), ldevId, with: id }))
    .default([]),
});
export type TopologyArray = z.infer<typeof arraySchema>;

/** One direction of a path group; a working pair of arrays has two of them. */
const linkSchema = z.strictObject({
  from: id,
  to: id,
  pathGroupId: z.int().min(0).max(255).default(0),
  paths: z.int().min(1).max(8).default(2),
  megabytesPerSecond: z.number().positive().max(100_000).default(1000),
  roundTripMs: z.int().min(0).max(1000).default(4),
});

export const groupSchema = z.strictObject({
  name: z.string().regex(/^[^\s,]{1,29}$/, 'no spaces or commas, 1 to 29 characters'),
  type: z.enum(['UR', 'TC', 'GAD']),
  /** Array ids: where the P-VOLs and where the S-VOLs are. */
  from: id,
  to: id,
  deviceGroups: z.strictObject({ from: name31, to: name31 }).optional(),
  muNumber: muNumber.optional(),
  consistencyGroupId: ctgId.optional(),
  fenceLevel: z.enum(['ASYNC', 'DATA', 'STATUS', 'NEVER']).optional(),
  pathGroupId: z.int().min(0).max(255).default(0),
  /** UR: journal of each side. */
  journals: z.strictObject({ from: journalId, to: journalId }).optional(),
  /** GAD. */
  quorumDiskId: z.int().min(0).max(31).optional(),
  /** UR: the delta-resync mirror of three centres, waiting in HOLD. */
  delta: z.boolean().default(false),
  state: z.enum(['PAIR', 'COPY']).default('PAIR'),
  pairs: z.array(z.strictObject({ name: name31, pvol: ldevId, svol: ldevId })).default([]),
  /** For large topologies: `count` pairs named `<group>-0001` …, LDEV numbers counting up. */
  pairRange: z
    .strictObject({ count: z.int().min(1).max(10_000), firstPvol: ldevId, firstSvol: ldevId })
    .optional(),
});
export type TopologyGroup = z.infer<typeof groupSchema>;

export const cloneSchema = z.strictObject({
  array: id,
  name: z.string().regex(/^[^\s,]{1,29}$/),
  muNumber: z.int().min(0).max(2).default(0),
  /** Left out = the pairs split one by one. */
  consistencyGroupId: ctgId.optional(),
  pairs: z.array(z.strictObject({ name: name31, pvol: ldevId, svol: ldevId })),
});
export type TopologyClone = z.infer<typeof cloneSchema>;

/** Hosts of one service that write to LDEVs of one array for as long as they run. */
export const writerSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/),
  array: id,
  /** In the order in which records name them. */
  ldevs: z.array(ldevId).min(1),
  recordsPerSecond: z.int().min(2).max(10_000),
  recordKiB: z.int().min(1).max(1024).default(256),
  /**
   * It runs only while a guest runs on each of its LDEVs, e.g. on S-VOLs that were taken over;
   * otherwise from the first moment on.
   */
  guestsOnly: z.boolean().default(false),
});
export type TopologyWriter = z.infer<typeof writerSchema>;

/** How long things take on every array (ms). */
export const paceSchema = z.strictObject({
  jobMs: ms.default(1500),
  /** How long an array waits for another one that does not answer; real ones 30 to 120 seconds. */
  peerSilentMs: z.int().min(0).max(600_000).default(30_000),
  transferMs: z.int().min(10).max(10_000).default(200),
  quickCopyMs: ms.default(8000),
  resyncMs: ms.default(20_000),
  mirrorCopyMs: ms.default(60_000),
});
export type Pace = z.infer<typeof paceSchema>;

export const topologySchema = z.strictObject({
  seed: z.string().min(1),
  pace: paceSchema.prefault({}),
  arrays: z.array(arraySchema).min(1),
  links: z.array(linkSchema).default([]),
  groups: z.array(groupSchema).default([]),
  clones: z.array(cloneSchema).default([]),
  writers: z.array(writerSchema).default([]),
  clouds: z.array(cloudSchema).default([]),
});
export type Topology = z.infer<typeof topologySchema>;
/** The same as one writes it down, without what the schema adds. */
export type TopologyWish = z.input<typeof topologySchema>;

export interface TopologyPair {
  readonly name: string;
  readonly pvol: number;
  readonly svol: number;
}

/** The pairs of a group, those of its range included. */
export function pairsOf({ name, pairs, pairRange }: TopologyGroup): TopologyPair[] {
  if (pairRange === undefined) return pairs;
  const { count, firstPvol, firstSvol } = pairRange;
  const ranged = Array.from({ length: count }, (_, i) => ({
    name: `${name}-${String(i + 1).padStart(4, '0')}`,
    pvol: firstPvol + i,
    svol: firstSvol + i,
  }));
  return [...pairs, ...ranged];
}

/** Where an array stands. */
export const siteOf = ({ id, site }: Pick<TopologyArray, 'id' | 'site'>): string => site ?? id;
