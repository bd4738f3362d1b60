/**
 * The bound facts of a plan: what defines it and is hashed as it is. Nothing here flickers; lag,
 * journal usage and capacity are guards and never stand here.
 */
import * as z from 'zod';
import { mappingSchema } from '../mapping.ts';
import { differenceSchema } from '../openstack/configuration/difference.ts';
import { protectionSchema } from './bound-protection.ts';
import type { Facts } from './plan.ts';
import { siteTaskSchema } from './tasks.ts';

const drillable = z.strictObject({
  copyGroups: z.array(z.string()),
  ldevs: z.array(z.int()),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
});

/** A copy pair by name and LDEV numbers. */
export const pairSchema = z.strictObject({ name: z.string(), pvol: z.int(), svol: z.int() });
export type BoundPair = z.infer<typeof pairSchema>;

const halfSchema = z.strictObject({
  site: z.string(),
  /** Name of this array's side of the copy group. */
  deviceGroup: z.string(),
  /** Absent where nothing is journalled: TC and GAD. */
  journalId: z.int().optional(),
});
export type BoundHalf = z.infer<typeof halfSchema>;

/** One LU path of an LDEV, and the host group it goes through. */
const pathSchema = z.strictObject({
  ldev: z.int(),
  port: z.string(),
  hostGroup: z.int(),
  lun: z.int(),
});
export type BoundPath = z.infer<typeof pathSchema>;

const networkSchema = z.strictObject({
  id: z.string(),
  physicalNetwork: z.string().nullable(),
  networkType: z.string().nullable(),
  segment: z.int().nullable(),
});

const mirrorSchema = z.strictObject({
  type: z.string(),
  group: z.string(),
  primary: halfSchema,
  secondary: halfSchema,
  /** Absent where the pairs are in no consistency group. */
  consistencyGroupId: z.int().optional(),
  muNumber: z.int(),
  pairs: z.array(pairSchema),
});

