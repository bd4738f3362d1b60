/** Faults of the pairs and volumes of one service, and how each shows. */
import { cloudCaller } from '../world-support.ts';
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

/** How many disks the first server of payments has at main. */
async function disksAtHome({ world }: Place): Promise<number> {
  const { userName = '', password = '', projectName = '' } = world.credentials.clouds['main'] ?? {};
  const login = { name: userName, password, projectName };
  const cloud = await cloudCaller(world, 'main', login);
  const { servers } = (await cloud('GET /compute/v2.1/servers/detail')).body;
  const server = servers.find(({ name }: { name: string }) => name === 'pay-db1');
  return server['os-extended-volumes:volumes_attached'].length;
}

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
  'pvol-path-left': {
    see: async ({ array }) => (await array('main', 'GET ldevs/1000')).body.numOfPorts,
    well: 2,
    ill: 3,
  },
  'volume-added': { see: disksAtHome, well: 5, ill: 6 },
  'taken-over': { see: remoteStates, well: 'PAIR', ill: 'SSWS', onMs: 5000, healMs: LONG_MS },
  'partial-takeover': {
    see: remoteStates,
    well: 'PAIR',
    ill: 'PAIR SSWS',
    onMs: 5000,
    healMs: LONG_MS,
  },
  'pairs-deleted': {
    see: async ({ array }) => (await array('dr', HALF)).status,
    well: 200,
    ill: 404,
  },
  'group-shared': { see: async (place) => (await pairs(place, HALF)).length, well: 12, ill: 13 },
  'second-group': {
    see: async (place) => [
      (await pairs(place, HALF)).length,
      (await place.array('dr', 'GET journals?journalInfo=basic')).body.data.length,
      distinct(place.world.units.map(({ id }) => place.world.oracle.moves(id).lost.onActive)),
    ],
    well: [12, 3, '0'],
    ill: [6, 4, '0'],
  },
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
