/** The servers of a service that exist now, site by site, and whether they have the disks they should. */
import type { Service, Site } from '../../config.ts';
import { neutronPaths, novaPaths } from '../../openstack/paths.ts';
import { portsSchema, type Server, serversSchema } from '../../openstack/schema.ts';
import type { Bound } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud } from '../reads.ts';
import { need } from './need.ts';

type Servers = NonNullable<Bound['servers']>;

const unjoined = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

export interface ServersAt {
  readonly sites: readonly Site[];
  /** Volume ids that belong to a server at a site, in device order. */
  readonly volumesAt: (site: Site, server: Service['servers'][number]) => readonly string[];
}

/** By name. Throws ACT-UNREAD, or ACT-UNJOINED for a name that stands twice and for a foreign disk. */
export async function readServers(read: Reader, service: Service, at: ServersAt): Promise<Servers> {
  const rows = await Promise.all(
    at.sites.map(
      async (site) => [site.id, await serversAt(read, service, { ...at, site })] as const,
    ),
  );
  return Object.fromEntries(rows);
}

async function serversAt(
  read: Reader,
  service: Service,
  { site, volumesAt }: ServersAt & { readonly site: Site },
): Promise<Servers[string]> {
  const network = service.networks?.[site.id];
  const [{ servers }, ports] = await Promise.all([
    need(read, onCloud(site, 'nova', novaPaths.servers), serversSchema),
    network === undefined
      ? []
      : need(read, onCloud(site, 'neutron', neutronPaths.ports(network)), portsSchema).then(
          (answer) => answer.ports,
        ),
  ]);
  return service.servers.flatMap((spec) => {
    const named = servers.filter((server) => server.name === spec.name);
    const live = named.filter((server) => usesAny(server, volumesAt(site, spec)));
    const [server, second] = live;
    if (second !== undefined) {
      throw unjoined(
        `Server ${spec.name} at ${site.id}.`,
        `${live.length} servers use its volumes.`,
      );
    }
    if (server === undefined) return [];
    assertDisks(server, volumesAt(site, spec), site);
    const own = ports.filter((port) => port.device_id === server.id).map(({ id }) => id);
    return [{ name: spec.name, id: server.id, ports: own.sort() }];
  });
}

/**
 * Every disk of the service's servers at a site stands in services.yml: one that does not is replicated by
 * nobody. A server that is not there has none. Throws ACT-UNREAD or ACT-UNJOINED.
 */
export async function assertDisksKnown(read: Reader, service: Service, site: Site): Promise<void> {
  const place = onCloud(site, 'nova', novaPaths.servers);
  const { servers } = await need(read, place, serversSchema);
  for (const { name, volumes } of service.servers) {
    const live = servers.filter((one) => one.name === name && usesAny(one, volumes));
    for (const server of live) {
      const attached = new Set(disksOf(server));
      assertDisks(
        server,
        volumes.filter((id) => attached.has(id)),
        site,
      );
    }
  }
}

const disksOf = (server: Server): string[] =>
  server['os-extended-volumes:volumes_attached'].map(({ id }) => id);

/** A drill server has the same name and other disks: it is not the service. */
const usesAny = (server: Server, volumes: readonly string[]): boolean =>
  disksOf(server).some((id) => volumes.includes(id));

/** A disk that services.yml does not know is replicated by nobody, and would be left behind. */
function assertDisks(server: Server, volumes: readonly string[], site: Site): void {
  const stray = disksOf(server).find((id) => !volumes.includes(id));
  const absent = volumes.find((id) => !disksOf(server).includes(id));
  if (stray === undefined && absent === undefined) return;
  const found =
    stray === undefined
      ? `Volume ${absent} is not attached to it.`
      : `Volume ${stray} is attached to it and stands in no line of services.yml.`;
  const what = `Server ${server.name} at ${site.id} has other disks than configured.`;
  throw unjoined(what, `${found} ${hazardText(7)}`);
}
