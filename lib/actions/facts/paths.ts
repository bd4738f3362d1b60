/** How hosts reach the LDEVs of a service: what must be gone before a side can be called fenced. */
import type { Site } from '../../config.ts';
import type { Bound, BoundPath } from '../../runbook/bound.ts';
import { OWN_HOST_GROUP, reads } from '../../vsp/paths.ts';
import { ldevSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { onArray } from '../reads.ts';
import { need } from './need.ts';

/** Of the LDEVs of the pairs, each on its own array. Throws ACT-UNREAD. */
export async function readPathsAt(
  read: Reader,
  sites: readonly Site[],
  { replication, takeover }: Pick<Bound, 'replication' | 'takeover'>,
): Promise<NonNullable<Bound['paths']>> {
  const ldevsAt = (site: string): number[] =>
    replication === undefined
      ? (takeover?.pairs ?? []).flatMap(({ svol }) => (takeover?.site === site ? [svol] : []))
      : replication.pairs.map(({ pvol, svol }) =>
          replication.primary.site === site ? pvol : svol,
        );
  const rows = await Promise.all(
    sites.map(async (site) => [site.id, await readPaths(read, site, ldevsAt(site.id))] as const),
  );
  return Object.fromEntries(rows);
}

async function readPaths(read: Reader, site: Site, ldevs: readonly number[]): Promise<BoundPath[]> {
  const rows = await Promise.all(
    ldevs.map(async (ldev) => {
      const place = onArray(site.id, site.array, reads.ldev(ldev));
      const { ports = [] } = await need(read, place, ldevSchema);
      return ports
        .filter(({ hostGroupName }) => !hostGroupName.startsWith(OWN_HOST_GROUP))
        .map(({ portId, hostGroupNumber, lun }) => {
          return { ldev, port: portId, hostGroup: hostGroupNumber, lun };
        });
    }),
  );
  return rows.flat();
}
