/**
 * What nobody in a real data centre can see: which record every LDEV holds. Tests prove with it
 * that nothing was lost and that drill copies are of one instant.
 */
import type { TwinArray } from './array/array.ts';
import { cloneStatuses } from './array/clones.ts';
import { lastRecordOn } from './array/load.ts';
import { mirrorOf } from './array/parts.ts';
import { contentsOf } from './array/port.ts';
import type { Contents } from './seams.ts';
import type { TwinService } from './topology.ts';

/** Replication of one service at the instant when it changed. */
export interface Sample {
  readonly at: number;
  readonly service: string;
  readonly pvolStatus: string;
  readonly svolStatus: string;
  readonly masterJournal: string;
  readonly restoreJournal: string;
  /** How many copies are in which state, e.g. `PAIR 12`. */
  readonly copies: string;
}

/** The states of a service now; call after both arrays were settled. */
export function sampleOf(service: TwinService, dr: TwinArray, now: number): Sample {
  const { mirror } = mirrorOf(dr.parts, service.group);
  const status = mirror.status(now);
  const group = dr.parts.clones.find(({ name }) => name === service.cloneGroup);
  const counts = new Map<string, number>();
  for (const pair of group?.pairs ?? []) {
    const { pvol } = cloneStatuses(pair, now);
    counts.set(pvol, (counts.get(pvol) ?? 0) + 1);
  }
  return {
    at: now,
    service: service.id,
    pvolStatus: status,
    svolStatus: status,
    masterJournal: mirror.journal('master', now).status,
    restoreJournal: mirror.journal('restore', now).status,
    copies: [...counts].map(([state, count]) => `${state} ${count}`).join(', '),
  };
}

/**
 * The record number S such that each copy of the group holds exactly what was written to its volume
 * up to S, judged by the contents alone; false when there is no such S, or a server has written.
 */
export function copiesEqualOneInstant(
  dr: TwinArray,
  service: TwinService,
  now: number,
): number | false {
  const { mirror } = mirrorOf(dr.parts, service.group);
  const group = dr.parts.clones.find(({ name }) => name === service.cloneGroup);
  if (group === undefined || group.pairs.length === 0) return false;
  const copies = group.pairs.map((pair) => ({
    volume: pair.volume,
    holds: contentsOf(dr.parts, pair.svol, now),
  }));
  const upTo = Math.max(...copies.map(({ holds }) => holds.record));
  const { load } = mirror.spec;
  const same = ({ volume, holds }: { volume: number; holds: Contents }) =>
    holds.record === lastRecordOn(load, volume, upTo);
  return copies.every(same) ? upTo : false;
}
