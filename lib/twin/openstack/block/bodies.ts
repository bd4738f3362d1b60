/** Request bodies of Cinder, checked as strictly as its own schemas do. */
import * as z from 'zod';
import { type Ask, readBody } from '../wire.ts';
import { bad } from './refusals.ts';

/** Reads a body or throws the 400. */
export function bodyOf<T>(ask: Ask, schema: z.ZodType<T>): T {
  const body = readBody(ask, schema);
  if (!body.ok) throw bad(body.why);
  return body.data;
}

/** Cinder takes booleans as words and numbers too. */
export const flag = z
  .union([z.boolean(), z.string().regex(/^(true|false|1|0|yes|no|on|off|t|f|y|n)$/i), z.int()])
  .transform((value) => /^(true|1|yes|on|t|y)$/i.test(String(value)));

const words = z.string().max(255).nullable().optional();
export const metadata = z.record(z.string().min(1).max(255), z.string().max(255));

/** `size`, as a number or as a string of digits; null = from the source. */
const size = z
  .union([
    z.int().min(1),
    z
      .string()
      .regex(/^[1-9]\d*$/)
      .transform(Number),
  ])
  .nullable()
  .optional();

const named = { name: words, description: words };
const displayed = { display_name: words, display_description: words };

const volumeWish = z.strictObject({
  ...named,
  ...displayed,
  size,
  volume_type: words,
  metadata: metadata.nullable().optional(),
  snapshot_id: z.string().nullable().optional(),
  source_volid: z.string().nullable().optional(),
  backup_id: z.string().nullable().optional(),
  imageRef: words,
  image_id: words,
  availability_zone: words,
  consistencygroup_id: z.null().optional(),
  group_id: z.null().optional(),
  multiattach: flag.optional(),
});
const volumeSchema = z.strictObject({
  volume: volumeWish,
  'OS-SCH-HNT:scheduler_hints': z.looseObject({}).nullable().optional(),
});
/** Before 3.53 unknown keys of a volume were let through and ignored. */
const oldVolumeSchema = volumeSchema.extend({ volume: z.object(volumeWish.shape) });
export type VolumeWish = z.infer<typeof volumeWish>;

const STRICT_SINCE = 53;
const FROM_BACKUP_SINCE = 47;

export function volumeWishOf(ask: Ask): VolumeWish {
  const { volume } = bodyOf(ask, ask.minor >= STRICT_SINCE ? volumeSchema : oldVolumeSchema);
  return ask.minor >= FROM_BACKUP_SINCE ? volume : { ...volume, backup_id: undefined };
}

export const renameSchema = z.strictObject({
  ...named,
  ...displayed,
  metadata: metadata.optional(),
});

export const snapshotSchema = z.strictObject({
  snapshot: z.strictObject({
    ...named,
    display_name: words,
    volume_id: z.string(),
    force: flag.optional(),
    metadata: metadata.nullable().optional(),
  }),
});

export const backupSchema = z.strictObject({
  backup: z.strictObject({
    ...named,
    volume_id: z.string(),
    container: words,
    incremental: flag.optional(),
    force: flag.optional(),
    snapshot_id: z.string().nullable().optional(),
    metadata: metadata.nullable().optional(),
    availability_zone: words,
  }),
});

export const restoreSchema = z.strictObject({
  restore: z.strictObject({ name: words, volume_id: z.string().nullable().optional() }).nullable(),
});

export const recordSchema = z.strictObject({
  'backup-record': z.strictObject({
    backup_service: z.string().min(1).max(255),
    backup_url: z.string().min(1),
  }),
});

export const manageSchema = z.strictObject({
  volume: z.strictObject({
    ...named,
    host: words,
    cluster: words,
    ref: z.union([z.record(z.string(), z.unknown()), z.string()]),
    volume_type: words,
    availability_zone: words,
    bootable: flag.optional(),
    metadata: metadata.nullable().optional(),
  }),
});
