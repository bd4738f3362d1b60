/**
 * The gateway's append-only log: one line of canonical JSON per entry, each with a hash over itself
 * and the line before. A promise resolves after fsync. On opening, a line that was being written
 * when the power went is cut; any other damage is a reason not to start. A disk that is full or
 * read-only is opened all the same: what is known can be asked, and nothing new is sent.
 */
import { dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { GatewayError } from '../errors.ts';
import { openAppender } from './disk/appender.ts';
import { archiveDamage, compactLog, findArchived } from './disk/compact.ts';
import { codeOf, type Files, systemFiles } from './disk/files.ts';
import { type ReadLog, readLog } from './disk/log.ts';
import { openReserve } from './disk/reserve.ts';
import { troubleOf } from './disk/trouble.ts';
import type { Entry } from './entries.ts';

export interface Disk {
  readonly incarnation: string;
  /** What was on the disk when it was opened, first line left out. */
  readonly entries: readonly Entry[];
  /** Lines promised up to now; never falls in the life of one incarnation. */
  count(): number;
  /** Resolves when the entry cannot be lost any more; rejects when it is not there. */
  append(entry: Entry): Promise<void>;
  /** Why nothing can be written now: GW-DISK-FULL, GW-DISK-READONLY or GW-DISK. */
  trouble?(): GatewayError | undefined;
  /** Moves closed runs to the archive when the log has become long; to be called when nothing is sent. */
  compact?(): Promise<void>;
  /** The answer to a call of a closed run, from the archive. */
  archived?(key: string): Promise<Extract<Entry, { type: 'answered' }> | undefined>;
  close(): Promise<void>;
}

export interface DiskOptions {
  readonly folder: string;
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Told what a person should know: that a torn line was cut. */
  readonly say: (text: string) => void;
  readonly files?: Files;
  /** A longer log is compacted when it is opened, and by `compact`, bytes. */
  readonly compactOver?: number;
}

const COMPACT_OVER = 16_777_216;
/** Growth after which a log that could not be made shorter is tried again. */
const AGAIN_AFTER = 1.25;

/**
 * Opens or begins the log in `folder`. Rejects with GW-DISK when a line is not what was written or
 * the log is another site's, and with GW-DISK-* when a first line cannot be written.
 */
export async function openDisk(options: DiskOptions): Promise<Disk> {
  const files = options.files ?? systemFiles;
  const file = join(options.folder, 'log.jsonl');
  await files.makeFolder(options.folder).catch((cause: unknown) => {
    throw troubleOf(options.folder, cause);
  });
  let log = readLog(file, await files.read(file).catch((cause) => absentIsEmpty(file, cause)));
  const first = log.entries[0] ?? born(options);
  if ((first.type !== 'born' && first.type !== 'segment') || first.site !== options.site) {
    throw new GatewayError('GW-DISK', `${file} is not the log of ${options.site}.`);
  }
  const limit = options.compactOver ?? COMPACT_OVER;
  if (log.bytes > limit) log = (await shortened(files, log, options)) ?? log;
  const damage = await archiveDamage(files, log);
  if (damage !== undefined)
    options.say(`GW-DISK: ${damage} Answers to calls of closed runs may be gone.`);
  const reserve = openReserve(files, options.folder);
  const appender = openAppender(files, log, reserve);
  try {
    await appender.reopen();
    if (log.torn > 0) options.say(`${file}: cut a torn last line of ${log.torn} bytes.`);
    // A new folder is a name in the one above it.
    if (log.entries.length === 0) await files.syncFolder(dirname(options.folder));
    if (log.entries.length === 0) await appender.append(first);
    await reserve.fill();
  } catch (cause) {
    const trouble = troubleOf(file, cause);
    if (log.entries.length === 0 || trouble.code === 'GW-DISK') throw trouble;
    options.say(`${trouble.code}: ${trouble.what} What is known can be asked; nothing is sent.`);
  }
  let nextAt = limit;
  return {
    incarnation: first.incarnation,
    entries: log.entries.slice(1),
    compact: async () => {
      if (appender.size() <= nextAt) return;
      await appender.replace((whole) => shortened(files, whole, options));
      // Open runs may fill a log: it is not read again for each line that comes.
      nextAt = Math.max(limit, appender.size() * AGAIN_AFTER);
    },
    count: appender.count,
    append: appender.append,
    trouble: appender.trouble,
    archived: (key) => findArchived(files, options.folder, key),
    close: appender.close,
  };
}

/** The log without its closed runs; undefined when there is no room or nothing is closed. */
async function shortened(
  files: Files,
  log: ReadLog,
  options: DiskOptions,
): Promise<ReadLog | undefined> {
  try {
    const shorter = await compactLog(files, log, options);
    if (shorter === undefined) return undefined;
    options.say(`${log.file}: closed runs went to the archive, ${shorter.bytes} bytes are left.`);
    return shorter;
  } catch (cause) {
    options.say(`${log.file} could not be compacted: ${troubleOf(log.file, cause).code}.`);
    return undefined;
  }
}

const born = ({ site, clock, random }: DiskOptions) => ({
  type: 'born' as const,
  at: clock.now(),
  site,
  incarnation: random(16),
});

function absentIsEmpty(file: string, cause: unknown): Buffer {
  if (codeOf(cause) === 'ENOENT') return Buffer.alloc(0);
  throw new GatewayError('GW-DISK', `${file} cannot be read.`, { cause });
}
