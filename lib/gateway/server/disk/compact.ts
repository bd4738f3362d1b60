/**
 * Compaction: the whole log is copied to an archive that is never opened for writing again, and a
 * shorter log takes its place in one step. Its first line names the archive and its hash. Whatever
 * dies before the rename leaves the old log as it was; an archive nobody names is written anew.
 */
import { dirname, join } from 'node:path';
import { sha256 } from '../../../canonical.ts';
import type { Clock } from '../../../clock.ts';
import { type Entry, entrySchema } from '../entries.ts';
import { condense } from './condense.ts';
import { type Files, putInPlace, writeWhole } from './files.ts';
import { nextLine, type ReadLog, readLog } from './log.ts';

const ARCHIVE = /^log\.(\d+)\.jsonl$/;

/**
 * The shorter log, in its place; undefined when no run is closed. Rejects only while the old log is
 * there: the folder is synced by who opens the new one.
 */
export async function compactLog(
  files: Files,
  log: ReadLog,
  { clock }: { readonly clock: Clock },
): Promise<ReadLog | undefined> {
  const [first] = log.entries;
  const kept = condense(log.entries, clock.now());
  if (kept === undefined || (first?.type !== 'born' && first?.type !== 'segment')) return undefined;
  const bytes = (await files.read(log.file)).subarray(0, log.bytes);
  const number = first.type === 'segment' ? Number(ARCHIVE.exec(first.before.file)?.[1]) + 1 : 1;
  const archive = `log.${number}.jsonl`;
  await writeWhole(files, join(dirname(log.file), archive), bytes);
  const { site, incarnation } = first;
  const head: Entry = {
    ...{ type: 'segment', at: clock.now(), site, incarnation, carried: kept.length },
    before: { file: archive, sum: log.sum, count: log.count, sha256: sha256(bytes) },
  };
  let { sum } = log;
  const lines = [head, ...kept].map((entry) => {
    const next = nextLine(sum, entrySchema.parse(entry));
    sum = next.sum;
    return `${next.line}\n`;
  });
  const text = Buffer.from(lines.join(''));
  const shorter = readLog(log.file, text);
  await putInPlace(files, log.file, text);
  return shorter;
}

/**
 * What is wrong with the archives of this log: the newest is held against its hash, the older ones
 * must be there. A log that was never compacted has none.
 */
export async function archiveDamage(
  files: Files,
  { file, entries: [first] }: Pick<ReadLog, 'file' | 'entries'>,
): Promise<string | undefined> {
  if (first?.type !== 'segment') return undefined;
  const folder = dirname(file);
  const newest = Number(ARCHIVE.exec(first.before.file)?.[1]);
  for (let number = 1; number <= newest; number++) {
    const name = `log.${number}.jsonl`;
    if ((await files.size(join(folder, name))) === 0) return `${name} is not there.`;
  }
  const found = sha256(await files.read(join(folder, first.before.file)));
  return found === first.before.sha256
    ? undefined
    : `${first.before.file} is not what was written.`;
}

/** Reads the archives, newest first, for what a call of a closed run was answered. */
export async function findArchived(
  files: Files,
  folder: string,
  key: string,
): Promise<Extract<Entry, { type: 'answered' }> | undefined> {
  const names = (await files.list(folder)).filter((name) => ARCHIVE.test(name));
  for (const name of names.sort().reverse()) {
    for (const line of (await files.read(join(folder, name))).toString('utf8').split('\n')) {
      if (!line.includes(`"${key}"`) || !line.includes('"type":"answered"')) continue;
      const entry = entrySchema.parse(JSON.parse(line).entry);
      if (entry.type === 'answered' && entry.key === key) return entry;
    }
  }
  return undefined;
}
