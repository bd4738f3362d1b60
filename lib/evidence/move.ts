import { rename } from 'node:fs/promises';

/** Renames a finished folder to its place; loses silently against one that is there already. */
export async function moveInto(path: string, draft: string): Promise<void> {
  try {
    await rename(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
