/** Blobs in an S3 bucket: names are hashes, written once, in a region the house rules allow. */
import {
  GetObjectCommand,
  HeadBucketCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { sha256 } from '../canonical.ts';
import { BlobMissing, StoreError } from './errors.ts';
import { verified } from './files.ts';
import type { Blobs } from './store.ts';

export interface Bucket {
  readonly bucket: string;
  readonly region: string;
  readonly allowedRegions: readonly string[];
  /** For tests; in AWS the regional address is used. */
  readonly endpoint?: string;
}

/**
 * Blobs in `bucket`. Before the first one is written, S3 is asked where the bucket is: a bucket in
 * a region that is not allowed is refused with StoreError (STORE-REGION) and nothing leaves.
 */
export function s3Blobs(at: Bucket): Blobs {
  const { region, endpoint, bucket: Bucket } = at;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  let allowed: Promise<void> | undefined;
  return {
    put: async (bytes) => {
      allowed ??= checkLocation(client, at).catch((error: unknown) => {
        // A question that failed is asked again, not answered with no for the life of the process.
        allowed = undefined;
        throw error;
      });
      await allowed;
      const name = sha256(bytes);
      const body = { Bucket, Key: keyOf(name), Body: bytes, IfNoneMatch: '*' };
      await unlessThere(() => client.send(new PutObjectCommand(body)));
      return name;
    },
    get: async (name) => {
      try {
        const found = await client.send(new GetObjectCommand({ Bucket, Key: keyOf(name) }));
        const bytes = await found.Body?.transformToByteArray();
        return verified(name, Buffer.from(bytes ?? []));
      } catch (error) {
        if (!(error instanceof NoSuchKey)) throw error;
        const why = `The bucket ${Bucket} has no ${keyOf(name)}.`;
        throw new BlobMissing('STORE-BLOB-MISSING', { what: `Blob ${name} is missing.`, why });
      }
    },
  };
}

const keyOf = (name: string): string => `blobs/${name}`;

const PRECONDITION_FAILED = 412;

/** A name that is taken holds these very bytes: writing twice is fine. */
async function unlessThere(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const there =
      error instanceof S3ServiceException && error.$metadata.httpStatusCode === PRECONDITION_FAILED;
    if (!there) throw error;
  }
}

/** Silence means no: a bucket that does not say where it is gets nothing. */
async function checkLocation(client: S3Client, at: Bucket): Promise<void> {
  const { BucketRegion: region } = await client.send(new HeadBucketCommand({ Bucket: at.bucket }));
  if (region !== undefined && at.allowedRegions.includes(region)) return;
  throw new StoreError('STORE-REGION', {
    what: `The bucket ${at.bucket} is in ${region ?? 'a region it does not tell'}.`,
    why: `Allowed: ${at.allowedRegions.join(', ')}.`,
  });
}
