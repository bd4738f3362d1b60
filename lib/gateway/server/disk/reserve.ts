/**
 * Room kept on the disk: a file of nothing, given up when the disk is full and what became of a
 * call that was sent must be written. Without it nothing is accepted.
 */
import { join } from 'node:path';
import type { Files } from './files.ts';

export interface Reserve {
  /** Resolves when the room is there; rejects with the file system's error. */
  fill(): Promise<void>;
  /** Gives the room up. */
  spend(): Promise<void>;
}

/** More than the answers of all calls that may be on their way at once. */
const BYTES = 1_048_576;

export function openReserve(files: Files, folder: string): Reserve {
  const file = join(folder, 'reserve');
  let there = false;
  return {
    fill: async () => {
      if (there) return;
      if ((await files.size(file)) < BYTES) {
        await files.remove(file);
        const handle = await files.open(file);
        try {
          await handle.append(Buffer.alloc(BYTES));
          await handle.datasync();
        } finally {
          await handle.close();
        }
      }
      there = true;
    },
    spend: async () => {
      there = false;
      await files.remove(file);
    },
  };
}
