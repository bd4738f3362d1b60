/** Packs are written beside their place and moved there whole; what a killed process left is removed. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = `.draft-${hostname()}-`;

/** Gives `work` an empty folder inside `folder`; it is gone afterwards, whether moved or not. */
export async function inDraft(
  folder: string,
  work: (draft: string) => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const draft = await mkdtemp(join(folder, `${PREFIX}${process.pid}-`));
  try {
    await work(draft);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Only drafts of this machine whose process is gone: another one may be writing right now. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = name.startsWith(PREFIX)
      ? (/^(\d+)-\w+$/.exec(name.slice(PREFIX.length)) ?? [])
      : [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
