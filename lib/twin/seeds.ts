/** What each simulated array and cloud starts with, read off the map. */
import { sha256 } from '../canonical.ts';
import type { Config, Site } from '../config.ts';
import type { CloneGroupState } from './array/clones.ts';
import type { SeedLdev } from './array/ldevs.ts';
import { Mirror } from './array/mirror.ts';
import type { ArraySpec } from './array/parts.ts';
import { journalLdevId, type Side } from './array/views.ts';
import type { Scenario } from './scenario.ts';
import type { CloudSeed, SeedVolume } from './seams.ts';
import { labelOf, type TwinMap, type TwinService, twinCredentials, twinId } from './topology.ts';

export interface Plot {
  readonly config: Config;
  readonly scenario: Scenario;
  readonly map: TwinMap;
  /** When the write load began (ms); before the twin was first started. */
  readonly startedAt: number;
}

/** The mirror of one service, shared by both of its arrays. */
export function mirrorFor({ config, scenario, startedAt }: Plot, service: TwinService): Mirror {
  const { sizes, load, pace } = scenario;
  const arrayAt = (site: string) =>
    config.sites.find(({ id }) => id === site)?.array.storageDeviceId ?? '';
  const spec = {
    group: service.group,
    primary: arrayAt(service.from),
    secondary: arrayAt(service.to),
    muNumber: service.muNumber,
    consistencyGroupId: service.consistencyGroupId,
    masterJournalId: service.masterJournalId,
    restoreJournalId: service.restoreJournalId,
    capacityGiB: sizes.journalGiB,
    capacityRecords: Math.floor((sizes.journalGiB * 1024 * 1024) / load.recordKiB),
    transferMs: pace.transferMs,
    copyMs: pace.mirrorCopyMs,
    load: {
      seed: Number.parseInt(sha256(`${scenario.seed}:${service.group}`).slice(0, 8), 16),
      startedAt,
      perSecond: load.services[service.id] ?? load.recordsPerSecond,
      volumes: service.volumes.length,
    },
  };
  const pairs = service.volumes.map(({ index, pvol, svol }) => ({
    name: pairName(service.group, index),
    pvol,
    svol,
    volume: index,
  }));
  return new Mirror(spec, pairs);
}

/** The pair names of a group: `PAY01-01`, `PAY01-02`, … */
export function pairName(group: string, index: number): string {
  return `${group}-${String(index + 1).padStart(2, '0')}`;
}

export function arraySpecFor(
  plot: Plot,
  site: Site,
  mirrors: ReadonlyMap<string, Mirror>,
): ArraySpec {
  const { config, scenario, map } = plot;
  const halves: ArraySpec['mirrors'] = map.services.flatMap((service) => {
    const mirror = mirrors.get(service.group);
    if (mirror === undefined) return [];
    const side: Side = service.from === site.id ? 'primary' : 'secondary';
    return [service.from, service.to].includes(site.id) ? [{ mirror, side }] : [];
  });
  const { jobMs, quickCopyMs, resyncMs } = scenario.pace;
  const login = twinCredentials(config).arrays[site.id] ?? { user: '', password: '' };
  const journals = halves.map(({ mirror, side }) => ({
    ldevId: journalLdevId(mirror, side),
    label: `${mirror.spec.group}-JNL`,
    sizeGiB: mirror.spec.capacityGiB,
    attributes: ['CVS', 'HDP', 'JNL'],
    paired: false,
  }));
  return {
    site: site.id,
    storageDeviceId: site.array.storageDeviceId,
    model: 'VSP 5600',
    login,
    ldevs: [...journals, ...map.services.flatMap((service) => ldevsOf(service, site.id))],
    mirrors: halves,
    cloneGroups: map.services.filter(({ to }) => to === site.id).map((s) => clonesOf(s, plot)),
    jobMs,
    pace: { quickCopyMs, resyncMs },
  };
}

