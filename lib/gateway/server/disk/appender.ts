/**
 * Writing the log. Lines that wait for the disk at the same time share one sync. A write that fails
 * fails all that wait; before the next one the end of the file is read, and what was not promised
 * is cut, so that a disk that got well again goes on in the same order.
 */
import { GatewayError } from '../../errors.ts';
import { type Entry, entrySchema } from '../entries.ts';
import type { Files, LogFile } from './files.ts';
import { nextLine, type Place } from './log.ts';
import type { Reserve } from './reserve.ts';
import { isFull, troubleOf } from './trouble.ts';

export interface Appender {
  count(): number;
  /** Why the last write failed, while nothing was written since. */
  trouble(): GatewayError | undefined;
  append(entry: Entry): Promise<void>;
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
  let broken: GatewayError | undefined;
  let waiting: Waiting[] = [];
  let writing = Promise.resolve();

  async function store(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    if (broken !== undefined) await log.reopen();
    broken = undefined;
    await log.write(batch.map(({ entry }) => entry));
  }

  /** Answers what could not be stored, with the reason in `broken`. */
  async function storeOrTell(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    try {
      if (batch.some(needsRoom)) await reserve.fill();
      await store(batch);
      return [];
    } catch (cause) {
      broken = troubleOf(start.file, cause);
      if (!isFull(cause) || !batch.some(isVital)) return batch;
    }
    try {
      await reserve.spend();
      await store(batch.filter(isVital));
      return batch.filter((one) => !isVital(one));
    } catch (cause) {
      broken = troubleOf(start.file, cause);
      return batch;
    }
  }

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    const left = new Set(await storeOrTell(batch));
    for (const one of batch) {
      if (!left.has(one)) one.done();
      else one.fail(broken ?? noRoom(start));
    }
  }

  return {
    count: log.count,
    trouble: () => broken,
    append: (given) => {
      const entry = entrySchema.parse(given);
      const written = new Promise<void>((done, fail) => waiting.push({ entry, done, fail }));
      writing = writing.then(write);
      return written;
    },
    reopen: () =>
      log.reopen().catch((cause: unknown) => {
        broken = troubleOf(start.file, cause);
        throw broken;
      }),
    close: () => writing.then(log.close),
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
  }

  async function write(entries: readonly Entry[]): Promise<void> {
    let { sum } = place;
    const lines = entries.map((entry) => {
      const next = nextLine(sum, entry);
      sum = next.sum;
      return `${next.line}\n`;
    });
    const text = lines.join('');
    await handle?.append(text);
    await handle?.datasync();
    place = {
      ...{ file, sum, last: lines.at(-1) ?? place.last },
      count: place.count + lines.length,
      bytes: place.bytes + Buffer.byteLength(text),
    };
  }

  return {
    ...{ reopen, write },
    count: () => place.count,
    close: () => handle?.close(),
  };
}
