/**
 * `config/mapping.yml`: what is meant to differ between the controllers of two sites. Everything
 * that is not written here has to be the same.
 */
import * as z from 'zod';

/** In the order in which they are made: what stands below needs what stands above. */
export const configurationKinds = [
  'projects',
  'roles',
  'assignments',
  'flavors',
  'volumeTypes',
  'networks',
  'subnets',
  'securityGroups',
  'routers',
  'keypairs',
  'quotas',
  'images',
  'imageVolumes',
] as const;
export type ConfigurationKind = (typeof configurationKinds)[number];

const kind = z.enum(configurationKinds);
const lengthOf = (prefix: string): string | undefined => prefix.split('/')[1];
const pairs = z.record(z.string(), z.string());

export const mappingSchema = z.strictObject({
  /** Name at main to name at DR, by kind. */
  names: z.partialRecord(kind, pairs).default({}),
  /** Prefix at main to prefix at DR, IPv4 and of the same length: every address in it moves along. */
  cidrs: z
    .record(z.cidrv4(), z.cidrv4())
    .refine(
      (table) => Object.entries(table).every(([from, to]) => lengthOf(from) === lengthOf(to)),
      {
        error: 'two prefixes of the same length',
      },
    )
    .default({}),
  /** Value at main to value at DR, by kind and field (`extraSpecs.volume_backend_name`). */
  values: z.partialRecord(kind, z.record(z.string(), pairs)).default({}),
  /** Names and fields that nobody compares; `*` stands for any text. */
  ignore: z
    .array(
      z.strictObject({
        kind,
        name: z.string().default('*'),
        /** Left out: the whole object. */
        field: z.string().optional(),
        why: z.string().min(1),
      }),
    )
    .default([]),
  /** Accounts of programs whose roles and key pairs count: those of people are personal data. */
  accounts: z.array(z.string()).default([]),
  /** Images, as DR calls them, of which DR keeps a volume to boot from without copying. */
  bootImages: z.array(z.string().regex(/^[A-Za-z0-9_.@ -]{1,200}$/)).default([]),
});
export type Mapping = z.infer<typeof mappingSchema>;

export const noMapping: Mapping = mappingSchema.parse({});
