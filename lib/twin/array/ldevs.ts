/** LDEVs of one array with their labels and LU paths, and the host groups they are mapped to. */
import { TwinError } from '../errors.ts';
import { mix } from './load.ts';

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

export const ports = [PAIR_PORT, HOST_PORT].map((portId) => ({
  portId,
  portType: 'FIBRE',
  portAttributes: ['TAR', 'MCU', 'RCU', 'ELUN'],
  portSpeed: 'AUT',
  loopId: 'EF',
  fabricMode: true,
  portConnection: 'PtoP',
  lunSecuritySetting: true,
  wwn: `50060e8007${(mix(portId.length, portId.charCodeAt(2)) & 0xffffff).toString(16).padStart(6, '0')}`,
}));

export interface SeedLdev {
  readonly ldevId: number;
  readonly label: string;
  readonly sizeGiB: number;
  readonly attributes: readonly string[];
  /** Whether it is mapped to the pair host group. */
  readonly paired: boolean;
}

export function createLdevs(seed: readonly SeedLdev[]) {
  const pairGroup = { portId: PAIR_PORT, hostGroupNumber: 1, hostGroupName: PAIR_HOST_GROUP };
  let state: LdevState = { ldevs: [], hostGroups: [pairGroup] };
  seed.forEach(add);

  function add({ paired, ...rest }: SeedLdev): void {
    const ldev: Ldev = { ...rest, paths: [] };
    state.ldevs = [...state.ldevs, ldev].sort((a, b) => a.ldevId - b.ldevId);
    if (paired) map(ldev, pairGroup);
  }

  function find(ldevId: number): Ldev | undefined {
    return state.ldevs.find((ldev) => ldev.ldevId === ldevId);
  }

  function known(ldevId: number): Ldev {
    const ldev = find(ldevId);
    if (ldev === undefined) throw new TwinError('TW-LDEV-UNKNOWN', `LDEV ${ldevId} is not there.`);
    return ldev;
  }

  function map(ldev: Ldev, group: HostGroup): void {
    if (ldev.paths.some((path) => path.hostGroupName === group.hostGroupName)) return;
    const used = new Set(luns().filter((path) => sameGroup(path, group)).map(({ lun }) => lun));
    let lun = 0;
    while (used.has(lun)) lun += 1;
    ldev.paths = [...ldev.paths, { ...group, lun }];
  }

  function luns(): (LuPath & { readonly ldevId: number })[] {
    return state.ldevs.flatMap(({ ldevId, paths }) => paths.map((path) => ({ ...path, ldevId })));
  }

  function hostGroupOf(host: string): HostGroup {
    const name = `HBSD-${host}`;
    const existing = state.hostGroups.find(({ hostGroupName }) => hostGroupName === name);
    if (existing !== undefined) return existing;
    const numbers = state.hostGroups.map(({ hostGroupNumber }) => hostGroupNumber);
    const made = {
      portId: HOST_PORT,
      hostGroupNumber: Math.max(...numbers) + 1,
      hostGroupName: name,
    };
    state.hostGroups = [...state.hostGroups, made];
    return made;
  }

  return {
    add,
    find,
    luns,
    hostGroups: (): readonly HostGroup[] => state.hostGroups,
    all: (): readonly Ldev[] => state.ldevs,
    drop(ldevId: number): void {
      state.ldevs = state.ldevs.filter((ldev) => ldev.ldevId !== ldevId);
    },
    relabel(ldevId: number, label: string): void {
      known(ldevId).label = label;
    },
    addPath(ldevId: number, host: string): void {
      map(known(ldevId), hostGroupOf(host));
    },
    removePath(ldevId: number, host: string): void {
      const ldev = known(ldevId);
      ldev.paths = ldev.paths.filter((path) => path.hostGroupName !== `HBSD-${host}`);
    },
    hasForeignPath: (ldevId: number): boolean =>
      known(ldevId).paths.some((path) => path.hostGroupName !== PAIR_HOST_GROUP),
    snapshot: (): LdevState => state,
    restore(saved: LdevState): void {
      state = saved;
    },
  };
}

const sameGroup = (path: LuPath, group: HostGroup): boolean =>
  path.portId === group.portId && path.hostGroupNumber === group.hostGroupNumber;
