/** A customer's configuration as a topology: arrays, links, groups and writers. Clouds: `seed-clouds.ts`. */
import type { Config, Service, Site } from '../config.ts';
import { PAIR_HOST_GROUP } from './array/mapping.ts';
import {
  labelOf,
  pairedOf,
  type TwinMap,
  type TwinService,
  type TwinVolume,
  twinCredentials,
} from './map.ts';
import type { Scenario } from './scenario.ts';
import { cloudsOf } from './seed-clouds.ts';
import { type Topology, type TopologyWish, topologySchema } from './topology.ts';

export interface Plot {
  readonly config: Config;
  readonly scenario: Scenario;
  readonly map: TwinMap;
}

type Lists = 'arrays' | 'links' | 'groups' | 'clones' | 'writers';
type Wish<K extends Lists> = NonNullable<TopologyWish[K]>[number];

/** All of it, with what the schema adds by itself. A pure function of configuration and scenario. */
export function topologyOf(plot: Plot): Topology {
  const { config, scenario, map } = plot;
  const wish: TopologyWish = {
    seed: scenario.seed,
    pace: scenario.pace,
    arrays: config.sites.map((site) => arrayOf(plot, site)),
    links: linksOf(map),
    groups: [...each(plot, groupOf), ...each(plot, farGroupsOf).flat()],
    clones: map.services.map(cloneOf),
    writers: each(plot, writersOf).flat(),
    clouds: cloudsOf(plot),
  };
  return topologySchema.parse(wish);
}

/** A service on the map, its line in the configuration, and its place there. */
interface Placed {
  readonly service: TwinService;
  readonly line: Service;
  readonly place: number;
}

function each<T>({ config, map, scenario }: Plot, make: (placed: Placed, s: Scenario) => T): T[] {
  return map.services.flatMap((service, place) => {
    const line = config.services[place];
    return line === undefined ? [] : [make({ service, line, place }, scenario)];
  });
}

/** Every paired volume is mapped to this group: the LU path that pairing asks for. */
const PAIR_PATH = { portId: 'CL1-A', hostGroupNumber: 1 };
const POOL_GIB = 1_000_000;
const FIRST_JOURNAL_LDEV = 800;
const FIRST_QUORUM_LDEV = 900;
const QUORUM_GIB = 13;

function arrayOf(plot: Plot, site: Site): Wish<'arrays'> {
  const { config, scenario, map } = plot;
  const { arrays, lent } = twinCredentials(config);
  const { user = '', password = '' } = arrays[site.id] ?? {};
  const helper = lent[site.id];
  const here = map.services.filter(({ from, to, far }) => [from, to, far].includes(site.id));
  const journals = each(plot, ({ service, line }) => journalOf(service, line, site)).flat();
  const quorums = each(plot, ({ service, line, place }) =>
    line.replication.type === 'GAD' && here.includes(service)
      ? [{ quorumDiskId: place, ldevId: FIRST_QUORUM_LDEV + place, with: otherOf(service, site) }]
      : [],
  ).flat();
  const { journalGiB } = scenario.sizes;
  return {
    id: site.id,
    storageDeviceId: site.array.storageDeviceId,
    users: [
      { user, password },
      ...(helper === undefined ? [] : [{ ...helper, roles: ['remote-copy' as const] }]),
    ],
    pools: [{ poolId: 0, capacityGiB: POOL_GIB }],
    hostGroups: [{ ...PAIR_PATH, hostGroupName: PAIR_HOST_GROUP }],
    ldevs: [
      ...journals.map(({ ldevId, label }) => ({ ldevId, label, sizeGiB: journalGiB })),
      ...quorums.map(({ ldevId }) => ({ ldevId, label: 'QUORUM', sizeGiB: QUORUM_GIB })),
      ...each(plot, ({ service, line }) =>
        here.includes(service) ? volumesOf(service, line, site.id) : [],
      ).flat(),
    ],
    journals: journals.map(({ journalId, ldevId }) => ({ journalId, ldevIds: [ldevId] })),
    quorumDisks: quorums,
  };
}

const otherOf = ({ from, to }: TwinService, { id }: Site): string => (from === id ? to : from);

const journalAt = (service: TwinService, site: string): number => {
  const { from, to, masterJournalId, restoreJournalId, farJournalId } = service;
  return site === from ? masterJournalId : site === to ? restoreJournalId : farJournalId;
};

function journalOf(service: TwinService, { replication }: Service, { id }: Site) {
  const { from, to, far } = service;
  const journalled = replication.type === 'UR' || far !== undefined;
  if (!journalled || ![from, to, far].includes(id)) return [];
  const journalId = journalAt(service, id);
  return [{ journalId, ldevId: FIRST_JOURNAL_LDEV + journalId, label: `${service.group}-JNL` }];
}

