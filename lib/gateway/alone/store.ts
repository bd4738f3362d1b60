/**
 * The store of a plane that stands on a gateway's disk: what it holds is in memory, and every change
 * is a line on the disk before anybody hears of it. One process writes: the gateway's port is its lock.
 */
import { join } from 'node:path';
import { memoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import { GatewayError } from '../errors.ts';
import { codeOf, type Files, type LogFile } from '../server/disk/files.ts';
import { troubleOf } from '../server/disk/trouble.ts';

const changes = [
  'append',
  'putInbox',
  'takeInbox',
  'putHead',
  'claim',
  'release',
  'putLock',
  'putDue',
  'clearDue',
  'putNote',
] as const satisfies readonly (keyof Store)[];
type Change = (typeof changes)[number];
type Doing = (...args: unknown[]) => Promise<unknown>;

type PlaneStore = Store & { close(): Promise<void> };

const fileIn = (folder: string): string => join(folder, 'store.jsonl');

/** What the store in `folder` holds, beside whoever writes it. Changes made to it go nowhere. */
export async function readPlaneStore(files: Files, folder: string): Promise<Store> {
  return (await recall(files, fileIn(folder))).memory;
}

/** Opens or begins the store in `folder`. A last line without its end was promised to nobody. */
export async function openPlaneStore(files: Files, folder: string): Promise<PlaneStore> {
  const file = fileIn(folder);
  await files.makeFolder(folder);
  const { memory, whole, found } = await recall(files, file);
  const handle = await files.open(file).catch((cause: unknown) => {
    throw troubleOf(file, cause);
  });
  if (whole < found) await handle.truncate(whole);
  await files.syncFolder(folder);
  const write = writerOf(handle, file);
  const store = { ...memory, close: () => handle.close() };
  for (const name of changes) {
    const change = memory[name] as Doing;
    const kept: Doing = (...args) => write(JSON.stringify([name, ...args]), () => change(...args));
    Object.assign(store, { [name]: kept });
  }
  return store;
}

/** `whole` of `found` bytes are lines with their ends. */
async function recall(files: Files, file: string) {
  const memory = memoryStore();
  const found = await files.read(file).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return Buffer.alloc(0);
    throw troubleOf(file, cause);
  });
  const whole = found.subarray(0, found.lastIndexOf(0x0a) + 1);
  for (const [index, line] of whole.toString('utf8').split('\n').slice(0, -1).entries()) {
    await again(memory, line).catch((cause: unknown) => {
      const why = `Line ${index + 1} is not what was written.`;
      throw new GatewayError('GW-DISK', `${file} is damaged.`, { why, cause });
    });
  }
  return { memory, whole: whole.length, found: found.length };
}

async function again(memory: Store, line: string): Promise<void> {
  const [name, ...args]: [string, ...unknown[]] = JSON.parse(line);
  const known = changes.find((change): change is Change => change === name);
  if (known === undefined) throw new TypeError(`${name} is no change`);
  // A value that was undefined was written as null: there was no lock before.
  await (memory[known] as Doing)(...args.map((value) => value ?? undefined));
}

/** One change after the other: what is done is what is on the disk, in that order. */
function writerOf(handle: LogFile, file: string) {
  let turn: Promise<unknown> = Promise.resolve();
  let broken: unknown;
  return (line: string, change: () => Promise<unknown>): Promise<unknown> => {
    const done = turn.then(async () => {
      if (broken !== undefined) throw troubleOf(file, broken);
      try {
        await handle.append(`${line}\n`);
        await handle.datasync();
      } catch (cause) {
        // Half a line may be there: this process writes no more, the next one cuts it.
        broken = cause;
        throw troubleOf(file, cause);
      }
      return change();
    });
    turn = done.catch(() => undefined);
    return done;
  };
}
