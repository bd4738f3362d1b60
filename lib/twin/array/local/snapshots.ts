/**
 * Thin Image: snapshots that keep only differences, and clones of volumes. What the Cinder driver of
 * these arrays makes its snapshots and volume clones with.
 */
import * as z from 'zod';
import type { Pace } from '../../topology.ts';
import type { History } from '../data/history.ts';
import { historyOf, type Parts } from '../parts.ts';
import type { ObjectRoutes, Room, RoomMaker } from '../room.ts';
import { type SnapPair, SnapRegister, snapPairSchema } from './snap-pairs.ts';
import { type SnapDesk, settlePair } from './snap-phases.ts';
import { snapRoutes } from './snap-routes.ts';
import { tiTable } from './tables.ts';

const stateSchema = z.array(snapPairSchema);

/** The Thin Image pairs of one array; it starts without any. */
export function snapshotRoom(pace: Pace): RoomMaker {
  return (parts) => new Snapshots(parts, pace);
}

class Snapshots implements Room {
  readonly name = 'snapshots';
  readonly routes: readonly ObjectRoutes[];
  readonly #desk: SnapDesk;

  constructor(parts: Parts, pace: Pace) {
    this.#desk = { parts, pace, register: new SnapRegister() };
    this.routes = snapRoutes(this.#desk);
  }

  settle(now: number): void {
    const { moving } = this.#desk.register;
    for (const pair of moving) if (!settlePair(pair, now, this.#desk)) moving.delete(pair);
  }

  attributes(ldevId: number): readonly string[] {
    return this.#pairOn(ldevId) === undefined ? [] : ['HTI'];
  }

  fields(ldevId: number): Readonly<Record<string, unknown>> {
    const pair = this.#pairOn(ldevId);
    return pair === undefined ? {} : { snapshotPoolId: pair.poolId };
  }

  bound(ldevId: number): string | undefined {
    const pair = this.#pairOn(ldevId);
    if (pair === undefined) return undefined;
    const role = pair.svol === ldevId ? 'S-VOL' : 'P-VOL';
    return `${role} of snapshot ${pair.pvol},${pair.muNumber}`;
  }

  shut(ldevId: number): string | undefined {
    const { register } = this.#desk;
    const copy = register.ofSvol(ldevId);
    if (copy !== undefined && tiTable[copy.phase].shows.hosts[1] !== 'rw') {
      return `S-VOL of a pair in ${copy.phase}`;
    }
    const closed = register.ofPvol(ldevId).find(({ phase }) => {
      return tiTable[phase].shows.hosts[0] !== 'rw';
    });
    return closed === undefined ? undefined : `P-VOL of a pair in ${closed.phase}`;
  }

  /** Until data is stored an S-VOL shows its P-VOL; then it has data of its own. */
  holds(ldevId: number, now: number): History | undefined {
    const copy = this.#desk.register.ofSvol(ldevId);
    if (copy?.phase !== 'PAIR') return undefined;
    return historyOf(this.#desk.parts, copy.pvol, now);
  }

  snapshot(): z.infer<typeof stateSchema> {
    return [...this.#desk.register.all];
  }

  restore(saved: unknown): void {
    this.#desk.register.replace(stateSchema.parse(saved));
  }

  #pairOn(ldevId: number): SnapPair | undefined {
    const { register } = this.#desk;
    return register.ofSvol(ldevId) ?? register.ofPvol(ldevId)[0];
  }
}
