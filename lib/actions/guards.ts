/** Guards as actions write them: the conditions the gateway confirms the instant before a call. */
import type { Site } from '../config.ts';
import { cinderPaths, neutronPaths } from '../openstack/paths.ts';
import type { Bound, BoundHalf, BoundPair } from '../runbook/bound.ts';
import type { Guard } from '../runbook/plan.ts';
import { against } from '../vsp/hazards.ts';
import { objectsPath, reads } from '../vsp/paths.ts';
import { ActionError } from './errors.ts';
import { arrayTarget } from './reads.ts';

type Clone = NonNullable<Bound['clone']>;
type Replication = NonNullable<Bound['replication']>;
type GuardedSite = Pick<Site, 'cloud' | 'array'>;

const copyOf = (pairs: readonly BoundPair[]) => pairs.map((pair) => ({ ...pair }));

/** The drill copies are exactly these pairs, in one of the states `predicate` stands for. */
export const cloneGuard = (
  site: GuardedSite,
  clone: Clone,
  predicate: 'clone-paired' | 'clone-split' | 'clone-split-whole',
): Guard => ({
  id: predicate,
  target: arrayTarget(site.array),
  path: objectsPath(site.array, reads.cloneGroup(clone.id)),
  predicate,
  args: { pairs: copyOf(clone.pairs) },
});

/** Remote copy as seen from the secondary array: all PAIR, restore journal small. */
export const replicationGuards = (
  site: GuardedSite,
  replication: Replication,
  usageAtMost: number,
): Guard[] => [
  {
    id: against(9, 'secondary-paired'),
    target: arrayTarget(site.array),
    path: objectsPath(site.array, reads.half(replication.group, replication.secondary.deviceGroup)),
    predicate: 'secondary-paired',
    args: { pairs: copyOf(replication.pairs) },
  },
  {
    id: 'journal-steady',
    target: arrayTarget(site.array),
    path: objectsPath(site.array, reads.journals),
    predicate: 'journal-steady',
    args: {
      journalId: journalOf(replication.secondary),
      muNumber: replication.muNumber,
      usageAtMost,
    },
  },
];

/** Throws ACT-PLAN for a copy that has no journals. */
function journalOf({ journalId, site }: BoundHalf): number {
  if (journalId !== undefined) return journalId;
  throw new ActionError('ACT-PLAN', `No journal at ${site}.`, 'Only UR has journals.');
}

export const pathGuard = (site: GuardedSite, ldev: number): Guard => ({
  id: `only-pair-path-${ldev}`,
  target: arrayTarget(site.array),
  path: objectsPath(site.array, reads.ldev(ldev)),
  predicate: 'only-pair-path',
  args: { ldev },
});

export const volumeGuard = (site: GuardedSite, volume: string, status: string): Guard => ({
  id: `volume-${status}-${volume}`,
  target: `cinder:${site.cloud}`,
  path: cinderPaths.volume(volume),
  predicate: 'volume-status',
  args: { volume, status },
});

export const volumeFreeGuard = (site: GuardedSite, volume: string): Guard => ({
  id: `volume-free-${volume}`,
  target: `cinder:${site.cloud}`,
  path: cinderPaths.volume(volume),
  predicate: 'volume-free',
  args: { volume },
});

/** Closed, alone on its segment, and no port but DHCP and those named. */
export function networkGuards(
  site: GuardedSite,
  network: string,
  names: readonly string[],
): Guard[] {
  const target = `neutron:${site.cloud}`;
  return [
    {
      id: 'network-closed',
      target,
      path: neutronPaths.network(network),
      predicate: 'network-closed',
      args: { network },
    },
    {
      id: 'segment-alone',
      target,
      path: neutronPaths.networks,
      predicate: 'segment-alone',
      args: { network },
    },
    {
      id: 'only-own-ports',
      target,
      path: neutronPaths.ports(network),
      predicate: 'only-own-ports',
      args: { network, names: [...names] },
    },
  ];
}
