/** What a gateway has on its disk, read beside the process that may be writing it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { type Book, openBook } from '../server/book.ts';
import { type ReadLog, readLog } from '../server/disk/log.ts';
import type { Entry } from '../server/entries.ts';

/** The site and a book that can only be read. Throws GW-DISK for a damaged log, GW-FOLDER when there is none. */
export async function readBook(folder: string): Promise<{ site: string; book: Book }> {
  const { file, entries, count } = await readKept(folder);
  const [first] = entries;
  if (first?.type !== 'born' && first?.type !== 'segment') {
    throw new GatewayError('GW-DISK', `${file} is not the log of a gateway.`);
  }
  const book = openBook({
    incarnation: first.incarnation,
    entries: entries.slice(1),
    count: () => count,
    append: () => Promise.reject(new GatewayError('GW-DISK', `${file} is only read here.`)),
    close: async () => {},
  });
  return { site: first.site, book };
}

/** What the log holds; throws as `readBook`. */
export async function readEntries(folder: string): Promise<readonly Entry[]> {
  return (await readKept(folder)).entries;
}

async function readKept(folder: string): Promise<ReadLog> {
  const file = join(folder, 'disk', 'log.jsonl');
  const bytes = await readFile(file).catch((cause: unknown) => {
    const why = 'The gateway has not been started yet, or this is another folder.';
    throw new GatewayError('GW-FOLDER', `${file} cannot be read.`, { why, cause });
  });
  return readLog(file, bytes);
}
