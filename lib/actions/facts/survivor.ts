/**
 * One cloud over two sites, and one of them is lost: the half of the active-active volumes that is left,
 * the compute hosts that stood at the other site, and the servers of the service that ran on them.
 */
import type { Service, Site } from '../../config.ts';
import { novaPaths } from '../../openstack/paths.ts';
import { computesSchema, HOST, serversSchema } from '../../openstack/schema.ts';
import type { Bound } from '../../runbook/bound.ts';
import { gadHalf } from '../../vsp/gad.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { reads } from '../../vsp/paths.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { onCloud } from '../reads.ts';
import { readHalf } from './half.ts';
import { need } from './need.ts';

type Survivor = NonNullable<Bound['survivor']>;

const refuse = (what: string, why: string) => new ActionError('ACT-UNJOINED', what, why);

/** Throws ACT-UNREAD, ACT-UNJOINED or ACT-PLAN; asks the site that is left, and its cloud. */
export async function readSurvivor(
  read: Reader,
  service: Service,
  { from, to, kept }: { readonly from: Site; readonly to: Site; readonly kept: readonly Site[] },
): Promise<Survivor> {
  const { group, type } = service.replication;
  const [site, second] = kept;
  if (type !== 'GAD' || site === undefined || second !== undefined) {
    const why = 'It is for GAD, and gives up exactly one of the two sites of the service.';
    throw new ActionError('ACT-PLAN', `Nothing is left of ${service.id} here.`, why);
  }
  const lost = site.id === from.id ? to : from;
  const half = await readHalf(read, group, { site, suffix: site.id === from.id ? 'P' : 'S' });
  const pairs = half.copyPairs.map((pair) => {
    const ldev = gadHalf(pair).role === 'P' ? pair.pvolLdevId : pair.svolLdevId;
    if (ldev !== undefined) return { name: pair.copyPairName, ldev };
    throw refuse(`Copy group ${group} at ${site.id}.`, `${pair.copyPairName} shows no LDEV.`);
  });
  const volumes = service.servers.flatMap((server) => server.volumes).length;
  if (pairs.length !== volumes) {
    const hazard = hazardText(pairs.length > volumes ? 16 : 8);
    const why = `It holds ${pairs.length} pairs; ${service.id} has ${volumes} volumes. ${hazard}`;
    throw refuse(`Copy group ${group} at ${site.id}.`, why);
  }
  return {
    site: site.id,
    group,
    half: reads.half(group, half.localDeviceGroupName),
    lost: { site: lost.id, array: lost.array.storageDeviceId },
    pairs: pairs.sort((a, b) => a.name.localeCompare(b.name)),
    ...(await readHosts(read, service, { site, lost })),
  };
}

/** Hosts of the lost site by its zone, and the servers of the service. */
async function readHosts(
  read: Reader,
  service: Service,
  { site, lost }: { readonly site: Site; readonly lost: Site },
): Promise<Pick<Survivor, 'hosts' | 'servers'>> {
  const [{ services }, { servers }] = await Promise.all([
    need(read, onCloud(site, 'nova', novaPaths.computes), computesSchema),
    need(read, onCloud(site, 'nova', novaPaths.servers), serversSchema),
  ]);
  const there = services.filter(({ zone }) => zone === lost.zone);
  const hosts = there.map(({ id, host }) => ({ id: `${id}`, name: host }));
  if (lost.zone === undefined || lost.zone === site.zone || hosts.length === 0) {
    const why = `No compute host is known of zone ${lost.zone ?? '(none in sites.yml)'}.`;
    throw refuse(`Hosts at ${lost.id}.`, why);
  }
  const names = hosts.map(({ name }) => name);
  const found = service.servers.map((spec) => {
    const named = servers.filter(
      (server) =>
        server.name === spec.name &&
        server['os-extended-volumes:volumes_attached'].some(({ id }) => spec.volumes.includes(id)),
    );
    const [server] = named;
    if (server === undefined || named.length > 1) {
      const why = `${named.length} servers have that name and its volumes.`;
      throw refuse(`Server ${spec.name} of ${service.id}.`, why);
    }
    const host = server[HOST] ?? undefined;
    if (host === undefined)
      throw refuse(`Server ${spec.name}.`, 'Nova does not say where it runs.');
    return { name: spec.name, id: server.id, ...(names.includes(host) ? { host } : {}) };
  });
  return { hosts: hosts.sort((a, b) => a.name.localeCompare(b.name)), servers: found };
}
