/**
 * The bound facts of a plan: what defines it and is hashed as it is. Nothing here flickers; lag,
 * journal usage and capacity are guards and never stand here.
 */
import * as z from 'zod';
import type { Facts } from './plan.ts';

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
  journalId: z.int(),
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
  replication: z
    .strictObject({
      type: z.string(),
      group: z.string(),
      primary: halfSchema,
      secondary: halfSchema,
      consistencyGroupId: z.int(),
      muNumber: z.int(),
      pairs: z.array(pairSchema),
    })
    .optional(),
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
      journalId: z.int(),
      muNumber: z.int(),
      consistencyGroupId: z.int(),
      pairs: z.array(z.strictObject({ name: z.string(), svol: z.int() })),
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
  network: z
    .strictObject({
      id: z.string(),
      physicalNetwork: z.string().nullable(),
      networkType: z.string().nullable(),
      segment: z.int().nullable(),
    })
    .optional(),
  /** Id by the name services use. */
  flavors: z.record(z.string(), z.string()).optional(),
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