/** Both halves of an active-active volume are one volume. */
function volumesOf(
  service: TwinService,
  { replication }: Service,
  site: string,
): Wish<'arrays'>['ldevs'] & object {
  const paths = [PAIR_PATH];
  const here = service.from === site ? service.volumes : pairedOf(service);
  return here.flatMap(({ sizeGiB, ...volume }) => {
    const { pvol, svol, copyLdev, farLdev } = volume;
    const { mainVolumeId, drVolumeId, copyVolumeId, farVolumeId } = volume;
    const ldev = (ldevId: number, volumeId: string) => {
      return { ldevId, label: labelOf(volumeId), sizeGiB, paths };
    };
    if (service.far === site) return [ldev(farLdev, farVolumeId)];
    return service.from === site
      ? [ldev(pvol, mainVolumeId)]
      : [
          ldev(svol, replication.type === 'GAD' ? mainVolumeId : drVolumeId),
          ldev(copyLdev, copyVolumeId),
        ];
  });
}

/** Both directions between every two sites that replicate. */
function linksOf({ services }: TwinMap): Wish<'links'>[] {
  const ways = services.flatMap(({ from, to, far }) => {
    const ends = [from, to, ...(far === undefined ? [] : [far])];
    return ends.flatMap((one) => ends.flatMap((end) => (end === one ? [] : [`${one} ${end}`])));
  });
  return [...new Set(ways)].map((way) => {
    const [from = '', to = ''] = way.split(' ');
    return { from, to };
  });
}

function groupOf({ service, line, place }: Placed): Wish<'groups'> {
  const { group, from, to, muNumber, consistencyGroupId } = service;
  const { type, fence } = line.replication;
  const journals = { from: service.masterJournalId, to: service.restoreJournalId };
  return {
    name: group,
    type,
    from,
    to,
    muNumber: type === 'UR' ? muNumber : 0,
    consistencyGroupId,
    ...(type === 'UR' ? { journals } : {}),
    ...(fence === undefined ? {} : { fenceLevel: fence }),
    ...(type === 'GAD' ? { quorumDiskId: place } : {}),
    pairs: pairedOf(service).map(({ index, pvol, svol }) => {
      return { name: pairName(group, index), pvol, svol };
    }),
  };
}

/** Three centres: from home to the far one, and between the other two the mirror that waits. */
function farGroupsOf({ service, line }: Placed): Wish<'groups'>[] {
  const { from, to } = service;
  const { far } = line.replication;
  if (far === undefined) return [];
  const journalled = (one: string) => ({
    from: journalAt(service, one),
    to: journalAt(service, far.site),
  });
  const group = (name: string, one: string, pvolOf: (volume: TwinVolume) => number) => ({
    ...{ name, type: 'UR' as const, from: one, to: far.site, journals: journalled(one) },
    pairs: pairedOf(service).map((volume) => ({
      name: pairName(name, volume.index),
      pvol: pvolOf(volume),
      svol: volume.farLdev,
    })),
  });
  return [
    { ...group(far.group, from, ({ pvol }) => pvol), muNumber: 1 },
    { ...group(far.delta, to, ({ svol }) => svol), muNumber: 2, delta: true },
  ];
}

/** The pair names of a group: `PAY01-01`, `PAY01-02`, … */
export function pairName(group: string, index: number): string {
  return `${group}-${String(index + 1).padStart(2, '0')}`;
}

function cloneOf(service: TwinService): Wish<'clones'> {
  return {
    array: service.to,
    name: service.cloneGroup,
    muNumber: service.cloneMuNumber,
    consistencyGroupId: service.cloneConsistencyGroupId,
    pairs: pairedOf(service).map(({ index, svol, copyLdev }) => ({
      name: pairName(service.cloneGroup, index),
      pvol: svol,
      svol: copyLdev,
    })),
  };
}

/** Production at home, and the same where it is moved to: there it runs when its guests do. */
function writersOf({ service }: Placed, { load }: Scenario): Wish<'writers'>[] {
  const { id, from, to, volumes } = service;
  const same = {
    recordsPerSecond: load.services[id] ?? load.recordsPerSecond,
    recordKiB: load.recordKiB,
  };
  return [
    { ...same, name: id, array: from, ldevs: volumes.map(({ pvol }) => pvol) },
    {
      ...same,
      name: `${id}@${to}`,
      array: to,
      ldevs: pairedOf(service).map(({ svol }) => svol),
      guestsOnly: true,
    },
  ];
}
