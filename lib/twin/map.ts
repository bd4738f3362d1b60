/**
 * Where everything of a configuration lies in the twin: which LDEV holds which volume, which DR
 * volume is its twin, which one its drill copy. A pure function, so that whoever writes a gateway's
 * folder and the twin itself agree without talking to each other.
 */
import { sha256 } from '../canonical.ts';
import type { Config, Service } from '../config.ts';
import type { Scenario } from './scenario.ts';
import { PROJECT_NAME } from './seams.ts';

export interface TwinVolume {
  /** Place in the service, from 0. */
  readonly index: number;
  readonly server: string;
  readonly name: string;
  readonly sizeGiB: number;
  readonly bootable: boolean;
  readonly mainVolumeId: string;
  readonly pvol: number;
  readonly svol: number;
  /** The parked DR volume whose LDEV is the S-VOL; where DR has none, the volume at main. */
  readonly drVolumeId: string;
  readonly copyLdev: number;
  /** The parked DR volume whose LDEV is the drill copy. */
  readonly copyVolumeId: string;
  /** At the third centre, if there is one. */
  readonly farLdev: number;
  readonly farVolumeId: string;
  /** Nobody replicates it yet: what is said here of DR, of copies and of the third centre is not there. */
  readonly bare: boolean;
}

export interface TwinService {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The third centre. */
  readonly far?: string | undefined;
  readonly group: string;
  readonly cloneGroup: string;
  readonly network: string;
  readonly muNumber: number;
  readonly consistencyGroupId: number;
  readonly masterJournalId: number;
  readonly restoreJournalId: number;
  readonly farJournalId: number;
  readonly cloneMuNumber: number;
  readonly cloneConsistencyGroupId: number;
  readonly volumes: readonly TwinVolume[];
}

export interface TwinMap {
  readonly services: readonly TwinService[];
}

/** Number of the first LDEV of a service by role, and how far services lie apart. */
const FIRST_PVOL = 1000;
const FIRST_SVOL = 2000;
const FIRST_COPY = 3000;
const FIRST_FAR = 4000;
const LDEVS_PER_SERVICE = 100;

export function twinMap(config: Config, scenario: Scenario): TwinMap {
  return { services: config.services.map((service, place) => mapOf(service, place, scenario)) };
}

function mapOf(service: Service, place: number, scenario: Scenario): TwinService {
  const offset = place * LDEVS_PER_SERVICE;
  const disks = service.servers.flatMap((server) =>
    server.volumes.map((id, device) => ({ id, server: server.name, device })),
  );
  return {
    id: service.id,
    from: service.replication.from,
    to: service.replication.to,
    far: service.replication.far?.site,
    group: service.replication.group,
    cloneGroup: service.drill.group,
    network: service.drill.network,
    muNumber: 1,
    consistencyGroupId: 10 + place,
    masterJournalId: 10 + place,
    restoreJournalId: 50 + place,
    farJournalId: 90 + place,
    cloneMuNumber: 0,
    cloneConsistencyGroupId: 100 + place,
    volumes: disks.map(({ id, server, device }, index) => ({
      index,
      server,
      name: `${server}-${device === 0 ? 'boot' : `data${device}`}`,
      sizeGiB: device === 0 ? scenario.sizes.bootGiB : scenario.sizes.dataGiB,
      bootable: device === 0,
      mainVolumeId: id,
      pvol: FIRST_PVOL + offset + index,
      svol: FIRST_SVOL + offset + index,
      // Whoever makes pairs without the DR Cinder labels the S-VOL as its P-VOL.
      drVolumeId: rowless(service) ? id : twinId('s-vol', id),
      copyLdev: FIRST_COPY + offset + index,
      copyVolumeId: twinId('copy', id),
      farLdev: FIRST_FAR + offset + index,
      farVolumeId: twinId('far', id),
      bare: scenario.unprotected.includes(id),
    })),
  };
}

/** The volumes that are replicated. */
export const pairedOf = ({ volumes }: TwinService): TwinVolume[] =>
  volumes.filter(({ bare }) => !bare);

/** The DR Cinder knows nothing of its volumes. */
const rowless = ({ atDr = 'twin' }: Service): boolean => atDr !== 'twin';

/** A UUID that depends on nothing but a role and a name. */
export function twinId(role: string, name: string): string {
  const hex = sha256(`twin:${role}:${name}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** The label of an LDEV that a Cinder owns: the volume id without dashes. */
export const labelOf = (volumeId: string): string => volumeId.replaceAll('-', '');

/** What the DR gateway may touch in a drill of these services (of all if none are named). */
export function drillableOf(map: TwinMap, serviceIds?: readonly string[]) {
  const chosen = map.services.filter(({ id }) => serviceIds?.includes(id) ?? true);
  const volumes = chosen.flatMap(pairedOf);
  return {
    copyGroups: chosen.map(({ cloneGroup }) => cloneGroup),
    ldevs: volumes.map(({ copyLdev }) => copyLdev),
    volumes: volumes.map(({ copyVolumeId }) => copyVolumeId),
    networks: chosen.map(({ network }) => network),
  };
}

interface Login {
  readonly user: string;
  readonly password: string;
}

export interface TwinCredentials {
  /** By site id. */
  readonly arrays: Readonly<Record<string, Login>>;
  /** By site id: who may do remote copy and nothing else; sessions of it are lent to the peer. */
  readonly lent: Readonly<Record<string, Login>>;
  /** By cloud name. */
  readonly clouds: Readonly<
    Record<
      string,
      {
        readonly userName: string;
        readonly password: string;
        readonly projectId: string;
        readonly projectName: string;
      }
    >
  >;
}

/** Log-ins of the simulated arrays and clouds. They protect nothing, so they may be derived. */
export function twinCredentials(config: Config): TwinCredentials {
  const secret = (name: string) => sha256(`twin:password:${name}`).slice(0, 20);
  return {
    arrays: Object.fromEntries(
      config.sites.map(({ id }) => [id, { user: 'drillbook', password: secret(`array.${id}`) }]),
    ),
    lent: Object.fromEntries(
      config.sites.map(({ id }) => [
        id,
        { user: 'drillbook-lent', password: secret(`lent.${id}`) },
      ]),
    ),
    clouds: Object.fromEntries(
      config.sites.map(({ cloud }) => [
        cloud,
        {
          userName: 'drillbook',
          password: secret(`cloud.${cloud}`),
          projectName: PROJECT_NAME,
          projectId: twinId('project', cloud).replaceAll('-', ''),
        },
      ]),
    ),
  };
}
