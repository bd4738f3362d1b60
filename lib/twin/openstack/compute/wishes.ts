/** The body of `POST /servers`, and which microversion knows which of its keys. */
import * as z from 'zod';

const text255 = z.string().max(255);
export const serverName = z
  .string()
  .min(1, "'' is too short")
  .max(255)
  .refine((name) => name === name.trim(), "does not match '^(?![\\s])'");
export const metadataSchema = z.record(z.string().min(1).max(255), text255);
export const tagSchema = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[^,/]*$/, 'tags hold no comma or slash');
const bool = z
  .union([z.boolean(), z.enum(['True', 'true', 'False', 'false'])])
  .transform((value) => value === true || value === 'True' || value === 'true');
const count = z.union([
  z.int().min(1),
  z
    .string()
    .regex(/^[1-9]\d*$/)
    .transform(Number),
]);
const size = z.union([z.int().min(0), z.string().regex(/^\d+$/).transform(Number)]);
const index = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ])
  .nullable();

export const diskSchema = z.strictObject({
  boot_index: index.default(null),
  uuid: z.string().min(1).max(255).optional(),
  source_type: z.enum(['volume', 'image', 'snapshot', 'blank']),
  destination_type: z.enum(['local', 'volume']).optional(),
  volume_size: size.optional(),
  volume_type: text255.optional(),
  delete_on_termination: bool.default(false),
  device_name: z.string().min(1).max(255).optional(),
  device_type: text255.optional(),
  disk_bus: text255.optional(),
  guest_format: text255.optional(),
  no_device: z.unknown().optional(),
  tag: tagSchema.optional(),
});
export type DiskWish = z.infer<typeof diskSchema>;

const networkSchema = z.strictObject({
  uuid: z.string().optional(),
  port: z.string().nullable().optional(),
  fixed_ip: z.ipv4().optional(),
  tag: tagSchema.optional(),
});
export type NetworkWish = z.infer<typeof networkSchema>;

const hintsSchema = z.looseObject({ group: z.string().optional() });

export const createSchema = z.strictObject({
  server: z.strictObject({
    name: serverName,
    flavorRef: z.union([z.string().min(1), z.int().transform(String)]),
    imageRef: z.string().optional(),
    networks: z.union([z.enum(['none', 'auto']), z.array(networkSchema)]).optional(),
    block_device_mapping_v2: z.array(diskSchema).optional(),
    metadata: metadataSchema.default({}),
    tags: z.array(tagSchema).max(50).optional(),
    description: text255.nullable().optional(),
    config_drive: bool.optional(),
    key_name: z.string().min(1).max(255).optional(),
    user_data: z.base64().max(65_535).optional(),
    adminPass: z.string().optional(),
    security_groups: z.array(z.strictObject({ name: z.string().min(1).max(255) })).optional(),
    availability_zone: z.string().min(1).max(255).optional(),
    host: z.string().optional(),
    hypervisor_hostname: z.string().optional(),
    hostname: z
      .string()
      .regex(/^[a-zA-Z0-9-_]*[a-zA-Z0-9][a-zA-Z0-9-_]*$/)
      .max(255)
      .optional(),
    min_count: count.optional(),
    max_count: count.optional(),
    return_reservation_id: bool.optional(),
    'OS-DCF:diskConfig': z.enum(['AUTO', 'MANUAL']).optional(),
    accessIPv4: z.ipv4().optional(),
    accessIPv6: z.string().optional(),
    personality: z.array(z.looseObject({})).optional(),
    trusted_image_certificates: z.array(z.string()).nullable().optional(),
  }),
  'os:scheduler_hints': hintsSchema.optional(),
  'OS-SCH-HNT:scheduler_hints': hintsSchema.optional(),
});
export type ServerWish = z.infer<typeof createSchema>['server'];

/** First, and where there is one last, microversion (minor) of a key of `server`. */
export const serverKeys: Readonly<Record<string, readonly [number, number?]>> = {
  description: [19],
  tags: [52],
  personality: [1, 56],
  trusted_image_certificates: [63],
  host: [74],
  hypervisor_hostname: [74],
  hostname: [90],
};

/** The same for keys of a disk and of a network. Tags came, went and came back. */
export const itemKeys = (minor: number): Readonly<Record<string, readonly [number, number?]>> => ({
  volume_type: [67],
  tag: minor === 32 ? [32] : [42],
});

/** From here on `networks` has to be given, and may be a word. */
export const NETWORKS_REQUIRED = 37;
