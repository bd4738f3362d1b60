/** LU paths as they are now, LDEV by LDEV. */
import { type BoundPath, boundOf } from '../../runbook/bound.ts';
import type { Plan } from '../../runbook/plan.ts';
import { OWN_HOST_GROUP, reads } from '../../vsp/paths.ts';
import { ldevSchema } from '../../vsp/schema.ts';
import type { Reader } from '../action.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';

/** `<port>,<host group>,<lun>`: how the array names a path. */
export const lunId = ({ port, hostGroup, lun }: Omit<BoundPath, 'ldev'>): string =>
  `${port},${hostGroup},${lun}`;

/** Names of all paths to each LDEV. */
export type PathsSeen = ReadonlyMap<number, Seen<readonly string[]>>;

interface Asked {
  readonly site: string;
  readonly ldevs: readonly number[];
}

export async function seePaths(read: Reader, plan: Plan, asked: Asked): Promise<PathsSeen> {
  const seen = await portsAt(read, plan, asked);
  return new Map(
    seen.map(({ ldev, ports }) => [
      ldev,
      ports.ok ? { ok: true, value: ports.value.map(({ id }) => id) } : ports,
    ]),
  );
}

/** In words, what still leads hosts to these LDEVs; what cannot be read counts. */
export async function foreignPaths(read: Reader, plan: Plan, asked: Asked): Promise<string[]> {
  const seen = await portsAt(read, plan, asked);
  return seen.flatMap(({ ldev, ports }) => {
    if (!ports.ok) return [ports.why];
    const foreign = ports.value.filter(({ group }) => !group.startsWith(OWN_HOST_GROUP));
    return foreign.map(({ id }) => `${asked.site}: LU path ${id} leads to LDEV ${ldev}`);
  });
}

interface Port {
  readonly id: string;
  readonly group: string;
}

async function portsAt(
  read: Reader,
  plan: Plan,
  { site, ldevs }: Asked,
): Promise<{ ldev: number; ports: Seen<readonly Port[]> }[]> {
  const { array } = boundSite(boundOf(plan.facts), site);
  return Promise.all(
    [...new Set(ldevs)].map(async (ldev) => {
      const seen = await see(read, onArray(site, array, reads.ldev(ldev)), ldevSchema);
      if (!seen.ok) return { ldev, ports: seen };
      const { ports = [] } = seen.value;
      const value = ports.map(({ portId, hostGroupNumber, hostGroupName, lun }) => ({
        id: lunId({ port: portId, hostGroup: hostGroupNumber, lun }),
        group: hostGroupName,
      }));
      return { ldev, ports: { ok: true as const, value } };
    }),
  );
}
