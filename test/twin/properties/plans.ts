/** The centres that random operations are tried on. */
import { type Topology, topologySchema } from '../../../lib/twin/topology.ts';

export const SERIALS = { main: '900000040014', dr: '900000040015', far: '900000040016' } as const;
export type Site = keyof typeof SERIALS;
export const SITES = Object.keys(SERIALS) as readonly Site[];
export type Kind = 'UR' | 'TC-NEVER' | 'TC-DATA' | 'GAD' | 'three';
export const KINDS: readonly Kind[] = ['UR', 'TC-NEVER', 'TC-DATA', 'GAD', 'three'];

const COUNT = 4;
/** Volumes of each site: for remote copy, for ShadowImage copies, for Thin Image. */
export const FIRST = { main: 1000, dr: 2000, far: 3000 } as const;
export const COPIES = 4000;
export const SNAPS = 5000;
/** Nobody pairs it. */
export const SPARE = 6000;

function array(id: Site, others: readonly Site[]) {
  const paths = [{ portId: 'CL1-A', hostGroupNumber: 1 }];
  const volumes = (first: number, count = COUNT) =>
    Array.from({ length: count }, (_, i) => ({ ldevId: first + i, sizeGiB: 10, paths }));
  const journals = [1, 2, 3].map((journalId) => ({ journalId, ldevIds: [900 + journalId] }));
  return {
    id,
    storageDeviceId: SERIALS[id],
    users: [{ user: 'admin', password: 'admin' }],
    pools: [
      { poolId: 0, capacityGiB: 10_000 },
      { poolId: 1, poolName: 'TI', poolType: 'HTI' as const, capacityGiB: 1000 },
    ],
    hostGroups: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR' }],
    ldevs: [
      ...[901, 902, 903].map((ldevId) => ({ ldevId, sizeGiB: 1 })),
      { ldevId: 910, sizeGiB: 15 },
      ...[FIRST[id], COPIES].flatMap((first) => volumes(first)),
      ...volumes(SNAPS, 2),
      { ldevId: SPARE, sizeGiB: 10 },
    ],
    journals,
    quorumDisks: others.slice(0, 1).map((other) => ({ quorumDiskId: 1, ldevId: 910, with: other })),
  };
}

const pairs = (from: Site, to: Site, count = 3) =>
  Array.from({ length: count }, (_, i) => ({
    name: `p${i}`,
    pvol: FIRST[from] + i,
    svol: FIRST[to] + i,
  }));

const typeOf: Readonly<Record<Exclude<Kind, 'three'>, object>> = {
  UR: { type: 'UR', journals: { from: 1, to: 1 } },
  'TC-NEVER': { type: 'TC', fenceLevel: 'NEVER' },
  'TC-DATA': { type: 'TC', fenceLevel: 'DATA' },
  GAD: { type: 'GAD', quorumDiskId: 1 },
};

/** TrueCopy to near DR, Universal Replicator to the far centre, a delta mirror between those two. */
const threeGroups = [
  { name: 'CG', from: 'main', to: 'dr', type: 'TC', pairs: pairs('main', 'dr') },
  {
    name: 'CF',
    from: 'main',
    to: 'far',
    type: 'UR',
    muNumber: 1,
    journals: { from: 1, to: 1 },
    pairs: pairs('main', 'far'),
  },
  {
    name: 'CD',
    from: 'dr',
    to: 'far',
    type: 'UR',
    delta: true,
    muNumber: 2,
    journals: { from: 1, to: 1 },
    pairs: pairs('dr', 'far'),
  },
];

/** Hosts write to the first three volumes of main; those of DR wait for theirs. */
export function planOf(kind: Kind): Topology {
  const sites: readonly Site[] = kind === 'three' ? SITES : ['main', 'dr'];
  const others = (site: Site) => sites.filter((one) => one !== site);
  const usual = kind === 'three' ? {} : typeOf[kind];
  const group = { name: 'CG', from: 'main', to: 'dr', ...usual, pairs: pairs('main', 'dr') };
  const ways = sites.flatMap((from) => others(from).map((to) => ({ from, to })));
  return topologySchema.parse({
    seed: 'properties',
    pace: { jobMs: 0, quickCopyMs: 4000, resyncMs: 8000, mirrorCopyMs: 15_000 },
    arrays: sites.map((site) => array(site, others(site))),
    links: ways,
    groups: kind === 'three' ? threeGroups : [group],
    clones: [
      {
        array: 'dr',
        name: 'SI',
        consistencyGroupId: 7,
        pairs: pairs('main', 'dr').map(({ name, svol }, i) => ({
          name,
          pvol: svol,
          svol: COPIES + i,
        })),
      },
    ],
    writers: [
      { name: 'app', array: 'main', ldevs: [1000, 1001, 1002], recordsPerSecond: 40 },
      { name: 'app-dr', array: 'dr', ldevs: [2000, 2001, 2002], recordsPerSecond: 20 },
    ],
  });
}
