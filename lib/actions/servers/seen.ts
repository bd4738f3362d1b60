/** The cloud as the server actions see it. */
import { neutronPaths, novaPaths } from '../../openstack/paths.ts';
import {
  type Port,
  portsSchema,
  type Server,
  serversSchema,
  type Volume,
} from '../../openstack/schema.ts';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import type { Reader, StepView } from '../action.ts';
import { onCloud, type Seen, see, seeVolume } from '../reads.ts';
import { boundSite } from '../replicas.ts';
import { resetOf } from './made.ts';

export interface CloudSeen {
  readonly servers: Seen<readonly Server[]>;
  readonly ports: Seen<readonly Port[]>;
  readonly volumes: ReadonlyMap<string, Seen<Volume>>;
}

/** Servers and ports are asked for as lists: keys, not ids, say what this run made. */
export async function seeCloud(
  read: Reader,
  view: StepView,
  { site: id, network, volumes }: { site: string; network: string; volumes: readonly string[] },
): Promise<CloudSeen> {
  const site = boundSite(boundOf(view.plan.facts), id);
  const [servers, ports, seen] = await Promise.all([
    see(read, onCloud(site, 'nova', novaPaths.servers), serversSchema),
    see(read, onCloud(site, 'neutron', neutronPaths.ports(network)), portsSchema),
    Promise.all(
      volumes.map(async (volume) => [volume, await seeVolume(read, site, volume)] as const),
    ),
  ]);
  return {
    servers: servers.ok ? { ok: true, value: servers.value.servers } : servers,
    ports: ports.ok ? { ok: true, value: ports.value.ports } : ports,
    volumes: new Map(seen),
  };
}

export const volumesIn = (calls: readonly PlanCall[]): string[] =>
  calls.flatMap((call) => resetOf(call)?.volume ?? []);

export const withKey = (servers: readonly Server[], key: string): Server[] =>
  servers.filter((server) => server.metadata['drillbook-key'] === key);

export const withName = (ports: readonly Port[], key: string): Port[] =>
  ports.filter((port) => port.name === key);
