/** Conditions on servers and on the half of a copy they run on, as the gateway confirms them. */
import type { Site } from '../../config.ts';
import { neutronPaths, novaPaths } from '../../openstack/paths.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Facts, Guard } from '../../runbook/plan.ts';
import { against } from '../../vsp/hazards.ts';
import { halfGroupId, objectsPath } from '../../vsp/paths.ts';
import type { PlanContext } from '../action.ts';
import { ActionError } from '../errors.ts';
import { siteOf } from '../facts.ts';
import { arrayTarget } from '../reads.ts';
import { halfAt } from '../replicas.ts';

type GuardedSite = Pick<Site, 'id' | 'cloud' | 'array'>;

export const serverGuard = (
  site: GuardedSite,
  server: string,
  predicate: 'server-stopped' | 'server-active' | 'server-unlocked' | 'server-keeps-volumes',
): Guard => ({
  id: `${predicate}-${server}`,
  target: `nova:${site.cloud}`,
  path: novaPaths.server(server),
  predicate,
  args: { server },
});

/** The disks of a server are those of the service: one more is replicated by nobody. */
export const disksGuard = (
  site: GuardedSite,
  server: string,
  volumes: readonly string[],
): Guard => ({
  id: against(7, `server-disks-known-${server}`),
  target: `nova:${site.cloud}`,
  path: novaPaths.server(server),
  predicate: 'server-disks-known',
  args: { server, volumes: [...volumes] },
});

export const serverAbsentGuard = (site: GuardedSite, server: string): Guard => ({
  id: `server-absent-${server}`,
  target: `nova:${site.cloud}`,
  path: novaPaths.servers,
  predicate: 'server-absent',
  args: { server },
});

export const portFreeGuard = (site: GuardedSite, port: string): Guard => ({
  id: `port-free-${port}`,
  target: `neutron:${site.cloud}`,
  path: neutronPaths.port(port),
  predicate: 'port-free',
  args: { port },
});

/** This array's half of the copy may be written to. Throws ACT-PLAN when no fact knows the half. */
export function sideWritableGuard(site: GuardedSite, facts: Facts): Guard {
  const { id, ldevs } = halfOf(site.id, facts);
  return {
    id: against(9, 'side-writable'),
    target: arrayTarget(site.array),
    path: objectsPath(site.array, `remote-mirror-copygroups/${id}`),
    predicate: 'side-writable',
    args: { ldevs },
  };
}

/**
 * What the other array must confirm before servers write here: a source whose copy has stopped (PSUE)
 * does not know whether somebody opened the copy. Nothing where the other site is given up.
 */
export function sideUnopenedGuards(
  site: string,
  { facts, config }: Pick<PlanContext, 'facts' | 'config'>,
): Guard[] {
  const { replication } = boundOf(facts);
  if (replication === undefined) return [];
  const { primary, secondary } = replication;
  const other = siteOf(config, primary.site === site ? secondary.site : primary.site);
  const { id, ldevs } = halfOf(other.id, facts);
  return [
    {
      id: against(2, 'side-unopened'),
      target: arrayTarget(other.array),
      path: objectsPath(other.array, `remote-mirror-copygroups/${id}`),
      predicate: 'side-unopened',
      args: { ldevs },
    },
  ];
}

/** By both halves, or by the one that is left when the other site is given up. */
function halfOf(site: string, facts: Facts): { id: string; ldevs: number[] } {
  const { replication, takeover } = boundOf(facts);
  if (replication !== undefined) {
    const isPrimary = replication.primary.site === site;
    const { deviceGroup } = halfAt(replication, site);
    return {
      id: halfGroupId(replication.group, deviceGroup),
      ldevs: replication.pairs.map(({ pvol, svol }) => (isPrimary ? pvol : svol)),
    };
  }
  if (takeover?.site === site) {
    return { id: takeover.id, ldevs: takeover.pairs.map(({ svol }) => svol) };
  }
  const why = 'No fact says which LDEVs of the service lie there.';
  throw new ActionError('ACT-PLAN', `Servers cannot be started at ${site}.`, why);
}
