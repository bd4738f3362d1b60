/** The clouds of a configuration: production at main, parked volumes and drill networks at DR. */
import type { Config, Service, Site } from '../config.ts';
import { TWIN_OF } from '../openstack/paths.ts';
import { COPY_OF } from '../openstack/protection.ts';
import { type TwinMap, type TwinService, twinCredentials, twinId } from './map.ts';
import type { CloudWish } from './openstack/seed.ts';
import { PROJECT_NAME } from './seams.ts';

interface Plan {
  readonly config: Config;
  readonly map: TwinMap;
}

const PUBLIC_SEGMENT = 100;
const SERVICE_SEGMENT = 1001;
const DRILL_SEGMENT = 2001;

export function cloudsOf(plan: Plan): CloudWish[] {
  const clouds = new Map<string, CloudWish>();
  for (const site of plan.config.sites) {
    const here = cloudOf(plan, site);
    const known = clouds.get(site.cloud);
    clouds.set(site.cloud, known === undefined ? here : joined(known, here));
  }
  return [...clouds.values()];
}

/** One cloud over two sites: the hosts, back ends and objects of both, each once. */
function joined(one: CloudWish, other: CloudWish): CloudWish {
  const both = <T>(a: readonly T[] = [], b: readonly T[] = [], idOf: (thing: T) => string) => [
    ...new Map([...b, ...a].map((thing) => [idOf(thing), thing])).values(),
  ];
  return {
    ...one,
    backends: both(one.backends, other.backends, ({ host }) => host),
    hosts: [...(one.hosts ?? []), ...(other.hosts ?? [])],
    networks: both(one.networks, other.networks, ({ id }) => id),
    images: both(one.images, other.images, ({ id }) => id),
    volumes: both(one.volumes, other.volumes, ({ id }) => id),
    servers: [...(one.servers ?? []), ...(other.servers ?? [])],
  };
}

const zoneOf = ({ zone }: Site) => (zone === undefined ? {} : { zone });
const backendOf = (site: string): string => `cinder-${site}@hbsd`;

function cloudOf({ config, map }: Plan, site: Site): CloudWish {
  const login = twinCredentials(config).clouds[site.cloud];
  const flavors = new Set(
    config.services.flatMap(({ servers, stateless = [] }) =>
      [...servers, ...stateless].map(({ flavor }) => flavor),
    ),
  );
  const unlimited = {
    ...{ volumes: -1, snapshots: -1, gigabytes: -1, ports: -1 },
    ...{ backups: -1, backupGigabytes: -1 },
  };
  return {
    name: site.cloud,
    projects: [{ id: login?.projectId ?? '', name: PROJECT_NAME }],
    users: [
      {
        name: login?.userName ?? '',
        password: login?.password ?? '',
        roles: { [PROJECT_NAME]: ['admin', 'member'] },
      },
    ],
    backends: [{ host: backendOf(site.id), arrayId: site.id, ...zoneOf(site) }],
    hosts: [1, 2].map((n) => ({
      name: `${site.zone ?? site.cloud}-compute-${n}`,
      site: site.id,
      ...zoneOf(site),
    })),
    quotas: { ...unlimited, instances: -1, cores: -1, ramMiB: -1 },
    volumes: map.services.flatMap((service, place) =>
      volumesOf(service, { site: site.id, gad: isGad(config.services[place]) }),
    ),
    networks: [
      {
        id: twinId('network', `public.${site.cloud}`),
        name: 'public',
        cidr: '203.0.113.0/24',
        external: true,
        shared: true,
        segment: PUBLIC_SEGMENT,
      },
      ...map.services.flatMap((service, place) =>
        networksOf(service, { site, place, line: config.services[place] }),
      ),
    ],
    flavors: [...flavors].sort().map((name) => flavorOf(name)),
    images: imagesOf(config, site),
    servers: map.services.flatMap((service, place) =>
      service.from === site.id ? serversOf(service, { site, line: config.services[place] }) : [],
    ),
  };
}

interface At {
  readonly site: Site;
  readonly line: Service | undefined;
}

/** The production network of a service at a site. */
const ownNetworkId = ({ id }: TwinService, { site, line }: At): string =>
  line?.networks?.[site.id] ?? twinId('network', `${id}.${site.cloud}`);

function networksOf(service: TwinService, { site, line, place }: At & { readonly place: number }) {
  const nic = line?.servers[0]?.nics[0];
  const cidr = `${nic?.ip.split('.').slice(0, 3).join('.') ?? '10.0.0'}.0/24`;
  const id = ownNetworkId(service, { site, line });
  const own = { id, name: service.id, cidr, segment: SERVICE_SEGMENT + place };
  if (service.from === site.id) return [own];
  if (service.to !== site.id) return [];
  const name = `drill-${service.id}`;
  return [{ id: service.network, name, cidr, segment: DRILL_SEGMENT + place }, own];
}

type Volumes = NonNullable<CloudWish['volumes']>;

const isGad = (line: Service | undefined): boolean => line?.replication.type === 'GAD';

/** The other half of a GAD volume is the same volume: Cinder knows it once. */
function volumesOf(
  service: TwinService,
  { site, gad }: { readonly site: string; readonly gad: boolean },
): Volumes {
  return service.volumes.flatMap((volume): Volumes => {
    const { name, sizeGiB, bootable } = volume;
    const same = { sizeGiB, bootable, host: `${backendOf(site)}#pool0` };
    if (service.from === site) {
      const own = { id: volume.mainVolumeId, name, ldevId: volume.pvol, status: 'in-use' as const };
      return [{ ...same, ...own }];
    }
    if (service.to !== site || volume.bare) return [];
    // Made without the DR Cinder: it has no rows for them.
    if (volume.drVolumeId === volume.mainVolumeId) return [];
    const status = 'maintenance' as const;
    const twin: Volumes = [
      {
        ...{ ...same, id: volume.drVolumeId, name: `${name}-dr`, ldevId: volume.svol, status },
        metadata: { [TWIN_OF]: volume.mainVolumeId },
      },
    ];
    return [
      ...(gad ? [] : twin),
      {
        ...{ ...same, id: volume.copyVolumeId, name: `${name}-drill`, status },
        ...{ ldevId: volume.copyLdev, metadata: { [COPY_OF]: volume.mainVolumeId } },
      },
    ];
  });
}

/** Production runs at main from the first day. */
function serversOf(service: TwinService, { site, line }: At): NonNullable<CloudWish['servers']> {
  return (line?.servers ?? []).map(({ name, flavor, nics, volumes }) => ({
    name,
    flavorId: twinId('flavor', flavor),
    volumes: [...volumes],
    ports: nics.map(({ ip, mac }) => ({
      networkId: ownNetworkId(service, { site, line }),
      ip,
      mac,
    })),
  }));
}

/** What stateless servers are made from, where they run and where they would be needed. */
function imagesOf({ services }: Config, site: Site): NonNullable<CloudWish['images']> {
  const specs = services.flatMap(({ replication, stateless = [] }) =>
    [replication.from, replication.to].includes(site.id) ? stateless : [],
  );
  const names = [...new Set(specs.map(({ image }) => image))].sort();
  return names.map((name) => ({ id: twinId('image', `${name}.${site.cloud}`), name }));
}

/** Flavor names say what they are: `c8.m32` has 8 CPUs and 32 GiB. */
function flavorOf(name: string) {
  const found = /^c(\d+)\.m(\d+)$/.exec(name);
  return {
    id: twinId('flavor', name),
    name,
    vcpus: Number(found?.[1] ?? 2),
    ramMiB: Number(found?.[2] ?? 4) * 1024,
  };
}
