/**
 * A gateway's disk copied to a second folder, again and again: only what is new is written there.
 * What the log names goes before the log, so that a copy that was cut short names nothing it lacks.
 */
import { dirname, join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import { codeOf, type Files, writeWhole } from './files.ts';

/** Who forgot something, in the line with which a standby takes over. */
export const STANDBY = 'standby';
const TOOK_OVER = `"by":"${STANDBY}"`;

interface Copying {
  readonly files: Files;
  readonly from: string;
  readonly to: string;
}

/**
 * Bytes that were written to `to`. Damage is found when the copy is opened, not here. Rejects with
 * GW-STANDBY once the copy took over: what it does then is nobody's copy.
 */
export async function shipDisk(at: Copying): Promise<number> {
  const { files, from } = at;
  await assertCopy(at);
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

/** A standby says so in its log when it takes over; that line is in no other log. */
async function assertCopy({ files, from, to }: Copying): Promise<void> {
  const takeOvers = async (folder: string) =>
    (await read(files, join(folder, 'log.jsonl'))).toString('utf8').split(TOOK_OVER).length;
  if (from !== to && (await takeOvers(to)) <= (await takeOvers(from))) return;
  throw new GatewayError('GW-STANDBY', `${to} is no copy that may be written over.`);
}

/** Files that do not change once they are there; one that was begun before a crash is longer then. */
async function once({ files, from, to }: Copying, name: string): Promise<number> {
  if ((await files.size(join(to, name))) === (await files.size(join(from, name)))) return 0;
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
