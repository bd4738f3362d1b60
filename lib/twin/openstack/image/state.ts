/** What Glance remembers. */
import * as z from 'zod';
import { type CloudSeed, homeProject } from '../seed.ts';

const visibilities = ['public', 'private', 'shared', 'community'] as const;

const imageSchema = z.strictObject({
  id: z.string(),
  name: z.string().nullable(),
  status: z.enum(['queued', 'saving', 'active', 'killed']),
  sizeBytes: z.int().nullable(),
  /** Of what was uploaded: MD5 and SHA-512. */
  checksum: z.string().nullable(),
  hash: z.string().nullable(),
  /** What was uploaded, if it was small. */
  data: z.string().nullable(),
  minDiskGiB: z.int(),
  minRamMiB: z.int(),
  diskFormat: z.string().nullable(),
  containerFormat: z.string().nullable(),
  visibility: z.enum(visibilities),
  protected: z.boolean(),
  owner: z.string(),
  tags: z.array(z.string()),
  properties: z.record(z.string(), z.string()),
  /** Projects a shared image is offered to. */
  members: z.array(
    z.strictObject({ projectId: z.string(), status: z.enum(['pending', 'accepted', 'rejected']) }),
  ),
  createdAt: z.int(),
  updatedAt: z.int(),
});
export type Image = z.infer<typeof imageSchema>;

export const imageStateSchema = z.strictObject({ images: z.array(imageSchema) });

export const initialImage = (seed: CloudSeed, now: number): z.infer<typeof imageStateSchema> => ({
  images: seed.images.map((image) => ({
    ...image,
    status: 'active',
    checksum: null,
    hash: null,
    data: null,
    minRamMiB: 0,
    diskFormat: 'raw',
    containerFormat: 'bare',
    visibility: 'public',
    protected: false,
    owner: homeProject(seed),
    tags: [],
    members: [],
    createdAt: now,
    updatedAt: now,
  })),
});
