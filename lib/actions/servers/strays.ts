/** Servers at the volumes of the service that the plan does not know: made since, or named otherwise. */
import type { ServerSpec } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { type Server, serversSchema } from '../../openstack/schema.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import type { Reader, StepView } from '../action.ts';
import { onCloud, type Seen, see } from '../reads.ts';
import { boundSite, twinsOf } from '../replicas.ts';
import { liveServers } from './live.ts';

/** Strangers that hold a volume of the service, and its own servers that hold another one. */
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
  const known = liveServers(view.plan, site, servers).map(({ id }) => id);
  const strays = seen.value.servers.filter((server) => {
    const disks = server['os-extended-volumes:volumes_attached'].map(({ id }) => id);
    return known.includes(server.id)
      ? disks.some((id) => !volumes.includes(id))
      : disks.some((id) => volumes.includes(id));
  });
  return { ok: true, value: strays };
}

export function judgeStrays(strays: Strays): Verdict {
  if (!strays.ok) return { state: 'pending', reason: strays.why };
  const reading = { servers: strays.value.map(({ id }) => id) };
  if (strays.value.length === 0) return { state: 'done', reading };
  const names = strays.value.map(({ name, id }) => `${name} (${id})`).join(', ');
  const why = `${names}: volumes and servers are not those of services.yml. ${hazardText(7)}`;
  return { state: 'refuse', reason: why, reading };
}

/** Nothing begins, and nothing is called stopped, while somebody would write on or be left behind. */
export function heldBy(
  strays: Strays | undefined,
  verdicts: Readonly<Record<string, Verdict>>,
): Record<string, Verdict> {
  if (strays === undefined) return verdicts;
  const word = judgeStrays(strays);
  if (word.state === 'done') return verdicts;
  return Object.fromEntries(
    Object.entries(verdicts).map(([id, verdict]) => [
      id,
      verdict.state === 'ready' || word.state === 'refuse' ? word : verdict,
    ]),
  );
}
