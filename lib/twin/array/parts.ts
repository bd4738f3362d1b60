/** What one simulated array consists of, and what a request looks like once it was taken apart. */
import type { CloneGroupState, ClonePace } from './clones.ts';
import type { createJobs } from './jobs.ts';
import type { Ldevs, SeedLdev } from './ldevs.ts';
import type { Mirror } from './mirror.ts';
import type { Login, Session, Sessions } from './sessions.ts';
import type { Side } from './views.ts';
import { bad, missing } from './wire.ts';

export interface ArraySpec {
  readonly site: string;
  readonly storageDeviceId: string;
  readonly model: string;
  readonly login: Login;
  readonly ldevs: readonly SeedLdev[];
  /** Mirrors this array is one half of; the other array holds the very same objects. */
  readonly mirrors: readonly { readonly mirror: Mirror; readonly side: Side }[];
  readonly cloneGroups: readonly CloneGroupState[];
  readonly jobMs: number;
  readonly pace: ClonePace;
}

/** The other array, as far as this one asks it: whose token is that? */
export interface ArrayPeer {
  readonly storageDeviceId: string;
  holdsSession(authorization: string | undefined): boolean;
}

/** Array-wide faults; plain data, so that they survive a restart. */
export interface ArrayFaults {
  busy: boolean;
  jobUnknown: boolean;
  jobFailed: boolean;
}

export interface Parts {
  readonly spec: ArraySpec;
  readonly ldevs: Ldevs;
  readonly sessions: Sessions;
  readonly jobs: ReturnType<typeof createJobs>;
  readonly peer: () => ArrayPeer | undefined;
  clones: CloneGroupState[];
  /** How often a copy was resynchronised while a host could still reach it. */
  resyncUnderPath: number;
  faults: ArrayFaults;
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

export function mirrorOf(parts: Parts, group: string | undefined) {
  const held = parts.spec.mirrors.find(({ mirror }) => mirror.spec.group === group);
  if (held === undefined) throw missing(`copy group ${group ?? ''}`);
  return held;
}

/** The ShadowImage group of a three-part id: name, P-VOL and S-VOL device group. */
export function cloneGroupOf(parts: Parts, ids: readonly string[]): CloneGroupState {
  const [name, pvols, svols] = ids;
  const group = parts.clones.find((one) => one.name === name);
  if (ids.length !== 3 || group === undefined) throw missing(`copy group ${ids.join(',')}`);
  if (pvols !== `${name}P_` || svols !== `${name}S_`)
    throw missing(`device group ${ids.join(',')}`);
  return group;
}

/** A whole number in a query, or the default when it is absent. */
export function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,6}$/.test(text)) throw bad(`The value of ${name} is not valid.`);
  return Number(text);
}