export const boundSchema = z.strictObject({
  sites: z.record(
    z.string(),
    z.strictObject({
      storageDeviceId: z.string(),
      api: z.enum(['cm', 'embedded']),
      cloud: z.string(),
    }),
  ),
  drillable: z.record(z.string(), drillable),
  /** The remote copy: primary is the side that writes. */
  replication: mirrorSchema.optional(),
  /** Three centres: the mirror that waits between the second and the third. */
  far: mirrorSchema.optional(),
  /** The secondary half alone, as known when the primary site is gone. */
  takeover: z
    .strictObject({
      site: z.string(),
      type: z.string(),
      group: z.string(),
      /** As the secondary array alone knows the group: no token of the other array is needed. */
      id: z.string(),
      /** The array that may no longer write. */
      primary: z.string(),
      /** TrueCopy: what its P-VOLs do with writes that they cannot mirror. */
      fence: z.enum(['DATA', 'STATUS', 'NEVER']).optional(),
      /** Absent where nothing is journalled. */
      journalId: z.int().optional(),
      muNumber: z.int(),
      consistencyGroupId: z.int().optional(),
      pairs: z.array(z.strictObject({ name: z.string(), svol: z.int() })),
    })
    .optional(),
  /** One cloud over two sites, one of them lost: what is left, and what has to be brought over. */
  survivor: z
    .strictObject({
      site: z.string(),
      group: z.string(),
      /** The half that is left, as its array alone knows it: an address. */
      half: z.string(),
      lost: z.strictObject({ site: z.string(), array: z.string() }),
      pairs: z.array(z.strictObject({ name: z.string(), ldev: z.int() })),
      /** Compute hosts that stood at the lost site. */
      hosts: z.array(z.strictObject({ id: z.string(), name: z.string() })),
      /** Servers of the service; `host` of those that ran on one of them. */
      servers: z.array(
        z.strictObject({ name: z.string(), id: z.string(), host: z.string().optional() }),
      ),
    })
    .optional(),
  /** The drill copy: ShadowImage of the S-VOLs at one site. */
  clone: z
    .strictObject({
      site: z.string(),
      group: z.string(),
      /** `CG,<P device group>,<S device group>`. */
      id: z.string(),
      /** Absent when the pairs do not split at one instant. */
      consistencyGroupId: z.int().optional(),
      muNumber: z.int(),
      /** True when all pairs share one consistency group and copy exactly the S-VOLs. */
      atTime: z.boolean(),
      pairs: z.array(pairSchema),
    })
    .optional(),
  volumes: z
    .array(
      z.strictObject({
        main: z.string(),
        mainLdev: z.int(),
        drLdev: z.int(),
        /** Volume of the S-VOL at the secondary site. */
        drVolume: z.string(),
        copyLdev: z.int(),
        /** Volume that drill servers boot from. */
        copyVolume: z.string(),
        sizeGiB: z.int(),
      }),
    )
    .optional(),
  /** Main volume and the volume of the DR Cinder whose LDEV is its other half, as services.yml orders them. */
  twins: z
    .array(
      z.strictObject({
        main: z.string(),
        /** Unknown while main is not asked. */
        mainLdev: z.int().optional(),
        dr: z.string(),
        drLdev: z.int(),
        sizeGiB: z.int(),
      }),
    )
    .optional(),
  /** S-VOLs that the DR Cinder has no rows for, and what leads to them, as services.yml orders them. */
  secondaries: z
    .array(
      z.strictObject({
        main: z.string(),
        ldev: z.int(),
        blocks: z.int(),
        pool: z.int(),
        paths: z.array(pathSchema),
      }),
    )
    .optional(),
  /** Groups of local copies that start from them; LDEVs they were copied to. */
  localCopies: z
    .array(z.strictObject({ id: z.string(), name: z.string(), copies: z.array(z.int()) }))
    .optional(),
  /** Free LDEV numbers there, for copies of them in the same order. */
  spares: z.array(z.int()).optional(),
  /** Servers of the service that exist now, by site; ids of their ports. */
  servers: z
    .record(
      z.string(),
      z.array(z.strictObject({ name: z.string(), id: z.string(), ports: z.array(z.string()) })),
    )
    .optional(),
  /** What servers that are gone left at the secondary site, by their names; absent = nothing. */
  leftovers: z
    .array(
      z.strictObject({
        name: z.string(),
        /** Ports with its addresses that are plugged into nothing. */
        ports: z.array(z.string()),
        /** Volumes that are neither in use nor parked. */
        volumes: z.array(z.string()),
      }),
    )
    .optional(),
  /** By site: how hosts reach the LDEVs of the service; the pair path is left out. */
  paths: z.record(z.string(), z.array(pathSchema)).optional(),
  /** By site: paths that an earlier run removed and nobody has restored. */
  fenced: z.record(z.string(), z.array(pathSchema)).optional(),
  /** By site: where the service runs in production. */
  networks: z.record(z.string(), networkSchema).optional(),
  /** The isolated network of drills. */
  network: networkSchema.optional(),
  /** How far its volumes are protected. */
  protection: protectionSchema.optional(),
  /** Controllers: what is meant to differ, what differs all the same, ids at DR that it refers to. */
  configuration: z
    .strictObject({
      mapping: mappingSchema,
      differences: z.array(differenceSchema),
      ids: z.record(z.string(), z.string()),
      /** Ids of all that carries a name to be made or removed. */
      namesakes: z.record(z.string(), z.array(z.string())),
    })
    .optional(),
  /** By site: programs that its gateway's owner allows. */
  tasks: z.record(z.string(), z.array(siteTaskSchema)).optional(),
  /** Id by the name services use. */
  flavors: z.record(z.string(), z.string()).optional(),
  images: z.record(z.string(), z.string()).optional(),
  /** The newest usable backup of each main volume that the secondary site knows. */
  backups: z
    .array(
      z.strictObject({
        main: z.string(),
        backup: z.string(),
        /** When its data was so, as Cinder says it. */
        at: z.string(),
        sizeGiB: z.int(),
      }),
    )
    .optional(),
  /** Usable backups of the primary site that the secondary does not know yet, oldest first. */
  records: z
    .array(
      z.strictObject({
        main: z.string(),
        backup: z.string(),
        at: z.string(),
        service: z.string(),
        url: z.string(),
      }),
    )
    .optional(),
  hashes: z.strictObject({ service: z.string(), policy: z.string() }),
  people: z.array(
    z.strictObject({
      id: z.string(),
      roles: z.array(z.string()),
      /** Ids of their own keys. */
      keys: z.array(z.string()).optional(),
    }),
  ),
});
export type Bound = z.infer<typeof boundSchema>;

/** Facts do not change once read, and every call of a plan asks for them. */
const parsed = new WeakMap<Facts, Bound>();

/** The bound facts in their shape. Throws a ZodError when they are not ours. */
export function boundOf(facts: Facts): Bound {
  const bound = parsed.get(facts) ?? boundSchema.parse(facts.bound);
  parsed.set(facts, bound);
  return bound;
}
