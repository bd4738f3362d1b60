/** What servers of a service left at a site when somebody stopped half-way to clear it. */
import * as z from 'zod';
import type { Service, Site } from '../../config.ts';
import { cinderPaths, neutronPaths } from '../../openstack/paths.ts';
import { portSchema, volumesSchema } from '../../openstack/schema.ts';
import type { Bound } from '../../runbook/bound.ts';
import type { Reader } from '../action.ts';
import { onCloud } from '../reads.ts';
import { need } from './need.ts';

const addressedSchema = z.looseObject({
  ports: z.array(
    portSchema.extend({
      fixed_ips: z.array(z.looseObject({ ip_address: z.string() })).default([]),
    }),
  ),
});

interface LeftAt extends Pick<Bound, 'twins' | 'servers'> {
  readonly site: Site;
}

/** Nothing when nothing is left, and where servers or twins were not asked for. Throws ACT-UNREAD. */
export async function readLeftovers(
  read: Reader,
  service: Service,
  { site, twins = [], servers }: LeftAt,
): Promise<Pick<Bound, 'leftovers'>> {
  const there = servers?.[site.id]?.map(({ name }) => name);
  if (there === undefined || twins.length === 0) return {};
  const network = service.networks?.[site.id];
  const [{ volumes }, { ports }] = await Promise.all([
    need(read, onCloud(site, 'cinder', cinderPaths.volumes), volumesSchema),
    network === undefined
      ? { ports: [] }
      : need(read, onCloud(site, 'neutron', neutronPaths.ports(network)), addressedSchema),
  ]);
  const loose = volumes.filter(({ status }) => status === 'available').map(({ id }) => id);
  const found = service.servers
    .filter(({ name }) => !there.includes(name))
    .map(({ name, nics, volumes: mains }) => ({
      name,
      ports: ports
        .filter((port) => port.device_id === '' && port.fixed_ips.some((at) => isOf(nics, at)))
        .map(({ id }) => id)
        .sort(),
      volumes: twins
        .filter(({ main, dr }) => mains.includes(main) && loose.includes(dr))
        .map(({ dr }) => dr),
    }))
    .filter((left) => left.ports.length + left.volumes.length > 0);
  return found.length === 0 ? {} : { leftovers: found };
}

const isOf = (
  nics: Service['servers'][number]['nics'],
  { ip_address: address }: { readonly ip_address: string },
): boolean => nics.some(({ ip }) => ip === address);
