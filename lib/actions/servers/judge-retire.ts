/** What is left of servers that are deleted by their ids, call by call. */
import { neutronPaths } from '../../openstack/paths.ts';
import { onePortSchema, type Port, type Server, type Volume } from '../../openstack/schema.ts';
import { powerOf, statusText, volumesLostWith } from '../../openstack/servers.ts';
import type { Verdict } from '../../run/verdict.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Reader, StepView } from '../action.ts';
import { type Effect, judgeCall } from '../judging.ts';
import { onCloud, type Seen, see, seeVolume } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { parked } from './judge-delete.ts';
import { type ServersSeen, seeServers, serverIdIn } from './live.ts';
import { resetOf } from './made.ts';
import { volumesIn } from './seen.ts';

export interface RetireSeen {
  readonly servers: ServersSeen;
  readonly ports: ReadonlyMap<string, Seen<Port>>;
  readonly volumes: ReadonlyMap<string, Seen<Volume>>;
}

export async function seeRetired(read: Reader, view: StepView): Promise<RetireSeen> {
  const site = boundSite(boundOf(view.plan.facts), view.calls[0]?.site ?? '');
  const portIds = view.calls.flatMap((call) => portIn(call) ?? []);
  const [servers, ports, volumes] = await Promise.all([
    seeServers(read, view),
    Promise.all(
      portIds.map(async (id) => {
        const seen = await see(
          read,
          onCloud(site, 'neutron', neutronPaths.port(id)),
          onePortSchema,
        );
        return [id, seen.ok ? { ok: true as const, value: seen.value.port } : seen] as const;
      }),
    ),
    Promise.all(
      volumesIn(view.calls).map(async (id) => [id, await seeVolume(read, site, id)] as const),
    ),
  ]);
  return { servers, ports: new Map(ports), volumes: new Map(volumes) };
}

const portIn = (call: PlanCall): string | undefined =>
  /^\/v2\.0\/ports\/([^/{]+)$/.exec(call.path)?.[1];

export function judgeRetire(seen: RetireSeen, view: StepView): Record<string, Verdict> {
  return Object.fromEntries(
    view.calls.map((call) => {
      const effect = effectOf(call, seen);
      const before = 'It was so already, and not by this run.';
      return [
        call.id,
        judgeCall({ call, mine: view.mine[call.id], now: view.now, effect, before }),
      ];
    }),
  );
}

function effectOf(call: PlanCall, seen: RetireSeen): Effect {
  const server = serverIdIn(call);
  if (server !== undefined) return serverGone(seen.servers.get(server));
  const reset = resetOf(call);
  const effect =
    reset === undefined
      ? portGone(seen.ports.get(portIn(call) ?? ''))
      : parked(seen.volumes.get(reset.volume));
  return effect.seen === 'absent' ? (stillThere(call, seen) ?? effect) : effect;
}

/** Nova gives ports and volumes back before the server is off its list, which the guard looks at. */
function stillThere({ guards }: PlanCall, { servers }: RetireSeen): Effect | undefined {
  const guard = guards.find(({ predicate }) => predicate === 'server-absent');
  const id = String(guard?.args['server'] ?? '');
  const seen = servers.get(id);
  if (seen === undefined || (!seen.ok && seen.gone)) return undefined;
  const why = seen.ok ? `${seen.value.name} is ${statusText(seen.value)}.` : seen.why;
  return { seen: 'blocked', why };
}

/** Only what is shut down is deleted: a running one might be the service. */
function serverGone(seen: Seen<Server> | undefined): Effect {
  if (seen === undefined) return { seen: 'unknown', why: 'The server was not read.' };
  if (!seen.ok) {
    return seen.gone ? { seen: 'there' } : { seen: 'unknown', why: seen.why };
  }
  const { name } = seen.value;
  const status = statusText(seen.value);
  const lost = volumesLostWith(seen.value);
  if (lost.length > 0) {
    const why = `Nova would delete volume ${lost.join(', ')} together with ${name}.`;
    return { seen: 'broken', why };
  }
  const why = `${name} is ${status}.`;
  switch (powerOf(seen.value)) {
    case 'off':
      return { seen: 'absent', why };
    case 'changing':
      return { seen: 'moving', why };
    case 'unknown':
      return { seen: 'unknown', why };
    default:
      return { seen: 'broken', why: `${why} Only a server that is shut down is deleted.` };
  }
}

/** A port that Nova made goes with its server, one that was made for it stays behind. */
function portGone(seen: Seen<Port> | undefined): Effect {
  if (seen === undefined) return { seen: 'unknown', why: 'The port was not read.' };
  if (!seen.ok) {
    return seen.gone ? { seen: 'there' } : { seen: 'unknown', why: seen.why };
  }
  const { device_id: device } = seen.value;
  if (device === '') return { seen: 'absent', why: `Port ${seen.value.id} is there.` };
  return { seen: 'blocked', why: `Port ${seen.value.id} is plugged into ${device}.` };
}
