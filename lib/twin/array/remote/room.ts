/** The remote copy room of one array: its routes, and what pairs mean for the LDEVs they bind. */
import type { OtherHalf } from '../../seams.ts';
import { firstInstant } from '../data/instants.ts';
import type { Parts } from '../parts.ts';
import type { Room } from '../room.ts';
import { heldBy } from './data.ts';
import type { Fabric } from './fabric.ts';
import { shutBy } from './group.ts';
import type { Mirrored, MirroredVolumes } from './mirrored.ts';
import { restored } from './positions.ts';
import { remoteRoutes } from './routes.ts';
import { shown } from './views.ts';

export function remoteRoom(fabric: Fabric, parts: Parts): Room & MirroredVolumes {
  const array = parts.spec.id;
  const at = (ldevId: number) => fabric.book.at({ array, ldevId });
  const device = (ldevId: number): string | undefined => {
    const { journals, quorumDisks } = fabric.devices(array);
    const journal = journals.find(({ ldevIds }) => ldevIds.includes(ldevId));
    if (journal !== undefined) return `volume of journal ${journal.journalId}`;
    const disk = quorumDisks.find((one) => one.ldevId === ldevId);
    return disk === undefined ? undefined : `quorum disk ${disk.quorumDiskId}`;
  };
  return {
    name: 'remote',
    routes: remoteRoutes(fabric),
    settle: (now) => fabric.settle(now),
    attributes(ldevId) {
      const words = at(ldevId).map(({ group }) => (group.state.type === 'GAD' ? 'GAD' : 'HORC'));
      const journal = fabric.devices(array).journals.some((one) => one.ldevIds.includes(ldevId));
      return [...new Set([...words, ...(journal ? ['JNL'] : [])])];
    },
    bound(ldevId) {
      const [first] = at(ldevId);
      if (first === undefined) return device(ldevId);
      return `${first.side === 'p' ? 'P' : 'S'}-VOL of pair ${first.pair.name}`;
    },
    shut(ldevId) {
      for (const { group, pair, side } of at(ldevId)) {
        const why = shutBy(group.state.type, pair, side);
        if (why !== undefined) return why;
      }
      return device(ldevId);
    },
    ...halvesOf(fabric, array),
    holds(ldevId, now) {
      for (const { group, pair } of at(ldevId)) {
        const held = heldBy(group, pair, { array, now });
        if (held !== undefined) return held;
      }
      return undefined;
    },
    ...mirrorsOf(fabric, array),
    // Both halves of a pair are one object: the fabric keeps all state, for all arrays.
    snapshot: () => null,
    restore: () => undefined,
  };
}

/** Active-active: hosts reach one volume's data through two arrays. */
function halvesOf(fabric: Fabric, array: string) {
  const otherHalf = (ldevId: number): OtherHalf | undefined => {
    const bound = fabric.book.at({ array, ldevId });
    const found = bound.find(({ group }) => group.state.type === 'GAD');
    if (found === undefined) return undefined;
    const { pair, side } = found;
    const alone = pair.open !== 'both' && pair.open !== side;
    return side === 'p'
      ? { arrayId: pair.to, ldevId: pair.svol, alone }
      : { arrayId: pair.from, ldevId: pair.pvol, alone };
  };
  return {
    otherHalf,
    reachedElsewhere(ldevId: number, host: string): boolean {
      const half = otherHalf(ldevId);
      const there = fabric.arrays.get(half?.arrayId ?? '');
      return half !== undefined && (there?.mapping.leadsFrom(host, half.ldevId) ?? false);
    },
    pathMoved(ldevId: number, now: number): void {
      const half = otherHalf(ldevId);
      if (half !== undefined) fabric.arrays.get(half.arrayId)?.guests.follow(half.ldevId, now);
    },
  };
}

function mirrorsOf(fabric: Fabric, array: string): MirroredVolumes {
  const at = (ldevId: number) => fabric.book.at({ array, ldevId });
  const following = (ldevId: number) =>
    at(ldevId).find(({ side, pair }) => side === 's' && pair.follows && pair.s === 'PAIR');
  return {
    mirrored: (ldevId, now) =>
      at(ldevId).map(({ group, pair, side }): Mirrored => {
        const { type, name, journals, delta } = group.state;
        const journalId = journals[array];
        return {
          type,
          group: name,
          role: side === 'p' ? 'P-VOL' : 'S-VOL',
          status: shown(pair, side, group.high(now)),
          ...(journalId === undefined ? {} : { journalId }),
          delta: delta && pair.p !== 'PAIR',
        };
      }),
    restoredUntil(ldevId, now) {
      const found = following(ldevId);
      if (found === undefined) return undefined;
      return Math.min(found.pair.order?.upTo ?? now, restored(found.group.track, now));
    },
    restoredBy(ldevId, upTo, { from, now }) {
      const found = following(ldevId);
      if (found === undefined || restored(found.group.track, now) < upTo) return undefined;
      return firstInstant((instant) => restored(found.group.track, instant) >= upTo, from, now);
    },
  };
}
