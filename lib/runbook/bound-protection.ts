/**
 * How far the volumes of a service are protected: what a plan that protects, grows or releases them is
 * built on. Hashed as it is; room and states flicker and never stand here.
 */
import * as z from 'zod';

/** A volume of the DR Cinder: the one that replication leads to, or its drill copy. */
const endSchema = z.strictObject({
  volume: z.string(),
  ldev: z.int(),
  sizeGiB: z.int(),
  /** In `maintenance`: attach, delete and extend are refused. */
  parked: z.boolean(),
  /** Bootable flag and image metadata are those of the main volume. */
  flagged: z.boolean(),
  /** `<port>,<host group>,<lun>`: the LU path through our host group. */
  path: z.string().optional(),
  /** Its metadata says whose it is. */
  named: z.boolean(),
});
export type ProtectionEnd = z.infer<typeof endSchema>;

const pairSchema = z.strictObject({
  name: z.string(),
  pvol: z.int(),
  svol: z.int(),
  /** The main volume whose id is the label of the P-VOL. */
  main: z.string().optional(),
});

export const protectionSchema = z.strictObject({
  type: z.string(),
  from: z.string(),
  to: z.string(),
  /** The remote copy group; `exists` is false before its first pair. */
  mirror: z.strictObject({
    group: z.string(),
    exists: z.boolean(),
    deviceGroups: z.strictObject({ from: z.string(), to: z.string() }),
    /** TrueCopy: what the P-VOLs of the group do with writes that they cannot mirror. */
    fenceLevel: z.string().optional(),
    pairs: z.array(pairSchema),
  }),
  /** The ShadowImage group of the drill copies at `to`. */
  copies: z.strictObject({
    group: z.string(),
    exists: z.boolean(),
    deviceGroups: z.strictObject({ pvol: z.string(), svol: z.string() }),
    consistencyGroupId: z.int().optional(),
    pairs: z.array(z.strictObject({ name: z.string(), pvol: z.int(), svol: z.int() })),
  }),
  /** By site: the host group of ours that gives a volume the path which pairing asks for. */
  hostGroups: z.record(z.string(), z.strictObject({ port: z.string(), number: z.int() })),
  /** In the order of services.yml. */
  volumes: z.array(
    z.strictObject({
      main: z.string(),
      name: z.string(),
      /** As Cinder says at main; while the pair is older than its growth the LDEV may be smaller. */
      sizeGiB: z.int(),
      ldev: z.int(),
      path: z.string().optional(),
      /** Of the DR volumes: the type of the main volume, as mapping.yml calls it there. */
      volumeType: z.string().nullable(),
      bootable: z.boolean(),
      image: z.record(z.string(), z.string()),
      /** The array compresses or deduplicates it: pairing must be told. */
      reduced: z.boolean(),
      replica: endSchema.optional(),
      copy: endSchema.optional(),
      /** Names of the pairs that there are. */
      pair: z.string().optional(),
      clone: z.string().optional(),
    }),
  ),
});
export type Protection = z.infer<typeof protectionSchema>;
export type ProtectedVolume = Protection['volumes'][number];
