/** One array with local copies, below a remote mirror that a test moves as it likes. */
import type { ManualClock } from '../../../lib/clock.ts';
import { cut, type History } from '../../../lib/twin/array/data/history.ts';
import { cloneRoom } from '../../../lib/twin/array/local/clones.ts';
import { snapshotRoom } from '../../../lib/twin/array/local/snapshots.ts';
import type { Mirrored, MirroredVolumes } from '../../../lib/twin/array/remote/mirrored.ts';
import type { Room } from '../../../lib/twin/array/room.ts';
import { cloneSchema, paceSchema } from '../../../lib/twin/topology.ts';
import { type ArrayClient, login, type Sent, topology, twoArrays } from '../array-support.ts';

/** Of the pairs; jobs end at once here, so that a test sees every phase. */
export const pace = paceSchema.parse({});

export const GROUP = 'DRILL';
export const CG = `local-clone-copygroups/${GROUP},${GROUP}P_,${GROUP}S_`;
export const pairId = (name: string, group = GROUP) =>
  `local-clone-copypairs/${group},${group}P_,${group}S_,${name}`;

/** The S-VOLs 2000 to 2003 of a mirror whose P-VOLs have been written since `since`. */
export interface TestMirror {
  role: Mirrored['role'];
  status: string;
  journalId: number;
  /** How far the S-VOLs are behind (ms), and where restoring stands still, if it does. */
  lagMs: number;
  heldAt: number | null;
  /** Which LDEVs it binds. */
  ldevs: number[];
}

const FOLLOWS = ['PAIR', 'PFUL'];

function mirrorRoom(mirror: TestMirror, since: number): Room & MirroredVolumes {
  const until = (now: number) => Math.min(now - mirror.lagMs, mirror.heldAt ?? now);
  const binds = (ldevId: number) => mirror.ldevs.includes(ldevId);
  const follows = (ldevId: number) =>
    binds(ldevId) && mirror.role === 'S-VOL' && FOLLOWS.includes(mirror.status);
  return {
    name: 'remote',
    routes: [],
    settle: () => undefined,
    attributes: (ldevId) => (binds(ldevId) ? ['HORC'] : []),
    bound: (ldevId) => (binds(ldevId) ? `${mirror.role} of pair M` : undefined),
    shut: (ldevId) => (follows(ldevId) ? 'S-VOL of a pair in PAIR' : undefined),
    holds: (ldevId, now) =>
      follows(ldevId) ? cut(mainWrites(ldevId, since), until(now)) : undefined,
    snapshot: () => null,
    restore: () => undefined,
    mirrored: (ldevId) =>
      binds(ldevId)
        ? [
            {
              type: 'UR',
              group: 'M',
              role: mirror.role,
              status: mirror.status,
              journalId: mirror.journalId,
              delta: false,
            },
          ]
        : [],
    restoredUntil: (ldevId, now) => (follows(ldevId) ? until(now) : undefined),
    restoredBy: (_, upTo, { now }) =>
      until(now) < upTo ? undefined : Math.min(now, upTo + mirror.lagMs),
  };
}

/** What hosts at main write to the P-VOL of an S-VOL. */
export const mainWrites = (ldevId: number, since: number): History => [
  { writer: 'main', place: ldevId, since, until: null },
];

export interface LocalBench {
  readonly clock: ManualClock;
  readonly client: ArrayClient;
  readonly mirror: TestMirror;
  /** When main began to write (ms). */
  readonly since: number;
  readonly dr: ArrayClient['array'];
  /** Sends a change with NoWait: its job ends at once, whatever is still copied. */
  order(method: string, path: string, body?: unknown): Promise<Ended>;
}

export interface LocalOptions {
  /** Left out = consistency group 7; null = none. */
  readonly consistencyGroupId?: number | null;
  /** Without a mirror the P-VOLs are written by hosts of their own. */
  readonly mirrored?: boolean;
  /** Copy the S-VOLs 2000 to 2003 to 3000 to 3003 from the start. */
  readonly paired?: boolean;
  readonly user?: string;
}

const VOLUMES = [0, 1, 2];

/** Groups and snapshots at DR; LDEVs 2003 and 3003 are in no group. */
export async function localBench(options: LocalOptions = {}): Promise<LocalBench> {
  const { mirrored = true, paired = true, consistencyGroupId = 7 } = options;
  const mirror: TestMirror = {
    role: 'S-VOL',
    status: 'PAIR',
    journalId: 50,
    lagMs: 300,
    heldAt: null,
    ldevs: mirrored ? [2000, 2001, 2002, 2003] : [],
  };
  const group = cloneSchema.parse({
    array: 'dr',
    name: GROUP,
    ...(consistencyGroupId === null ? {} : { consistencyGroupId }),
    pairs: VOLUMES.map((i) => ({ name: `D-0${i + 1}`, pvol: 2000 + i, svol: 3000 + i })),
  });
  const start = 1_700_000_000_000;
  const { clock, dr } = twoArrays({
    topology: { ...topology, pace: paceSchema.parse({ jobMs: 0 }) },
    rooms: (id) =>
      id === 'dr'
        ? [
            () => mirrorRoom(mirror, start),
            cloneRoom(paired ? [group] : [], pace),
            snapshotRoom(pace),
          ]
        : [],
  });
  if (!mirrored) {
    for (const i of [0, 1, 2, 3]) dr.parts.histories.set(2000 + i, mainWrites(2000 + i, start));
  }
  const client = await login(dr, options.user ?? 'admin');
  const headers = { 'job-mode-wait-configuration-change': 'NoWait' };
  return {
    clock,
    dr,
    client,
    mirror,
    since: start,
    order: async (method, path, body) => ended(await client.send(method, path, body, headers)),
  };
}

/** How the job of a change ended, and why it failed. */
function ended({ status, text, body }: Sent): Ended {
  if (status !== 202) throw new Error(`${status}: ${text}`);
  return { state: body.state, cause: body.error?.cause, body };
}

export interface Ended {
  readonly state: string;
  readonly cause?: string;
  readonly body: Sent['body'];
}

/** Distinct states of the pairs of a ShadowImage group. */
export async function states({ get }: ArrayClient, group = CG): Promise<string[]> {
  const { body } = await get(group);
  const all: string[] = body.copyPairs.map(
    (pair: { pvolStatus: string; svolStatus: string }) => `${pair.pvolStatus}/${pair.svolStatus}`,
  );
  return [...new Set(all)].sort();
}

/** Why hosts cannot write to an LDEV; undefined = they can. */
export function refusedWrite({ dr }: LocalBench, ldevId: number): string | undefined {
  try {
    dr.port.write(ldevId);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
