/** Volumes of the DR Cinder that stand for a main volume: how they are made, marked and found again. */
import * as z from 'zod';
import { type Predicate, predicate } from '../predicate.ts';
import { TWIN_OF } from './paths.ts';
import { oneVolumeSchema, volumeSchema } from './schema.ts';

/** Metadata of a drill copy at DR: the id of the main volume that it is a copy of. */
export const COPY_OF = 'drillbook-copy-of';
const KEY = 'drillbook-key';

/** A volume as far as its twin must be like it. */
export const likenessSchema = volumeSchema.extend({
  name: z.string().nullish(),
  volume_type: z.string().nullish(),
  encrypted: z.boolean().optional(),
  volume_image_metadata: z.record(z.string(), z.string()).optional(),
});
export type Likeness = z.infer<typeof likenessSchema>;
export const oneLikenessSchema = z.looseObject({ volume: likenessSchema });
export const likenessesSchema = z.looseObject({
  volumes: z.array(likenessSchema),
  /** There is another page. */
  volumes_links: z.array(z.unknown()).optional(),
});

export const limitsSchema = z.looseObject({
  limits: z.looseObject({
    absolute: z.looseObject({
      maxTotalVolumes: z.number(),
      maxTotalVolumeGigabytes: z.number(),
      totalVolumesUsed: z.number(),
      totalGigabytesUsed: z.number(),
    }),
  }),
});

/** Names of an image that say where it came from, not how it starts. */
const ORIGIN = ['image_id', 'image_name', 'checksum', 'size', 'signature_verified'];

/** What a guest needs to start: firmware, bus, secure boot. */
export const imageOf = ({ volume_image_metadata = {} }: Likeness): Record<string, string> =>
  Object.fromEntries(
    Object.entries(volume_image_metadata).filter(([name]) => !ORIGIN.includes(name)),
  );

export const isBootable = ({ bootable }: Pick<Likeness, 'bootable'>): boolean =>
  String(bootable) === 'true';

/** Same bootable flag, and every property of the image. */
export const isFlagged = (
  seen: Likeness,
  wanted: { readonly bootable: boolean; readonly image: Readonly<Record<string, string>> },
): boolean => {
  const image = imageOf(seen);
  const same = Object.entries(wanted.image).every(([name, value]) => image[name] === value);
  return isBootable(seen) === wanted.bootable && same;
};

interface NewVolume {
  readonly name: string;
  readonly sizeGiB: number;
  readonly volumeType: string | null;
  readonly key: string;
  readonly role: typeof TWIN_OF | typeof COPY_OF;
  readonly main: string;
}

export const volumeBodies = {
  create: ({ name, sizeGiB, volumeType, key, role, main }: NewVolume) => ({
    volume: {
      name,
      size: sizeGiB,
      ...(volumeType === null ? {} : { volume_type: volumeType }),
      metadata: { [KEY]: key, [role]: main },
    },
  }),
  bootable: (bootable: boolean) => ({ 'os-set_bootable': { bootable } }),
  image: (metadata: Readonly<Record<string, string>>) => ({
    'os-set_image_metadata': { metadata: { ...metadata } },
  }),
  extend: (sizeGiB: number) => ({ 'os-extend': { new_size: sizeGiB } }),
  name: (role: NewVolume['role'], main: string) => ({ metadata: { [role]: main } }),
} as const;

/** How Cinder is asked for what a lost create made. */
export const volumeListing = (key: string) => ({
  ...{ key, listPath: '/volumes/detail', list: '/volumes' },
  ...{ keyField: `/metadata/${KEY}`, id: '/id' },
});

const whose = {
  [TWIN_OF]: z.string().optional(),
  [COPY_OF]: z.string().optional(),
};

/** Bodies of the calls above, as strict as they are written. */
export const volumeCalls = {
  create: z.strictObject({
    volume: z.strictObject({
      name: z.string().min(1).max(255),
      size: z.int().min(1),
      volume_type: z.string().optional(),
      metadata: z.strictObject({ [KEY]: z.string().startsWith('drillbook-'), ...whose }),
    }),
  }),
  bootable: z.strictObject({ 'os-set_bootable': z.strictObject({ bootable: z.boolean() }) }),
  image: z.strictObject({
    'os-set_image_metadata': z.strictObject({ metadata: z.record(z.string(), z.string()) }),
  }),
  extend: z.strictObject({ 'os-extend': z.strictObject({ new_size: z.int().min(1) }) }),
  name: z.strictObject({ metadata: z.strictObject(whose) }),
} as const;

/** Parked, attached to nothing, and by its own word the twin or the copy of that volume. */
const keptFor = predicate({
  body: oneVolumeSchema,
  args: z.strictObject({ volume: z.string(), role: z.enum([TWIN_OF, COPY_OF]), main: z.string() }),
  test: ({ volume }, { volume: id, role, main }) => {
    const { status, attachments, metadata } = volume;
    const ours = volume.id === id && metadata[role] === main;
    return {
      holds: ours && status === 'maintenance' && attachments.length === 0,
      reading: { status, attached: attachments.length, of: metadata[role] ?? null },
    };
  },
});

export const protectionPredicates: Readonly<Record<string, Predicate>> = {
  'volume-kept-for': keptFor,
};
