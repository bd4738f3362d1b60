/** What one simulated array consists of, and what a request looks like once it was taken apart. */
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { TopologyArray } from '../topology.ts';
import type { Cache } from './cache.ts';
import type { History } from './data/history.ts';
import type { Guests } from './guests.ts';
import type { Jobs } from './jobs.ts';
import type { Ldevs } from './ldevs.ts';
import type { Locks } from './locks.ts';
import type { Mapping } from './mapping.ts';
import type { Room } from './room.ts';
import type { Session, Sessions } from './sessions.ts';
import { bad } from './wire.ts';

/** Another array, as far as this one asks it: does it answer, and whose token is that? */
export interface ArrayPeer {
  readonly id: string;
  readonly storageDeviceId: string;
  readonly model: string;
  readonly storageTypeId: string;
  /** False when no management path leads there, or it is dead: operations that need it fail. */
  reachable(): boolean;
  holdsSession(authorization: string | undefined): boolean;
  /** Who holds its resource groups, other than the session of that token; undefined = nobody. */
  lockedAgainst(authorization: string | undefined): string | undefined;
  /** For rooms that span arrays; undefined LDEV = not defined there. */
  ldev(ldevId: number): PeerLdev | undefined;
  /** It registers an array, or forgets it: mutual discovery of `remote-storages`. */
  meet(other: RemoteStorage): void;
  forget(storageDeviceId: string): void;
}

/** Another array that this one was told of (`remote-storages`). */
export interface RemoteStorage {
  readonly storageDeviceId: string;
  readonly restServerIp: string;
  readonly restServerPort: number;
}

interface PeerLdev {
  readonly sizeGiB: number;
  /** 512-byte blocks. */
  readonly blocks: number;
  readonly ports: number;
  readonly virtualLdevId: number;
  readonly status: string;
}

export interface Parts {
  readonly spec: TopologyArray;
  readonly clock: Clock;
  readonly random: Random;
  readonly ldevs: Ldevs;
  readonly sessions: Sessions;
  readonly locks: Locks;
  readonly jobs: Jobs;
  readonly mapping: Mapping;
  readonly guests: Guests;
  readonly cache: Cache;
  /** By storage device id. */
  readonly remotes: Map<string, RemoteStorage>;
  readonly rooms: readonly Room[];
  /** By storage device id. */
  readonly peer: (storageDeviceId: string) => ArrayPeer | undefined;
  /** What LDEVs hold by themselves, when no room decides it. */
  readonly histories: Map<number, History>;
  /** Names of the faults that are on; see `lib/twin/faults/table.ts`. */
  readonly faults: Set<string>;
}

export interface Call {
  readonly method: string;
  /** From `/v1/` on, as it was asked. */
  readonly path: string;
  /** Comma-separated id in the path, decoded and split; empty for lists. */
  readonly ids: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly now: number;
  readonly session: Session;
}

/** Storage device id under which it answers: another array has a number of its own. */
export function ownIdOf({ spec: { storageDeviceId }, faults }: Parts): string {
  return faults.has('other-array') ? `${storageDeviceId.slice(0, -6)}999999` : storageDeviceId;
}

/** How far the array's own clock is wrong (ms): it shows in headers and times, in nothing else. */
export function skewOf({ faults }: Parts): number {
  return faults.has('clock-wrong') ? WRONG_CLOCK_MS : 0;
}

const WRONG_CLOCK_MS = 7 * 60_000;

/** What an LDEV holds at `now` (settled): a room's word, else its own history. */
export function historyOf(parts: Parts, ldevId: number, now: number): History {
  for (const room of parts.rooms) {
    const held = room.holds(ldevId, now);
    if (held !== undefined) return held;
  }
  return parts.histories.get(ldevId) ?? [];
}

/** A whole number in a query, or the default when it is absent. */
export function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,6}$/.test(text)) throw bad(`The value of ${name} is not valid.`);
  return Number(text);
}
