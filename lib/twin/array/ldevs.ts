/** LDEVs of one array with their labels and LU paths, and the host groups they are mapped to. */
import { TwinError } from '../errors.ts';

export interface LuPath {
  readonly portId: string;
  readonly hostGroupNumber: number;
  readonly hostGroupName: string;
  readonly lun: number;
}

export interface Ldev {
  readonly ldevId: number;
  label: string;
  readonly sizeGiB: number;
  readonly attributes: readonly string[];
  paths: LuPath[];
}

export interface HostGroup {
  readonly portId: string;
  readonly hostGroupNumber: number;
  readonly hostGroupName: string;
}

export interface LdevState {
  ldevs: Ldev[];
  hostGroups: HostGroup[];
}

/** Our own host group: it gives every paired volume the LU path that pairing asks for. */
export const PAIR_HOST_GROUP = 'DRILLBOOK-PAIR';
export const PAIR_PORT = 'CL1-A';
const HOST_PORT = 'CL3-A';

export const ports = [
  { portId: PAIR_PORT, wwn: '50060e8007c35e00' },
  { portId: HOST_PORT, wwn: '50060e8007c35e20' },
].map((port) => ({
  ...port,
  portType: 'FIBRE',
  portAttributes: ['TAR', 'MCU', 'RCU', 'ELUN'],
  portSpeed: 'AUT',
  loopId: 'EF',
  fabricMode: true,
  portConnection: 'PtoP',
  lunSecuritySetting: true,
}));

export interface SeedLdev {
  readonly ldevId: number;
  readonly label: string;
  readonly sizeGiB: number;
  readonly attributes: readonly string[];
  /** Whether it is mapped to the pair host group. */
  readonly paired: boolean;
}

const pairGroup: HostGroup = {
  portId: PAIR_PORT,
  hostGroupNumber: 1,
  hostGroupName: PAIR_HOST_GROUP,
};

export class Ldevs {
  #state: LdevState = { ldevs: [], hostGroups: [pairGroup] };

  constructor(seed: readonly SeedLdev[]) {
    for (const ldev of seed) this.add(ldev);
  }

  get all(): readonly Ldev[] {
    return this.#state.ldevs;
  }

  get hostGroups(): readonly HostGroup[] {
    return this.#state.hostGroups;
  }

  add({ paired, ...rest }: SeedLdev): void {
    const ldev: Ldev = { ...rest, paths: [] };
    this.#state.ldevs = [...this.#state.ldevs, ldev].sort((a, b) => a.ldevId - b.ldevId);
    if (paired) this.#map(ldev, pairGroup);
  }

  drop(ldevId: number): void {
    this.#state.ldevs = this.#state.ldevs.filter((ldev) => ldev.ldevId !== ldevId);
  }

  find(ldevId: number): Ldev | undefined {
    return this.#state.ldevs.find((ldev) => ldev.ldevId === ldevId);
  }

  relabel(ldevId: number, label: string): void {
    this.#known(ldevId).label = label;
  }

  /** All LU paths of the array with the LDEV each leads to. */
  luns(): (LuPath & { readonly ldevId: number })[] {
    return this.#state.ldevs.flatMap(({ ldevId, paths }) =>
      paths.map((path) => ({ ...path, ldevId })),
    );
  }

  /** What Cinder does on attach: maps the LDEV to the host group of one compute host. */
  addPath(ldevId: number, host: string): void {
    this.#map(this.#known(ldevId), this.#hostGroupOf(host));
  }

  removePath(ldevId: number, host: string): void {
    const ldev = this.#known(ldevId);
    ldev.paths = ldev.paths.filter((path) => path.hostGroupName !== `HBSD-${host}`);
  }

  /** Whether anything but the pair path leads to an LDEV. */
  hasForeignPath(ldevId: number): boolean {
    const { paths } = this.#known(ldevId);
    return paths.some((path) => path.hostGroupName !== PAIR_HOST_GROUP);
  }

  snapshot(): LdevState {
    return this.#state;
  }

  restore(saved: LdevState): void {
    this.#state = saved;
  }

  #known(ldevId: number): Ldev {
    const ldev = this.find(ldevId);
    if (ldev === undefined) throw new TwinError('TW-LDEV-UNKNOWN', `LDEV ${ldevId} is not there.`);
    return ldev;
  }

  #map(ldev: Ldev, group: HostGroup): void {
    if (ldev.paths.some((path) => path.hostGroupName === group.hostGroupName)) return;
    const used = new Set(
      this.luns()
        .filter((path) => sameGroup(path, group))
        .map(({ lun }) => lun),
    );
    let lun = 0;
    while (used.has(lun)) lun += 1;
    ldev.paths = [...ldev.paths, { ...group, lun }];
  }

  #hostGroupOf(host: string): HostGroup {
    const hostGroupName = `HBSD-${host}`;
    const { hostGroups } = this.#state;
    const existing = hostGroups.find((group) => group.hostGroupName === hostGroupName);
    if (existing !== undefined) return existing;
    const hostGroupNumber = Math.max(...hostGroups.map((group) => group.hostGroupNumber)) + 1;
    const made = { portId: HOST_PORT, hostGroupNumber, hostGroupName };
    this.#state.hostGroups = [...hostGroups, made];
    return made;
  }
}

const sameGroup = (path: LuPath, group: HostGroup): boolean =>
  path.portId === group.portId && path.hostGroupNumber === group.hostGroupNumber;
