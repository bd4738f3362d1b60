/**
 * What a runbook may need of a service, and how a fresh folder gives it: the services that are shipped
 * are all replicated by UR between two sites with a cloud each.
 */
import type { Config, Service } from '../config.ts';

/**
 * A value to write into a file of the configuration, at `['services', 2, 'atDr']` for example; `twin` is
 * what the simulated centres add to it.
 */
interface Edit {
  readonly file: 'sites' | 'services' | 'twin';
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

interface Ground {
  readonly config: Config;
  /** Where the service stands in services.yml. */
  readonly place: number;
  /** Where a gateway listens that no shipped site has. */
  readonly farGateway: string;
}

interface Meeting {
  /** As a person would say it: "a service with …"; absent where every service will do. */
  readonly words?: string;
  readonly has: (service: Service) => boolean;
  /** The kind of replication that it has then, where that changes. */
  readonly gives?: Service['replication']['type'];
  /** How a fresh folder gets there; absent where only people can write what is needed. */
  readonly make?: (ground: Ground) => readonly Edit[];
}

export type Need =
  | 'one-cloud'
  | 'third-centre'
  | 'copy'
  | 'cut'
  | 'restored'
  | 'stateless'
  | 'new-volume';

export const needs: Readonly<Record<Need, Meeting>> = {
  'one-cloud': {
    words: 'replication GAD, in one cloud over both sites',
    has: ({ replication }) => replication.type === 'GAD',
    gives: 'GAD',
    make: oneCloud,
  },
  'third-centre': {
    words: 'a third centre (replication.far)',
    has: ({ replication }) => replication.far !== undefined,
    gives: 'TC',
    make: thirdCentre,
  },
  copy: atDr('copy'),
  cut: atDr('cut'),
  restored: atDr('restored'),
  stateless: {
    words: 'servers that are made from images (stateless)',
    has: ({ stateless = [] }) => stateless.length > 0,
  },
  'new-volume': {
    // Whatever is protected already is left alone.
    has: () => true,
    make: newVolume,
  },
};

/** The DR Cinder knows nothing of its volumes. */
function atDr(way: NonNullable<Service['atDr']>): Meeting {
  return {
    words: `atDr: ${way}`,
    has: (service) => service.atDr === way,
    make: ({ place }) => [{ file: 'services', path: ['services', place, 'atDr'], value: way }],
  };
}

/** Of all services: UR and TC never stand between two sites of one cloud. */
function oneCloud({ config }: Ground): Edit[] {
  const sites = config.sites.flatMap(({ id }, i): Edit[] => [
    { file: 'sites', path: ['sites', i, 'cloud'], value: 'metro' },
    { file: 'sites', path: ['sites', i, 'zone'], value: `zone-${id}` },
  ]);
  const services = config.services.flatMap(({ replication, networks = {} }, i): Edit[] => {
    const [home, away] = [replication.from, replication.to];
    const path = ['services', i] as const;
    const type: Edit = { file: 'services', path: [...path, 'replication', 'type'], value: 'GAD' };
    const own = networks[home];
    if (own === undefined) return [type];
    return [type, { file: 'services', path: [...path, 'networks', away], value: own }];
  });
  return [...sites, ...services];
}

/** The last volume of its last server was made after the others were protected. */
function newVolume({ config, place }: Ground): Edit[] {
  const volume = config.services[place]?.servers.at(-1)?.volumes.at(-1);
  return [{ file: 'twin', path: ['scenario', 'unprotected'], value: [volume] }];
}

/** TC to the near site, UR to the far one, and between the two the mirror that waits. */
function thirdCentre({ config, place, farGateway }: Ground): Edit[] {
  const { group } = config.services[place]?.replication ?? {};
  const path = ['services', place, 'replication'] as const;
  const site = {
    id: 'far',
    name: { ko: '부산 제3센터', en: 'Busan third centre' },
    gateway: farGateway,
    array: { storageDeviceId: '900000040016', api: 'cm' },
    cloud: 'far',
    country: 'KR',
  };
  const far = { site: site.id, group: `${group}-FAR`, delta: `${group}-DELTA` };
  return [
    { file: 'sites', path: ['sites', config.sites.length], value: site },
    { file: 'services', path: [...path, 'type'], value: 'TC' },
    { file: 'services', path: [...path, 'fence'], value: 'DATA' },
    { file: 'services', path: [...path, 'far'], value: far },
  ];
}
