/**
 * A room of an array: one kind of object (remote mirrors, ShadowImage, Thin Image, journals …) with
 * the routes that reach it over REST and what it means for the LDEVs it binds. The array itself
 * knows LDEVs, sessions, locks and jobs; everything that ties LDEVs together lives in a room.
 */
import type { OtherHalf } from '../seams.ts';
import type { History } from './data/history.ts';
import type { Call, Parts } from './parts.ts';
import type { ErrorWords } from './wire.ts';

/** GET: the answer's body. Throws a Refusal. */
export type Read = (parts: Parts, call: Call) => unknown;

/** What an accepted change did. The request is answered 202 with a job that ends accordingly. */
export interface Changed {
  /** Types and ids for `affectedResources`, e.g. `ldevs/1000`. */
  readonly affected: readonly string[];
  /** The array refused: nothing was changed and the job ends `Failed` with these words. */
  readonly refused?: ErrorWords;
  /** When the copying behind the change ends (ms); without `NoWait` the job lasts until then. */
  readonly copiedAt?: number;
}

/** Throws a Refusal when the request itself is refused (4xx, 5xx) and no job is made. */
export type Change = (parts: Parts, call: Call) => Changed | Promise<Changed>;

/** What a user must be allowed to: the roles of the array's user groups. */
export type Role = 'view' | 'provisioning' | 'local-copy' | 'remote-copy' | 'system' | 'security';

export interface Guarded {
  readonly change: Change;
  /** All of them are needed; the built-in administrator has all. */
  readonly roles: readonly Role[];
  /** Actions only: the template that GET without `/invoke` answers; 412 in the wrong state. */
  readonly template?: Read;
  /** Carried out although another session holds the lock, e.g. waiting for that lock. */
  readonly whileLocked?: true;
}

/** Everything REST can do with one object type; what is absent is answered 405, or 404 for no type. */
export interface ObjectRoutes {
  /** As in the URL: `ldevs`, `remote-mirror-copygroups` … */
  readonly type: string;
  readonly list?: Read;
  readonly one?: Read;
  /** POST on the collection. */
  readonly create?: Guarded;
  /** PATCH or PUT on the object. */
  readonly modify?: Guarded;
  /** DELETE on the object. */
  readonly remove?: Guarded;
  /** POST or PUT on `…/actions/<name>/invoke`, by name; GET without `/invoke` is its template. */
  readonly actions?: Readonly<Record<string, Guarded>>;
}

/** What a room does to the LDEVs it binds. Every method takes settled state (see `settle`). */
export interface Room {
  /** Key of its state on disk. */
  readonly name: string;
  readonly routes: readonly ObjectRoutes[];
  /** Notes what time has brought since the last call; called before every request. */
  settle(now: number): void;
  /** Attribute words that binding adds to an LDEV: HORC, GAD, MRCF, HTI, JNL. */
  attributes(ldevId: number): readonly string[];
  /** Further fields of an LDEV as it is shown, e.g. `snapshotPoolId`. */
  fields?(ldevId: number): Readonly<Record<string, unknown>>;
  /** Why the LDEV cannot be deleted or expanded, e.g. `P-VOL of pair PAY01-01`. */
  bound(ldevId: number): string | undefined;
  /** Why hosts cannot write to it now, e.g. `S-VOL of a pair in PAIR`. */
  shut(ldevId: number, now: number): string | undefined;
  /** Where else hosts reach the data of this LDEV. */
  otherHalf?(ldevId: number): OtherHalf | undefined;
  /** Whether a host reaches the data of this LDEV through another array. */
  reachedElsewhere?(ldevId: number, host: string): boolean;
  /** A path of this LDEV has come or gone; `at` in ms. */
  pathMoved?(ldevId: number, at: number): void;
  /** What the LDEV holds when this room decides that; undefined = the LDEV's own history. */
  holds(ldevId: number, now: number): History | undefined;
  /** Plain JSON, kept on disk. */
  snapshot(): unknown;
  restore(saved: unknown): void;
}

/** Made once per array, before its first request. Reads other rooms through `parts` only later. */
export type RoomMaker = (parts: Parts) => Room;
