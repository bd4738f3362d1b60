/**
 * Where the halves of the twin touch: a simulated cloud drives LU paths on the simulated array of
 * its site, and a simulated server shows what its volumes hold.
 */

/** What a volume holds, by the data oracle. */
export interface Contents {
  /** Number of the last record of the write load on this LDEV; 0 = none. */
  readonly record: number;
  /**
   * Number of the last heartbeat. A heartbeat is written to all volumes of a copy group at one
   * instant, so a copy taken at one instant shows the same number on all of them.
   */
  readonly heartbeat: number;
  /** Writes made by drill servers since the copy was split; gone after a resync. */
  readonly drillWrites: number;
}

/** The array as a cloud sees it: what an attach, a detach and a running guest do to an LDEV. */
export interface ArrayPort {
  addPath(ldevId: number, host: string): void;
  removePath(ldevId: number, host: string): void;
  /** Throws when the LDEV is not writable by hosts (an S-VOL in PAIR …). */
  write(ldevId: number): void;
  contents(ldevId: number): Contents;
}

export interface SeedVolume {
  readonly id: string;
  readonly name: string;
  readonly sizeGiB: number;
  readonly ldevId: number;
  /** `available`, `in-use` at main, `maintenance` for parked DR volumes. */
  readonly status: string;
  readonly bootable: boolean;
}

/** Name of the project `projectId` in every simulated cloud, as `clouds.yaml` says it. */
export const PROJECT_NAME = 'drillbook';

/** What a simulated cloud starts with. */
export interface CloudSeed {
  readonly name: string;
  readonly projectId: string;
  readonly userName: string;
  readonly password: string;
  readonly volumes: readonly SeedVolume[];
  readonly networks: readonly {
    readonly id: string;
    readonly name: string;
    readonly cidr: string;
    readonly external: boolean;
    readonly shared: boolean;
    readonly segment: number;
  }[];
  readonly flavors: readonly {
    readonly id: string;
    readonly name: string;
    readonly vcpus: number;
    readonly ramMiB: number;
  }[];
}

/** One accepted change, in the order the twin saw it: what "at most once" is proved with. */
export interface Effect {
  readonly at: number;
  readonly site: string;
  readonly target: 'array' | 'cinder' | 'nova' | 'neutron';
  readonly method: string;
  readonly path: string;
  readonly bodyHash: string;
}
