/**
 * ShadowImage: full copies of volumes inside one array. Copies of the S-VOLs of a remote mirror are
 * what drills run on: a consistency group of them splits at one point in time while replication
 * goes on.
 */
import * as z from 'zod';
import { TwinError } from '../../errors.ts';
import type { Pace, TopologyClone } from '../../topology.ts';
import type { History } from '../data/history.ts';
import { historyOf, type Parts } from '../parts.ts';
import type { ObjectRoutes, Room, RoomMaker } from '../room.ts';
import { CloneFaults } from './clone-faults.ts';
import { type CloneGroup, cloneGroupSchema, cloneState, pairOf } from './clone-pairs.ts';
import { cloneRoutes } from './clone-routes.ts';
import { settleGroup } from './clone-settle.ts';
import { pairView } from './clone-views.ts';
import { CloneRegister } from './register.ts';
import { siTable } from './tables.ts';

const cloneStateSchema = z.strictObject({
  groups: z.array(cloneGroupSchema),
  resyncUnderPath: z.int(),
});

/** The ShadowImage pairs of one array; `specs`: those it starts with, all of them in PAIR. */
export function cloneRoom(specs: readonly TopologyClone[], pace: Pace): RoomMaker {
  return (parts) => new Clones(parts, specs, pace);
}

/** The ShadowImage room of an array. */
export function clonesOf({ rooms, spec }: Parts): Clones {
  const room = rooms.find((one): one is Clones => one instanceof Clones);
  if (room === undefined) throw new TwinError('TW-NAME-UNKNOWN', `${spec.id} has no ShadowImage.`);
  return room;
}

class Clones implements Room {
  readonly name = 'clones';
  readonly routes: readonly ObjectRoutes[];
  /** What faults do to the pairs. */
  readonly faults: CloneFaults;
  readonly #parts: Parts;
  readonly #pace: Pace;
  readonly #register: CloneRegister;
  #resyncUnderPath = 0;

  constructor(parts: Parts, specs: readonly TopologyClone[], pace: Pace) {
    this.#parts = parts;
    this.#pace = pace;
    const now = parts.clock.now();
    this.#register = new CloneRegister(specs.map((spec) => groupFrom(spec, now)));
    this.faults = new CloneFaults(this.#register, parts, pace);
    this.routes = cloneRoutes({
      register: this.#register,
      pace,
      resyncedUnderPath: () => {
        this.#resyncUnderPath += 1;
      },
    });
  }

  /** How often copies were resynchronised while a host could still reach one of them. */
  get resyncUnderPath(): number {
    return this.#resyncUnderPath;
  }

  /** The pairs of a group as REST shows them; none when there is no such group. */
  pairs(group: string, now: number) {
    const found = this.#register.find(group);
    return found === undefined ? [] : found.pairs.map((pair) => pairView(found, pair, now));
  }

  settle(now: number): void {
    for (const group of this.#register.moving) {
      const moves = settleGroup(group, now, { parts: this.#parts, pace: this.#pace });
      if (!moves) this.#register.moving.delete(group);
    }
  }

  attributes(ldevId: number): readonly string[] {
    return this.bound(ldevId) === undefined ? [] : ['MRCF'];
  }

  bound(ldevId: number): string | undefined {
    const copy = this.#register.asSvol(ldevId);
    if (copy !== undefined) return `S-VOL of pair ${copy.pair.name}`;
    const [source] = this.#register.asPvol(ldevId);
    return source === undefined ? undefined : `P-VOL of pair ${source.pair.name}`;
  }

  shut(ldevId: number, now: number): string | undefined {
    const copy = this.#register.asSvol(ldevId);
    if (copy !== undefined) {
      const state = cloneState(copy.pair, now);
      const [, access] = siTable[state].shows.hosts;
      if (access !== 'rw') return `S-VOL of a pair in ${state}`;
    }
    for (const { pair } of this.#register.asPvol(ldevId)) {
      const state = cloneState(pair, now);
      const [access] = siTable[state].shows.hosts;
      if (access !== 'rw') return `P-VOL of a pair in ${state}`;
    }
    return undefined;
  }

  /** A paired copy follows its P-VOL; in every other state it has data of its own. */
  holds(ldevId: number, now: number): History | undefined {
    const copy = this.#register.asSvol(ldevId);
    if (copy?.pair.phase !== 'PAIR') return undefined;
    return historyOf(this.#parts, copy.pair.pvol, now);
  }

  snapshot(): z.infer<typeof cloneStateSchema> {
    return { groups: [...this.#register.groups], resyncUnderPath: this.#resyncUnderPath };
  }

  restore(saved: unknown): void {
    const { groups, resyncUnderPath } = cloneStateSchema.parse(saved);
    this.#register.replace(groups);
    this.#resyncUnderPath = resyncUnderPath;
  }
}

function groupFrom(spec: TopologyClone, now: number): CloneGroup {
  return {
    name: spec.name,
    pvolDeviceGroup: `${spec.name}P_`,
    svolDeviceGroup: `${spec.name}S_`,
    muNumber: spec.muNumber,
    consistencyGroupId: spec.consistencyGroupId ?? null,
    split: null,
    endless: false,
    pairs: spec.pairs.map((pair) => pairOf(pair, now)),
  };
}