function ldevsOf(service: TwinService, site: string): SeedLdev[] {
  const paired = true;
  const own = ['CVS', 'HDP', 'HORC'];
  return service.volumes.flatMap((volume) => {
    const { sizeGiB, pvol, svol, copyLdev } = volume;
    const ldev = (ldevId: number, volumeId: string, attributes: readonly string[]) => ({
      ldevId,
      label: labelOf(volumeId),
      sizeGiB,
      attributes,
      paired,
    });
    if (service.from === site) return [ldev(pvol, volume.mainVolumeId, own)];
    if (service.to !== site) return [];
    return [
      ldev(svol, volume.drVolumeId, [...own, 'MRCF']),
      ldev(copyLdev, volume.copyVolumeId, ['CVS', 'HDP', 'MRCF']),
    ];
  });
}

function clonesOf(service: TwinService, { startedAt }: Plot): CloneGroupState {
  return {
    name: service.cloneGroup,
    source: service.group,
    muNumber: service.cloneMuNumber,
    consistencyGroupId: service.cloneConsistencyGroupId,
    splitting: null,
    pairs: service.volumes.map(({ index, svol, copyLdev }) => ({
      name: pairName(service.cloneGroup, index),
      pvol: svol,
      svol: copyLdev,
      volume: index,
      phase: 'PAIR',
      record: 0,
      drillWrites: 0,
      since: startedAt,
      copiedAt: startedAt,
    })),
  };
}

const PUBLIC_SEGMENT = 100;
const SERVICE_SEGMENT = 1001;
const DRILL_SEGMENT = 2001;

/** The cloud of a site: production at main, parked volumes and isolated drill networks at DR. */
export function cloudSeedFor({ config, map }: Plot, site: Site): CloudSeed {
  const login = twinCredentials(config).clouds[site.cloud];
  const flavors = new Set(
    config.services.flatMap(({ servers }) => servers.map(({ flavor }) => flavor)),
  );
  return {
    name: site.cloud,
    projectId: login?.projectId ?? '',
    userName: login?.userName ?? '',
    password: login?.password ?? '',
    volumes: map.services.flatMap((service) => volumesOf(service, site.id)),
    networks: [
      {
        id: twinId('network', `public.${site.cloud}`),
        name: 'public',
        cidr: '203.0.113.0/24',
        external: true,
        shared: true,
        segment: PUBLIC_SEGMENT,
      },
      ...map.services.flatMap((service, place) => {
        const nic = config.services[place]?.servers[0]?.nics[0];
        const cidr = `${nic?.ip.split('.').slice(0, 3).join('.') ?? '10.0.0'}.0/24`;
        const plain = { cidr, external: false, shared: false };
        const id = twinId('network', `${service.id}.${site.cloud}`);
        const own = { ...plain, id, name: service.id, segment: SERVICE_SEGMENT + place };
        const drill = { ...plain, id: service.network, name: `drill-${service.id}` };
        if (service.from === site.id) return [own];
        return service.to === site.id ? [{ ...drill, segment: DRILL_SEGMENT + place }] : [];
      }),
    ],
    flavors: [...flavors].sort().map((name) => flavorOf(name)),
  };
}

function volumesOf(service: TwinService, site: string): SeedVolume[] {
  return service.volumes.flatMap((volume) => {
    const { name, sizeGiB, bootable } = volume;
    const same = { sizeGiB, bootable };
    if (service.from === site) {
      const own = { id: volume.mainVolumeId, name, ldevId: volume.pvol, status: 'in-use' };
      return [{ ...same, ...own }];
    }
    if (service.to !== site) return [];
    const status = 'maintenance';
    return [
      { ...same, id: volume.drVolumeId, name: `${name}-dr`, ldevId: volume.svol, status },
      { ...same, id: volume.copyVolumeId, name: `${name}-drill`, ldevId: volume.copyLdev, status },
    ];
  });
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
