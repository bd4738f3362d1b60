/** Rules for clouds: what they name must be there, on the arrays below them and in themselves. */
import { holds } from '../openstack/network/addresses.ts';
import type { CloudSeed } from '../openstack/seed.ts';
import { siteOf, type Topology } from '../topology.ts';
import { doubles, type Finding, notDefined, type Rule, sizesOf, stranger, wrong } from './rule.ts';

type Path = readonly PropertyKey[];

export const cloudRules: readonly Rule[] = [
  ({ clouds }) =>
    doubles(
      'cloud',
      clouds.map(({ name }, i) => [['clouds', i, 'name'], name]),
    ),
  (topology) => topology.clouds.flatMap((cloud, i) => placesOf(cloud, ['clouds', i], topology)),
  ({ clouds }) => clouds.flatMap((cloud, i) => people(cloud, ['clouds', i])),
  (topology) => topology.clouds.flatMap((cloud, i) => volumesOf(cloud, ['clouds', i], topology)),
  ({ clouds }) => clouds.flatMap((cloud, i) => serversOf(cloud, ['clouds', i])),
];

/** Back ends stand on arrays, hosts in sites. */
function placesOf({ backends, hosts, name }: CloudSeed, at: Path, { arrays }: Topology): Finding[] {
  const ids = arrays.map(({ id }) => id);
  const sites = [...new Set(arrays.map(siteOf))];
  return [
    ...backends.flatMap(({ arrayId }, i) =>
      stranger([...at, 'backends', i, 'arrayId'], 'array', [arrayId, ids]),
    ),
    ...doubles(
      'back end',
      backends.map(({ host, pool }, i) => [[...at, 'backends', i], `${host}#${pool}`]),
    ),
    ...hosts.flatMap(({ site }, i) =>
      // Of a cloud without hosts one is made up, in a site of the cloud's name.
      site === name ? [] : stranger([...at, 'hosts', i, 'site'], 'site', [site, sites]),
    ),
  ];
}

function people({ projects, users }: CloudSeed, at: Path): Finding[] {
  const names = projects.map(({ name }) => name);
  return users.flatMap(({ roles }, i) =>
    Object.keys(roles).flatMap((project) =>
      stranger([...at, 'users', i, 'roles', project], 'project', [project, names]),
    ),
  );
}

function volumesOf({ volumes, backends, volumeTypes }: CloudSeed, at: Path, all: Topology) {
  const pools = backends.map(({ host, pool }) => `${host}#${pool}`);
  const types = volumeTypes.map(({ name }) => name);
  const sizes = new Map(all.arrays.map((array) => [array.id, sizesOf(array)]));
  return [
    ...doubles(
      'volume',
      volumes.map(({ id }, i) => [[...at, 'volumes', i, 'id'], id]),
    ),
    ...volumes.flatMap(({ ldevId, sizeGiB, host, volumeType }, i): Finding[] => {
      const path = [...at, 'volumes', i];
      const below = pools.indexOf(host ?? pools[0] ?? '');
      const array = backends[below]?.arrayId ?? '';
      const here = sizes.get(array);
      const real = here?.get(ldevId) ?? sizeGiB;
      return [
        ...(host === undefined ? [] : stranger([...path, 'host'], 'back end', [host, pools])),
        ...(volumeType === undefined
          ? []
          : stranger([...path, 'volumeType'], 'volume type', [volumeType, types])),
        ...(here === undefined ? [] : notDefined([...path, 'ldevId'], ldevId, [array, here])),
        ...(real === sizeGiB
          ? []
          : wrong([...path, 'sizeGiB'], 'size', `LDEV ${ldevId} of ${array} has ${real} GiB`)),
      ];
    }),
  ];
}

function serversOf({ servers, flavors, hosts, volumes, networks }: CloudSeed, at: Path): Finding[] {
  const ids = (things: readonly { id: string }[]) => things.map(({ id }) => id);
  return servers.flatMap((server, i) => {
    const path = [...at, 'servers', i];
    return [
      ...stranger([...path, 'flavorId'], 'flavor', [server.flavorId, ids(flavors)]),
      ...(server.host === undefined
        ? []
        : stranger([...path, 'host'], 'host', [server.host, hosts.map(({ name }) => name)])),
      ...server.volumes.flatMap((volume, k) =>
        stranger([...path, 'volumes', k], 'volume', [volume, ids(volumes)]),
      ),
      ...server.ports.flatMap(({ networkId, ip }, k) => {
        const cidr = networks.find(({ id }) => id === networkId)?.cidr;
        const outside = ip !== undefined && cidr !== undefined && !holds(cidr, ip);
        return [
          ...stranger([...path, 'ports', k, 'networkId'], 'network', [networkId, ids(networks)]),
          ...(outside
            ? wrong([...path, 'ports', k, 'ip'], 'address', `${ip} is not in ${cidr}`)
            : []),
        ];
      }),
    ];
  });
}
