/** Blobs as files named by their SHA-256: the evidence store of one machine. */
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '../canonical.ts';
import { systemRandom } from '../random.ts';
import { BlobMissing } from './errors.ts';
import type { Blobs } from './store.ts';

/**
 * Blobs in `folder`, made when first needed. A name appears only after its bytes are on the disk:
 * they are written and synced beside it and then linked, so a crash leaves no half-written blob.
 */
export function folderBlobs(folder: string): Blobs {
  const place = (name: string) => path.join(folder, name.slice(0, 2), name);
  return {
    put: async (bytes) => {
      const name = sha256(bytes);
      const target = place(name);
      await mkdir(path.dirname(target), { recursive: true });
      const draft = `${target}.${systemRandom(8)}.draft`;
      try {
        await writeSynced(draft, bytes);
        await link(draft, target);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
        verified(name, await readFile(target));
      } finally {
        await rm(draft, { force: true });
      }
      await syncFolder(path.dirname(target));
      return name;
    },
    get: async (name) => verified(name, await read(place(name), name)),
  };
}

/** The bytes, if they hash to their name. Throws BlobMissing (STORE-BLOB-DAMAGED) if not. */
export function verified(name: string, bytes: Buffer): Buffer {
  const found = sha256(bytes);
  if (found === name) return bytes;
  throw new BlobMissing('STORE-BLOB-DAMAGED', {
    what: `Blob ${name} is damaged.`,
    why: `Its bytes hash to ${found}.`,
  });
}

async function read(file: string, name: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new BlobMissing('STORE-BLOB-MISSING', {
      what: `Blob ${name} is missing.`,
      why: `There is no ${file}.`,
    });
  }
}

/** Exclusive and read-only from the start: nothing that was written is ever opened for writing. */
async function writeSynced(file: string, bytes: Uint8Array | string): Promise<void> {
  const handle = await open(file, 'wx', 0o444);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The new name itself must survive a power loss too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Not by class: an error of node:fs may come from another realm. */
const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
