/**
 * The gateway's append-only log: one line of canonical JSON per entry, each with a hash over itself
 * and the line before. A promise resolves after fsync. On opening, a line that was being written
 * when the power went is cut; any other damage is a reason not to start.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonical, sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { GatewayError } from '../errors.ts';
import { type Entry, entrySchema } from './entries.ts';

export interface Disk {
  readonly incarnation: string;
  /** What was on the disk when it was opened, first line left out. */
  readonly entries: readonly Entry[];
  /** Lines on the disk now; never falls in the life of one incarnation. */
  count(): number;
  /** Resolves when the entry cannot be lost any more. After one failure all further ones fail. */
  append(entry: Entry): Promise<void>;
  close(): Promise<void>;
}

export interface DiskOptions {
  readonly folder: string;
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Told what a person should know: that a torn line was cut. */
  readonly say: (text: string) => void;
}

/** Opens or begins the log in `folder`. Rejects with GW-DISK when it is damaged or another site's. */
export async function openDisk(options: DiskOptions): Promise<Disk> {
  await mkdir(options.folder, { recursive: true });
  const file = join(options.folder, 'log.jsonl');
  const found = await readFile(file).catch(absentIsEmpty);
  const whole = found.subarray(0, found.lastIndexOf(0x0a) + 1);
  const { entries, sum } = readLog(file, whole.toString('utf8'));
  const first = entries[0] ?? born(options);
  if (first.type !== 'born' || first.site !== options.site) {
    throw new GatewayError('GW-DISK', `${file} is not the log of ${options.site}.`);
  }
  const handle = await open(file, 'a', 0o600);
  if (whole.length < found.length) {
    await handle.truncate(whole.length);
    await handle.sync();
    options.say(`${file}: cut a torn last line of ${found.length - whole.length} bytes.`);
  }
  await syncFolder(options.folder);
  const log = appender(handle, { file, count: entries.length, sum });
  if (entries.length === 0) await log.append(first);
  return { incarnation: first.incarnation, entries: entries.slice(1), ...log };
}

const born = ({ site, clock, random }: DiskOptions): Entry => ({
  type: 'born',
  at: clock.now(),
  site,
  incarnation: random(16),
});

/** All entries in order and the hash of the last line. */
function readLog(file: string, text: string): { entries: Entry[]; sum: string } {
  const entries: Entry[] = [];
  let sum = '';
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const why = `Line ${index + 1} is not what was written.`;
    try {
      const entry = entrySchema.parse(JSON.parse(line).entry);
      sum = sha256(`${sum}${canonical(entry)}`);
      if (line !== lineOf(entry, sum)) throw new TypeError(why);
      entries.push(entry);
    } catch (cause) {
      throw new GatewayError('GW-DISK', `${file} is damaged.`, { why, cause });
    }
  }
  return { entries, sum };
}

const lineOf = (entry: Entry, sum: string): string => canonical({ entry, sum });

interface Waiting {
  readonly line: string;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** Lines that wait for the disk at the same time share one fsync. */
function appender(
  handle: Awaited<ReturnType<typeof open>>,
  start: { readonly file: string; readonly count: number; readonly sum: string },
) {
  let { count, sum } = start;
  let waiting: Waiting[] = [];
  let writing = Promise.resolve();
  let broken: unknown;

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      if (broken !== undefined) throw broken;
      if (batch.length > 0) {
        await handle.appendFile(batch.map(({ line }) => `${line}\n`).join(''));
        await handle.datasync();
      }
      count += batch.length;
      for (const { done } of batch) done();
    } catch (cause) {
      // Half a line may be there: nothing may follow it in this process.
      broken = cause;
      const error = new GatewayError('GW-DISK', `${start.file} cannot be written.`, { cause });
      for (const { fail } of batch) fail(error);
    }
  }

  return {
    count: () => count,
    append: (entry: Entry): Promise<void> => {
      const clean = entrySchema.parse(entry);
      sum = sha256(`${sum}${canonical(clean)}`);
      const line = lineOf(clean, sum);
      const written = new Promise<void>((done, fail) => waiting.push({ line, done, fail }));
      writing = writing.then(write);
      return written;
    },
    close: () => writing.then(() => handle.close()),
  };
}

function absentIsEmpty(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw new GatewayError('GW-DISK', 'The log cannot be read.', { cause: error });
}

/** A new file is only safe when its folder's entry is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
