/** Faults of the pairs and volumes of one service, and how each shows. */
import type { Case, Place } from './support.ts';

const PAY = 'PAY01-DRILL';
const COPIES = `GET local-clone-copygroups/${PAY},${PAY}P_,${PAY}S_`;
const HALF = 'GET remote-mirror-copygroups/NotSpecified,PAY01,PAY01S_,NotSpecified';
const LONG_MS = 3_600_000;

interface Pair {
  readonly pvolStatus: string;
  readonly svolStatus: string;
  readonly svolLdevId: number;
  readonly consistencyGroupId?: number;
}

const pairs = async ({ array }: Place, group: string): Promise<Pair[]> =>
  (await array('dr', group)).body.copyPairs;

const distinct = (values: readonly unknown[]) => [...new Set(values.map(String))].sort().join(' ');

const copyStates = async (place: Place) =>
  distinct((await pairs(place, COPIES)).map((pair) => `${pair.pvolStatus}/${pair.svolStatus}`));

const remoteStates = async (place: Place) =>
  distinct((await pairs(place, HALF)).map(({ svolStatus }) => svolStatus));

const firstCopy = async (place: Place) => {
  const [pair] = await pairs(place, COPIES);
  const copy = pair?.svolLdevId ?? 0;
  return [copy, (await place.array('dr', `GET ldevs/${copy}`)).body.numOfPorts];
};

/** Whether restoring, and whether receiving, goes on at DR. */
const moving = async ({ world, clock, array }: Place) => {
  const read = async () => {
    const { data } = (await array('dr', 'GET journals?journalInfo=basic')).body;
    const [journal] = data.filter(({ journalId }: { journalId: number }) => journalId === 50);
    return [world.oracle.contents('dr', 2000).record, journal.qMarker];
  };
  const before = await read();
  clock.advance(30_000);
  const after = await read();
  return before.map((value, i) => value !== after[i]);
};

export const serviceCases: Readonly<Record<string, Case>> = {
  'copies-left-split': { see: copyStates, well: 'PAIR/PAIR', ill: 'PSUS/SSUS', healMs: LONG_MS },
  'copies-copying': {
    see: copyStates,
    well: 'PAIR/PAIR',
    ill: 'COPY/COPY',
    onMs: LONG_MS,
    healMs: LONG_MS,
  },
  'no-consistency-group': {
    see: async (place) =>
      distinct((await pairs(place, COPIES)).map((pair) => pair.consistencyGroupId)),
    well: '100',
    ill: 'undefined',
  },
  'pair-added': {
    see: async (place) => [
      (await pairs(place, HALF)).length,
      (await pairs(place, COPIES)).length,
      (await place.array('main', 'GET ldevs/1090')).body.emulationType,
      (await place.array('dr', 'GET ldevs/2090')).body.emulationType,
      (await place.array('dr', 'GET ldevs/3090')).body.emulationType,
    ],
    well: [12, 12, 'NOT DEFINED', 'NOT DEFINED', 'NOT DEFINED'],
    ill: [13, 13, 'OPEN-V-CVS', 'OPEN-V-CVS', 'OPEN-V-CVS'],
  },
  'pair-stuck': {
    see: remoteStates,
    well: 'PAIR',
    ill: 'COPY PAIR',
    onMs: LONG_MS,
    healMs: LONG_MS,
  },
  'partial-group': { see: remoteStates, well: 'PAIR', ill: 'PAIR SSUS', healMs: LONG_MS },
  'ldev-swapped': {
    see: async (place) => {
      const [copy] = await firstCopy(place);
      const usual = (await place.array('dr', 'GET ldevs/3000')).body.label === '';
      return [copy, usual];
    },
    well: [3000, false],
    ill: [3095, true],
  },
  'ldev-blocked': {
    see: async ({ array }) => (await array('dr', 'GET ldevs/2000')).body.status,
    well: 'NML',
    ill: 'BLK',
  },
  'host-path-left': { see: firstCopy, well: [3000, 1], ill: [3000, 2] },
  'replication-suspended': {
    see: async (place) => [await remoteStates(place), place.world.samples.at(-1)?.svolStatus],
    well: ['PAIR', 'PAIR'],
    ill: ['PSUE', 'PSUE'],
    healMs: LONG_MS,
  },
  'resync-backwards': {
    see: async (place) => [
      await remoteStates(place),
      place.world.oracle.contents('dr', 2000).drillWrites,
    ],
    well: ['PAIR', 0],
    ill: ['SSUS', 1],
    healMs: LONG_MS,
  },
  'journal-full': { see: remoteStates, well: 'PAIR', ill: 'PFUS', healMs: LONG_MS },
  backlog: { see: moving, well: [true, true], ill: [false, true], onMs: 5000, healMs: 600_000 },
  'link-down': {
    see: moving,
    well: [true, true],
    ill: [false, false],
    onMs: 5000,
    healMs: 600_000,
  },
};
