/** A finished pack goes where evidence is kept: its folder, or the bucket under `packs/`. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Env, isBucket } from '../env.ts';

/**
 * Returns the address of the pack. An object that is there already is left alone: a closed pack
 * never changes, and a second call after a crash finishes what the first began.
 */
export async function publishPack(env: Env, folder: string): Promise<string> {
  if (!isBucket(env.blobs)) return folder;
  const bucket = (env.blobs ?? '').slice('s3://'.length);
  const client = new S3Client({ region: env.region });
  const name = basename(folder);
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    const Key = `packs/${name}/${path.slice(folder.length + 1)}`;
    const put = new PutObjectCommand({
      Bucket: bucket,
      Key,
      Body: await readFile(path),
      IfNoneMatch: '*',
    });
    await client.send(put).catch(thereAlready);
  }
  return `s3://${bucket}/packs/${name}`;
}

function thereAlready(error: Error): void {
  if (error.name !== 'PreconditionFailed') throw error;
}
