/** What groups find around them, looked up in the fabric. */
import type { Pace } from '../../topology.ts';
import { BLOCKS_PER_GIB } from '../ldevs.ts';
import { historyOf } from '../parts.ts';
import { mirrorUnit } from './devices.ts';
import type { Fabric } from './fabric.ts';
import type { Field, JournalSetting, Volume } from './field.ts';
import { shutBy } from './group.ts';
import { restored } from './positions.ts';

const BYTES_PER_BLOCK = 512;

export function fieldOf(fabric: Fabric, pace: Pace, touched: Field['touched']): Field {
  const { links, book, writers, chronicle } = fabric;
  const parts = (array: string) => fabric.arrays.get(array);
  const turned = () => {
    for (const group of fabric.groups) group.forget();
  };
  return {
    writers,
    pace,
    chronicle,
    reach: (from, to) => links.reach(from, to),
    paths: (from, to) => links.count(from, to),
    alive: (array) => links.alive(array),
    awakeSince: (array) => links.awakeSince(array),
    speed: (from, to) => links.speed(from, to, loadOn(fabric, from, to)),
    history(array, ldevId, now) {
      const there = parts(array);
      return there === undefined ? [] : historyOf(there, ldevId, now);
    },
    own: (array, ldevId) => parts(array)?.histories.get(ldevId) ?? [],
    keep: (array, ldevId, history) => void parts(array)?.histories.set(ldevId, history),
    journal: (array, journalId, muNumber) => journalAt(fabric, array, { journalId, muNumber }),
    quorum: (arrays, quorumDiskId) =>
      arrays.every((array) => {
        const known = fabric.devices(array).quorumDisks;
        const lost = parts(array)?.faults.has('quorum-lost') ?? false;
        return !lost && known.some((disk) => disk.quorumDiskId === quorumDiskId);
      }),
    touched,
    rebound() {
      book.forget();
      turned();
    },
    turned,
    sources: (volume) => book.sources(volume),
    reachedBy(volume, except, now) {
      const feeding = book
        .at(volume)
        .find(({ side, group }) => side === 's' && group.state.name !== except);
      if (feeding === undefined) return undefined;
      const { group, pair } = feeding;
      return pair.follows ? restored(group.track, now) : group.state.stoppedAt;
    },
    fence: (volumes, at) => fence(fabric, volumes, at),
  };
}

/** Bytes per millisecond that all groups together bring to one direction. */
function loadOn(fabric: Fabric, from: string, to: string): number {
  let sum = 0;
  for (const group of fabric.groups) {
    const way = group.direction;
    if (group.state.type === 'UR' && way.from === from && way.to === to) sum += group.load;
  }
  return sum;
}

function journalAt(
  fabric: Fabric,
  array: string,
  { journalId, muNumber }: { readonly journalId: number; readonly muNumber: number },
): JournalSetting {
  const journal = fabric.devices(array).journals.find((one) => one.journalId === journalId);
  const bytes = (journal?.ldevIds ?? []).reduce(
    (sum, ldevId) => sum + journalBlocks(fabric, array, ldevId) * BYTES_PER_BLOCK,
    0,
  );
  return {
    // A journal that nobody described is never full.
    capacityBytes: bytes === 0 ? Number.POSITIVE_INFINITY : bytes,
    changedAt: journal?.changedAt ?? 0,
    overflowWatchMs: (journal?.dataOverflowWatchInSeconds ?? 0) * 1000,
    blockadeMs:
      (journal === undefined ? 0 : mirrorUnit(journal, muNumber).pathBlockadeWatchInMinutes) *
      60_000,
  };
}

/** Blocks of a journal volume; before its array is made, as the topology says. */
export function journalBlocks(fabric: Fabric, array: string, ldevId: number): number {
  const parts = fabric.arrays.get(array);
  if (parts !== undefined) return parts.ldevs.find(ldevId)?.blocks ?? 0;
  const spec = fabric.specs.get(array)?.ldevs.find((ldev) => ldev.ldevId === ldevId);
  return (spec?.sizeGiB ?? 0) * BLOCKS_PER_GIB;
}

/** Hosts stop as soon as one of their volumes refuses writes, and go on when none does. */
const FENCED = 'fenced';

function fence(fabric: Fabric, volumes: readonly Volume[], at: number): void {
  const { writers, book } = fabric;
  const names = new Set(
    volumes.flatMap(({ array, ldevId }) => writers.on(array, ldevId).map(({ writer }) => writer)),
  );
  for (const name of names) {
    const { array, ldevs } = writers.placeOf(name);
    const shut = ldevs.some((ldevId) =>
      book
        .at({ array, ldevId })
        .some(({ group, pair, side }) => shutBy(group.state.type, pair, side) !== undefined),
    );
    if (shut) writers.stop(name, FENCED, at);
    else writers.go(name, FENCED, at);
  }
}
