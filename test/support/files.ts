/**
 * Files in memory with the semantics of a crash: what was not synced may be lost or torn, names as
 * well as bytes. `trouble` makes the next operations fail as a full or read-only disk would.
 */
import { dirname } from 'node:path';
import type { Files } from '../../lib/gateway/server/disk/files.ts';
import type { Random } from '../../lib/random.ts';

type Operation = 'append' | 'datasync' | 'truncate' | 'open' | 'rename' | 'remove' | 'syncFolder';

export interface MemoryFiles extends Files {
  /** What is lost with the power: of each file a random part of the bytes not synced remains. */
  crash(random: Random): void;
  /** Before each changing operation; throw to make it fail, never resolve to die there. */
  before: (operation: Operation, file: string, bytes: number) => unknown;
  /** Bytes that fit in all; more is ENOSPC, after as much as fits was written. */
  capacity: number;
  /** Changes a file behind everybody's back. */
  damage(file: string, change: (bytes: Buffer) => Buffer): void;
  used(): number;
}

interface Inode {
  bytes: Buffer;
  synced: number;
}

export const errno = (code: string): Error => Object.assign(new Error(code), { code });

export function memoryFiles(): MemoryFiles {
  let names = new Map<string, Inode>();
  let durable = new Map<string, Inode>();
  const inodeOf = (file: string): Inode => {
    const inode = names.get(file);
    if (inode === undefined) throw errno('ENOENT');
    return inode;
  };
  const used = () => [...names.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);

  const files: MemoryFiles = {
    capacity: Number.POSITIVE_INFINITY,
    before: () => undefined,
    used,
    makeFolder: async () => undefined,
    list: async (folder) =>
      [...names.keys()]
        .filter((file) => dirname(file) === folder)
        .map((file) => file.slice(folder.length + 1)),
    read: async (file) => Buffer.from(inodeOf(file).bytes),
    size: async (file) => names.get(file)?.bytes.length ?? 0,
    open: async (file) => {
      await files.before('open', file, 0);
      const inode = names.get(file) ?? { bytes: Buffer.alloc(0), synced: 0 };
      names.set(file, inode);
      return {
        append: async (given) => {
          const bytes = Buffer.from(given);
          await files.before('append', file, bytes.length);
          const room = Math.max(0, files.capacity - used());
          inode.bytes = Buffer.concat([inode.bytes, bytes.subarray(0, room)]);
          if (room < bytes.length) throw errno('ENOSPC');
        },
        datasync: async () => {
          await files.before('datasync', file, 0);
          inode.synced = inode.bytes.length;
        },
        truncate: async (length) => {
          await files.before('truncate', file, length);
          inode.bytes = inode.bytes.subarray(0, length);
          inode.synced = Math.min(inode.synced, length);
        },
        close: async () => undefined,
      };
    },
    rename: async (from, to) => {
      await files.before('rename', to, 0);
      names.set(to, inodeOf(from));
      names.delete(from);
    },
    remove: async (file) => {
      await files.before('remove', file, 0);
      names.delete(file);
    },
    syncFolder: async (folder) => {
      await files.before('syncFolder', folder, 0);
      for (const file of [...durable.keys()]) if (dirname(file) === folder) durable.delete(file);
      for (const [file, inode] of names) if (dirname(file) === folder) durable.set(file, inode);
    },
    crash: (random) => {
      // A name that was not synced may be there or not: both are tried, by chance.
      const lucky = Number.parseInt(random(1), 16) % 2 === 0;
      names = new Map(lucky ? names : durable);
      for (const inode of new Set(names.values())) {
        const loose = inode.bytes.length - inode.synced;
        const kept = loose === 0 ? 0 : Number.parseInt(random(4), 16) % (loose + 1);
        inode.bytes = inode.bytes.subarray(0, inode.synced + kept);
        inode.synced = inode.bytes.length;
      }
      durable = new Map(names);
    },
    damage: (file, change) => {
      const inode = inodeOf(file);
      inode.bytes = Buffer.from(change(inode.bytes));
      inode.synced = inode.bytes.length;
    },
  };
  return files;
}
