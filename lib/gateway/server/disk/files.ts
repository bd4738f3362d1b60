/**
 * What the log needs of a file system, no more: a test hands in one that fills up, tears lines or
 * loses what was not synced. Errors carry `code` as Node's do (ENOENT, ENOSPC, EROFS, EACCES …).
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file opened for appending. */
export interface LogFile {
  append(bytes: string | Uint8Array): Promise<void>;
  /** Resolves when what was appended cannot be lost any more. */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder, in no order. */
  list(folder: string): Promise<string[]>;
  /** Rejects with code ENOENT when there is none. */
  read(file: string): Promise<Buffer>;
  /** Bytes of a file, 0 when there is none. */
  size(file: string): Promise<number>;
  /** Opens or makes a file that only its owner may read. */
  open(file: string): Promise<LogFile>;
  /** Replaces `to` in one step. */
  rename(from: string, to: string): Promise<void>;
  /** No error when there is none. */
  remove(file: string): Promise<void>;
  /** Makes the names in a folder as durable as the bytes behind them. */
  syncFolder(folder: string): Promise<void>;
}

/** The files of this machine. */
export const systemFiles: Files = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  list: (folder) => readdir(folder),
  read: (file) => readFile(file),
  size: async (file) => {
    try {
      return (await stat(file)).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 0;
      throw error;
    }
  },
  open: async (file) => {
    const handle = await open(file, 'a', 0o600);
    return {
      append: (bytes) => handle.appendFile(bytes),
      datasync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (file) => rm(file, { force: true }),
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** A whole file, durable before it has its name: what stood there is replaced in one step. */
export async function writeWhole(
  files: Files,
  file: string,
  bytes: string | Uint8Array,
): Promise<void> {
  await putInPlace(files, file, bytes);
  await files.syncFolder(dirname(file));
}

/** The same, and once it resolves the file is another one; the caller makes its name durable. */
export async function putInPlace(
  files: Files,
  file: string,
  bytes: string | Uint8Array,
): Promise<void> {
  const draft = `${file}.draft`;
  await files.remove(draft);
  const handle = await files.open(draft);
  try {
    await handle.append(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await files.rename(draft, file);
}

/** Not by class: an error of node:fs may come from another realm. */
export const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
