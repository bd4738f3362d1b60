/**
 * A gateway's disk copied to a second folder, again and again: only what is new is written there.
 * What the log names goes before the log, so that a copy that was cut short names nothing it lacks.
 */
import { dirname, join } from 'node:path';
import { codeOf, type Files, writeWhole } from './files.ts';

interface Copying {
  readonly files: Files;
  readonly from: string;
  readonly to: string;
}

/** Bytes that were written to `to`. Damage is found when the copy is opened, not here. */
export async function shipDisk(at: Copying): Promise<number> {
  const { files, from } = at;
  let written = 0;
  for (const shelf of await namesIn(files, join(from, 'blobs'))) {
    for (const name of await namesIn(files, join(from, 'blobs', shelf))) {
      if (/^[0-9a-f]{64}$/.test(name)) written += await once(at, join('blobs', shelf, name));
    }
  }
  for (const name of await namesIn(files, from)) {
    if (/^log\.\d+\.jsonl$/.test(name)) written += await once(at, name);
  }
  written += await follow(at, join('plane', 'store.jsonl'));
  return written + (await follow(at, 'log.jsonl'));
}

/** Files that never change once they are there. */
async function once({ files, from, to }: Copying, name: string): Promise<number> {
  if ((await files.size(join(to, name))) > 0) return 0;
  const bytes = await files.read(join(from, name));
  await files.makeFolder(dirname(join(to, name)));
  await writeWhole(files, join(to, name), bytes);
  return bytes.length;
}

/** A file that grows: what is new is appended; one that was compacted is replaced in one step. */
async function follow({ files, from, to }: Copying, name: string): Promise<number> {
  const source = await read(files, join(from, name));
  const target = await read(files, join(to, name));
  if (source.length === 0 || source.equals(target)) return 0;
  await files.makeFolder(dirname(join(to, name)));
  if (!source.subarray(0, target.length).equals(target)) {
    await writeWhole(files, join(to, name), source);
    return source.length;
  }
  const handle = await files.open(join(to, name));
  try {
    await handle.append(source.subarray(target.length));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await files.syncFolder(dirname(join(to, name)));
  return source.length - target.length;
}

async function read(files: Files, file: string): Promise<Buffer> {
  return files.read(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
}

async function namesIn(files: Files, folder: string): Promise<string[]> {
  return files.list(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
}
