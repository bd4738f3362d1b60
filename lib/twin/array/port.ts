/** What hosts and the oracle see of an LDEV: whether it may be written, and what it holds. */
import type { Clock } from '../../clock.ts';
import { TwinError } from '../errors.ts';
import type { ArrayPort, Contents } from '../seams.ts';
import { heartbeatAt, lastRecordOn } from './load.ts';
import type { Mirror } from './mirror.ts';
import { mirrorOf, type Parts } from './parts.ts';

/** The port of one array. Path changes are part of the cloud's change and are saved with it. */
export function createArrayPort(
  parts: Parts,
  { clock, settle }: { readonly clock: Clock; settle(now: number): void },
): ArrayPort {
  return {
    addPath: (ldevId, host) => parts.ldevs.addPath(ldevId, host),
    removePath: (ldevId, host) => parts.ldevs.removePath(ldevId, host),
    write(ldevId) {
      settle(clock.now());
      writeTo(parts, ldevId);
    },
    contents(ldevId) {
      const now = clock.now();
      settle(now);
      return contentsOf(parts, ldevId, now);
    },
  };
}

function writeTo(parts: Parts, ldevId: number): void {
  for (const group of parts.clones) {
    const pair = group.pairs.find(({ svol }) => svol === ldevId);
    if (pair === undefined) continue;
    if (pair.phase !== 'PSUS') throw protectedBy(ldevId, pair.phase);
    group.pairs = group.pairs.map((one) =>
      one === pair ? { ...one, drillWrites: one.drillWrites + 1 } : one,
    );
    return;
  }
  for (const { mirror } of parts.spec.mirrors) {
    const asSvol = mirror.pairs.some(({ svol }) => svol === ldevId);
    if (asSvol && parts.spec.storageDeviceId === mirror.spec.secondary) {
      throw protectedBy(ldevId, mirror.phase);
    }
  }
  // Writes of main's own guests are the write load itself and are not counted twice.
}

const protectedBy = (ldevId: number, state: string) =>
  new TwinError('TW-NOT-WRITABLE', `LDEV ${ldevId} is the S-VOL of a pair in ${state}.`);

const EMPTY: Contents = { record: 0, heartbeat: 0, drillWrites: 0 };

/** What an LDEV holds at `now`; call after the array was settled. */
export function contentsOf(parts: Parts, ldevId: number, now: number): Contents {
  for (const group of parts.clones) {
    const pair = group.pairs.find(({ svol }) => svol === ldevId);
    if (pair === undefined) continue;
    const { mirror } = mirrorOf(parts, group.source);
    // A copy that is being resynchronised is shown as it was: no host may use it in between.
    if (pair.phase === 'PAIR') return upTo(mirror, pair.volume, mirror.restored(now));
    return { ...upTo(mirror, pair.volume, pair.record), drillWrites: pair.drillWrites };
  }
  for (const { mirror, side } of parts.spec.mirrors) {
    const key = side === 'primary' ? 'pvol' : 'svol';
    const pair = mirror.pairs.find((one) => one[key] === ldevId);
    if (pair === undefined) continue;
    const record = side === 'primary' ? mirror.written(now) : mirror.restored(now);
    return upTo(mirror, pair.volume, record);
  }
  return EMPTY;
}

function upTo({ spec }: Mirror, volume: number, record: number): Contents {
  return {
    record: lastRecordOn(spec.load, volume, record),
    heartbeat: heartbeatAt(spec.load, record),
    drillWrites: 0,
  };
}
