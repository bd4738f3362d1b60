/**
 * One simulated array behind its REST API. The array itself knows LDEVs, host groups, sessions,
 * locks and jobs; rooms know everything that ties LDEVs together. State is settled from the clock
 * before each request.
 */
import type { Clock } from '../../clock.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Effect } from '../seams.ts';
import type { Pace, TopologyArray } from '../topology.ts';
import { Cache } from './cache.ts';
import { NoAnswer } from './change.ts';
import type { History } from './data/history.ts';
import type { Writers } from './data/writers.ts';
import { dispatch } from './dispatch.ts';
import { Guests, type GuestsState } from './guests.ts';
import { Jobs } from './jobs.ts';
import { BLOCKS_PER_GIB, Ldevs } from './ldevs.ts';
import { Locks } from './locks.ts';
import { Mapping } from './mapping.ts';
import { bodyRoutes } from './objects/routes.ts';
import { type ArrayPeer, type Parts, type RemoteStorage, skewOf } from './parts.ts';
import { answers, createArrayPort } from './port.ts';
import type { ObjectRoutes, Room, RoomMaker } from './room.ts';
import { Sessions } from './sessions.ts';
import { answer, arrayError, PeerSilent, Refusal } from './wire.ts';

interface ArrayDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** By storage device id; undefined for this array itself and for unknown ones. */
  readonly peer: (storageDeviceId: string) => ArrayPeer | undefined;
  readonly writers: Writers;
  readonly pace: Pick<Pace, 'jobMs' | 'peerSilentMs'>;
  readonly rooms: readonly RoomMaker[];
  /** Arrays it has been told of by the time it is first started. */
  readonly remotes?: readonly RemoteStorage[];
  /** Told once for each change that was accepted (answered 202). */
  onEffect(effect: Omit<Effect, 'at' | 'site'>): void;
  /** Called after each change, before its answer leaves. */
  changed(): void;
}

/** Everything that outlives the process. */
export interface ArrayState {
  readonly sessions: ReturnType<Sessions['snapshot']>;
  readonly lock: number | null;
  readonly jobs: ReturnType<Jobs['snapshot']>;
  readonly ldevs: ReturnType<Ldevs['snapshot']>;
  readonly hostGroups: ReturnType<Mapping['snapshot']>;
  readonly remotes: readonly RemoteStorage[];
  readonly histories: readonly (readonly [number, History])[];
  readonly guests: GuestsState;
  readonly faults: readonly string[];
  readonly rooms: Readonly<Record<string, unknown>>;
}

export type TwinArray = ReturnType<typeof createArray>;

export function createArray(spec: TopologyArray, deps: ArrayDeps) {
  const { clock } = deps;
  const rooms: Room[] = [];
  const parts = partsOf(spec, deps, rooms);
  for (const make of deps.rooms) rooms.push(make(parts));
  const routes = new Map<string, ObjectRoutes>();
  for (const one of [...bodyRoutes, ...rooms.flatMap((room) => room.routes)]) {
    if (routes.has(one.type)) throw new Error(`two rooms answer for ${one.type}`);
    routes.set(one.type, one);
  }
  const settle = (now: number) => {
    for (const room of rooms) room.settle(now);
  };
  const { onEffect, changed } = deps;
  const desk = { parts, routes, deps: { clock, jobMs: deps.pace.jobMs, onEffect, changed } };

  /** Rejects when the array does not answer at all. */
  const handle: Http = async (request) => {
    settle(clock.now());
    try {
      return await dispatch(desk, request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error instanceof PeerSilent) await clock.sleep(deps.pace.peerSilentMs);
      if (!answers(parts.faults)) throw new NoAnswer();
      const source = new URL(request.url).pathname;
      return answer(error.status, arrayError(source, error.words), clock.now() + skewOf(parts));
    }
  };

  return {
    handle,
    settle,
    parts,
    port: createArrayPort(parts, { clock, writers: deps.writers, settle }),
    peer: peerOf(parts),
    snapshot: () => snapshotOf(parts),
    restore: (saved: ArrayState) => restore(parts, saved),
  };
}

