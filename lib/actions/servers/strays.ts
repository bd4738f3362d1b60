/** Servers of the service where the plan knows none: somebody made one since. */
import type { ServerSpec } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { type Server, serversSchema } from '../../openstack/schema.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { Reader, StepView } from '../action.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite, twinsOf } from '../replicas.ts';

/** Those that hold a volume of the service. */
export type Strays = Seen<readonly Server[]>;

export async function seeStrays(
  read: Reader,
  view: StepView,
  { site, servers }: { readonly site: string; readonly servers: readonly ServerSpec[] },
): Promise<Strays> {
  const place = onCloud(boundSite(boundOf(view.plan.facts), site), 'nova', novaPaths.servers);
  const seen = await see(read, place, serversSchema);
  if (!seen.ok) return seen;
  const mains = servers.flatMap(({ volumes }) => volumes);
  const twins = twinsOf(view.plan.facts).filter(({ main }) => mains.includes(main));
  const volumes = [...mains, ...twins.map(({ dr }) => dr)];
  const holding = seen.value.servers.filter((server) =>
    server['os-extended-volumes:volumes_attached'].some(({ id }) => volumes.includes(id)),
  );
  return { ok: true, value: holding };
}

export function judgeStrays(strays: Strays): Verdict {
  if (!strays.ok) return { state: 'pending', reason: strays.why };
  const reading = { servers: strays.value.map(({ id }) => id) };
  if (strays.value.length === 0) return { state: 'done', reading };
  const names = strays.value.map(({ name, id }) => `${name} (${id})`).join(', ');
  const reason = `Servers that were not there when this was planned: ${names}. Start anew.`;
  return { state: 'refuse', reason, reading };
}
