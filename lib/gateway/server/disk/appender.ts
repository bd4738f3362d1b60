/**
 * Writing the log. Lines that wait for the disk at the same time share one sync. A write that fails
 * fails all that wait; before the next one the end of the file is read, and what was not promised
 * is cut, so that a disk that got well again goes on in the same order.
 */
import { dirname } from 'node:path';
import { GatewayError } from '../../errors.ts';
import { type Entry, entrySchema } from '../entries.ts';
import type { Files, LogFile } from './files.ts';
import { nextLine, type Place, type ReadLog, readLog } from './log.ts';
import type { Reserve } from './reserve.ts';
import { isFull, troubleOf } from './trouble.ts';

export interface Appender {
  count(): number;
  /** Why the last write failed, while nothing was written since. */
  trouble(): GatewayError | undefined;
  append(entry: Entry): Promise<void>;
  /** Bytes of the log. */
  size(): number;
  /** Puts another log in its place while nobody writes; `shorten` answers undefined to leave it. */
  replace(shorten: (log: ReadLog) => Promise<ReadLog | undefined>): Promise<void>;
  /** Looks at the end of the file, cuts what was never promised, and opens it. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly entry: Entry;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** These say what became of something that was sent: there is room kept for them. */
const isVital = ({ entry }: Waiting): boolean => entry.type === 'answered' || entry.type === 'lost';
/** After this one something is sent: not without room for what comes of it. */
const needsRoom = ({ entry }: Waiting): boolean => entry.type === 'accepted';

export function openAppender(files: Files, start: Place, reserve: Reserve): Appender {
  const log = openTail(files, start);
  const pen = openPen(log, start, reserve);
  let waiting: Waiting[] = [];
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    const left = new Set(await pen.storeOrTell(batch));
    for (const one of batch) {
      if (!left.has(one)) one.done();
      else one.fail(pen.trouble() ?? noRoom(start));
    }
  }

  return {
    count: log.count,
    size: log.size,
    trouble: pen.trouble,
    append: (given) => {
      const entry = entrySchema.parse(given);
      const written = new Promise<void>((done, fail) => waiting.push({ entry, done, fail }));
      writing = writing.then(write);
      return written;
    },
    replace: (shorten) => {
      const replaced = writing.then(async () => {
        if (pen.trouble() === undefined) await pen.noting(() => log.replace(shorten));
      });
      // Lines that came meanwhile go behind the new end, or tell why they cannot.
      writing = replaced.catch(() => undefined);
      return replaced;
    },
    reopen: () => pen.noting(log.reopen),
    close: () => writing.then(log.close),
  };
}

/** What is known of the disk's troubles goes with each attempt to write. */
function openPen(log: ReturnType<typeof openTail>, { file }: Place, reserve: Reserve) {
  let broken: GatewayError | undefined;

  async function store(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    if (broken !== undefined) await log.reopen();
    broken = undefined;
    await log.write(batch.map(({ entry }) => entry));
  }

  /** Answers what could not be stored, with the reason in `trouble`. */
  async function storeOrTell(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      if (batch.some(needsRoom)) await reserve.fill();
      await store(batch);
      return [];
    } catch (cause) {
      broken = troubleOf(file, cause);
      if (!isFull(cause) || !batch.some(isVital)) return batch;
    }
    try {
      await reserve.spend();
      await store(batch.filter(isVital));
      return batch.filter((one) => !isVital(one));
    } catch (cause) {
      broken = troubleOf(file, cause);
      return batch;
    }
  }

  return {
    storeOrTell,
    trouble: () => broken,
    noting: (work: () => Promise<void>) =>
      work().catch((cause: unknown) => {
        broken = troubleOf(file, cause);
        throw broken;
      }),
  };
}

const noRoom = ({ file }: Place): GatewayError =>
  new GatewayError('GW-DISK-FULL', `${file} has no room for more.`);

/** The end of the file: what was promised, and where the next line goes. */
function openTail(files: Files, start: Place) {
  const { file } = start;
  let place = start;
  let handle: LogFile | undefined;

  async function reopen(): Promise<void> {
    await handle?.close().catch(() => undefined);
    handle = undefined;
    const opened = await files.open(file);
    handle = opened;
    const found = await files.read(file);
    const promised = found.subarray(place.bytes - Buffer.byteLength(place.last), place.bytes);
    if (promised.toString('utf8') !== place.last) {
      const why = 'Its last promised line is not there any more.';
      throw new GatewayError('GW-DISK', `${file} is damaged.`, { why });
    }
    if (found.length > place.bytes) await opened.truncate(place.bytes);
    await opened.datasync();
    // It may be new, or another one than before: without its name nothing in it is durable.
    await files.syncFolder(dirname(file));
  }

  async function write(entries: readonly Entry[]): Promise<void> {
    let { sum } = place;
    const lines = entries.map((entry) => {
      const next = nextLine(sum, entry);
      sum = next.sum;
      return `${next.line}\n`;
    });
    const text = lines.join('');
    if (handle === undefined) throw new GatewayError('GW-DISK', `${file} is not open.`);
    await handle.append(text);
    await handle.datasync();
    place = {
      ...{ file, sum, last: lines.at(-1) ?? place.last },
      count: place.count + lines.length,
      bytes: place.bytes + Buffer.byteLength(text),
    };
  }

  async function replace(shorten: (log: ReadLog) => Promise<ReadLog | undefined>): Promise<void> {
    const log = readLog(file, (await files.read(file)).subarray(0, place.bytes));
    if (log.sum !== place.sum) {
      throw new GatewayError('GW-DISK', `${file} is damaged.`, {
        why: 'It is not what was written.',
      });
    }
    const shorter = await shorten(log);
    if (shorter === undefined) return;
    place = shorter;
    await reopen();
  }

  return {
    ...{ reopen, write, replace },
    size: () => place.bytes,
    count: () => place.count,
    close: () => handle?.close(),
  };
}