function partsOf(spec: TopologyArray, deps: ArrayDeps, rooms: readonly Room[]): Parts {
  const faults = new Set<string>();
  const mapping = new Mapping(spec);
  const guests = guestsOf(spec, { ...deps, mapping, rooms });
  const sessions = new Sessions(spec.users, deps.random, faults);
  return {
    spec,
    clock: deps.clock,
    random: deps.random,
    ldevs: new Ldevs(spec),
    mapping,
    guests,
    cache: new Cache(faults),
    sessions,
    locks: new Locks(sessions, faults),
    jobs: new Jobs(faults),
    rooms,
    peer: deps.peer,
    remotes: new Map((deps.remotes ?? []).map((one) => [one.storageDeviceId, one])),
    histories: deps.writers.historiesOf(spec.id),
    faults,
  };
}

interface GuestsHands extends Pick<ArrayDeps, 'clock' | 'writers'> {
  readonly mapping: Mapping;
  readonly rooms: readonly Room[];
}

/** Guests that notice every path that comes or goes, wherever the change came from. */
function guestsOf(spec: TopologyArray, { clock, writers, mapping, rooms }: GuestsHands): Guests {
  const guests = new Guests({
    array: spec.id,
    mapping,
    writers,
    elsewhere: (ldevId, host) => rooms.some((room) => room.reachedElsewhere?.(ldevId, host)),
  });
  mapping.onPath = (ldevId) => {
    const now = clock.now();
    guests.follow(ldevId, now);
    for (const room of rooms) room.pathMoved?.(ldevId, now);
  };
  return guests;
}

function peerOf(parts: Parts): ArrayPeer {
  const { spec, sessions, clock, ldevs, mapping, remotes, faults, locks } = parts;
  return {
    id: spec.id,
    storageDeviceId: spec.storageDeviceId,
    model: spec.model,
    storageTypeId: spec.storageTypeId,
    reachable: () => answers(faults),
    holdsSession: (authorization) =>
      !faults.has('foreign-session') && sessions.held(authorization, clock.now()) !== undefined,
    lockedAgainst(authorization) {
      const session = sessions.held(authorization, clock.now());
      return session && locks.against(session, clock.now())?.userId;
    },
    ldev(ldevId) {
      const found = ldevs.find(ldevId);
      if (found === undefined) return undefined;
      const { blocks, virtualLdevId, status } = found;
      const ports = mapping.pathsOf(ldevId).length;
      return { sizeGiB: blocks / BLOCKS_PER_GIB, blocks, ports, virtualLdevId, status };
    },
    meet: (other) => void remotes.set(other.storageDeviceId, other),
    forget: (storageDeviceId) => void remotes.delete(storageDeviceId),
  };
}

function snapshotOf(parts: Parts): ArrayState {
  return {
    sessions: parts.sessions.snapshot(),
    lock: parts.locks.snapshot(),
    jobs: parts.jobs.snapshot(),
    ldevs: parts.ldevs.snapshot(),
    hostGroups: parts.mapping.snapshot(),
    remotes: [...parts.remotes.values()],
    histories: [...parts.histories],
    guests: parts.guests.snapshot(),
    faults: [...parts.faults],
    rooms: Object.fromEntries(parts.rooms.map((room) => [room.name, room.snapshot()])),
  };
}

function restore(parts: Parts, saved: ArrayState): void {
  parts.sessions.restore(saved.sessions);
  parts.locks.restore(saved.lock);
  parts.jobs.restore(saved.jobs);
  parts.ldevs.restore(saved.ldevs);
  parts.mapping.restore([...saved.hostGroups]);
  parts.remotes.clear();
  for (const remote of saved.remotes) parts.remotes.set(remote.storageDeviceId, remote);
  parts.guests.restore(saved.guests);
  parts.histories.clear();
  for (const [ldevId, history] of saved.histories) parts.histories.set(ldevId, history);
  parts.faults.clear();
  for (const name of saved.faults) parts.faults.add(name);
  for (const room of parts.rooms) room.restore(saved.rooms[room.name]);
}
