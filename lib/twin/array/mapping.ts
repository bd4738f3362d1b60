/** Host groups (iSCSI targets on iSCSI ports), who is in them, and the LU paths through them. */
import type { TopologyArray } from '../topology.ts';

export interface HostGroup {
  readonly portId: string;
  readonly hostGroupNumber: number;
  hostGroupName: string;
  hostMode: string;
  hostModeOptions: readonly number[];
  /** Name of the target itself; on iSCSI ports only. */
  iscsiName?: string;
  /** WWNs or iSCSI names of the hosts that see its LUs. */
  members: Member[];
  /** CHAP users of an iSCSI target. */
  chapUsers: string[];
  /** LDEV number by LUN. */
  luns: Record<number, number>;
}

export interface Member {
  readonly name: string;
  nickname: string;
}

interface LuPath {
  readonly portId: string;
  readonly hostGroupNumber: number;
  readonly hostGroupName: string;
  readonly lun: number;
}

/** Our own host group: it gives every paired volume the LU path that pairing asks for. */
export const PAIR_HOST_GROUP = 'DRILLBOOK-PAIR';
/** The driver's own host group of a compute host. */
export const hostGroupNameOf = (host: string): string => `HBSD-${host}`;
export const LAST_HOST_GROUP = 254;
const LAST_LUN = 2047;

export class Mapping {
  /** Told after a path of an LDEV has come or gone. */
  onPath: (ldevId: number) => void = () => undefined;
  #groups: HostGroup[] = [];
  /** Paths by LDEV; made from the groups. */
  readonly #byLdev = new Map<number, readonly LuPath[]>();

  constructor(spec: TopologyArray) {
    const own = spec.ports.map(({ portId }) => defaultGroup(portId));
    for (const group of [...own, ...spec.hostGroups]) {
      const iscsi = spec.ports.some(
        (one) => one.portId === group.portId && one.portType === 'ISCSI',
      );
      this.addGroup({ ...group, ...(iscsi ? { iscsiName: targetName(group) } : {}) });
    }
    const wishes = [
      ...spec.ldevs,
      ...spec.ranges.flatMap(({ firstLdevId, count, paths }) =>
        Array.from({ length: count }, (_, i) => ({ ldevId: firstLdevId + i, paths })),
      ),
    ];
    // A seed may map more LUs to one group than an array would: large topologies need one group.
    const next = new Map<HostGroup, number>();
    for (const { ldevId, paths } of wishes) {
      for (const { portId, hostGroupNumber } of paths) {
        const group = this.group(portId, hostGroupNumber);
        if (group === undefined) continue;
        const lun = next.get(group) ?? 0;
        next.set(group, lun + 1);
        this.map(group, lun, ldevId);
      }
    }
  }

  get groups(): readonly HostGroup[] {
    return this.#groups;
  }

  group(portId: string, hostGroupNumber: number): HostGroup | undefined {
    return this.#groups.find(
      (one) => one.portId === portId && one.hostGroupNumber === hostGroupNumber,
    );
  }

  named(portId: string, hostGroupName: string): HostGroup | undefined {
    return this.#groups.find((one) => one.portId === portId && one.hostGroupName === hostGroupName);
  }

  addGroup(
    wish: Pick<HostGroup, 'portId' | 'hostGroupNumber' | 'hostGroupName'> & Partial<HostGroup>,
  ): HostGroup {
    const group: HostGroup = {
      hostMode: 'LINUX/IRIX',
      hostModeOptions: [],
      members: [],
      chapUsers: [],
      luns: {},
      ...wish,
    };
    this.#groups.push(group);
    return group;
  }

  /** Drops an emptied or a whole group, with the paths through it. */
  dropGroup(group: HostGroup): void {
    for (const lun of Object.keys(group.luns)) this.unmap(group, Number(lun));
    this.#groups = this.#groups.filter((one) => one !== group);
  }

  /** The lowest free number on a port; 0 is the port's own group. */
  freeNumber(portId: string): number | undefined {
    const used = new Set(
      this.#groups.filter((one) => one.portId === portId).map((one) => one.hostGroupNumber),
    );
    for (let number = 1; number <= LAST_HOST_GROUP; number++) if (!used.has(number)) return number;
    return undefined;
  }

  /** The lowest free LUN of a host group, from a number on. */
  freeLun({ luns }: HostGroup, from = 0): number | undefined {
    for (let lun = from; lun <= LAST_LUN; lun++) if (luns[lun] === undefined) return lun;
    return undefined;
  }

  pathsOf(ldevId: number): readonly LuPath[] {
    return this.#byLdev.get(ldevId) ?? [];
  }

  /** Whether anything but the pair path leads to an LDEV. */
  hasForeignPath(ldevId: number): boolean {
    return this.pathsOf(ldevId).some(({ hostGroupName }) => hostGroupName !== PAIR_HOST_GROUP);
  }

  /** Whether a compute host sees an LDEV. */
  leadsFrom(host: string, ldevId: number): boolean {
    return this.pathsOf(ldevId).some(
      ({ hostGroupName }) => hostGroupName === hostGroupNameOf(host),
    );
  }

  map(group: HostGroup, lun: number, ldevId: number): void {
    group.luns[lun] = ldevId;
    this.#note(group, lun, ldevId);
    this.onPath(ldevId);
  }

  unmap(group: HostGroup, lun: number): void {
    const ldevId = group.luns[lun];
    if (ldevId === undefined) return;
    delete group.luns[lun];
    const left = this.pathsOf(ldevId).filter((path) => path.lun !== lun || !leadsBy(path, group));
    this.#byLdev.set(ldevId, left);
    this.onPath(ldevId);
  }

  snapshot(): HostGroup[] {
    return this.#groups;
  }

  restore(saved: HostGroup[]): void {
    this.#groups = saved;
    this.#byLdev.clear();
    for (const group of saved) {
      for (const [lun, ldevId] of Object.entries(group.luns)) {
        this.#note(group, Number(lun), ldevId);
      }
    }
  }

  #note({ portId, hostGroupNumber, hostGroupName }: HostGroup, lun: number, ldevId: number): void {
    const paths = [...this.pathsOf(ldevId), { portId, hostGroupNumber, hostGroupName, lun }];
    // In one order whoever was first, so that a restart does not change it.
    paths.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    this.#byLdev.set(ldevId, paths);
  }
}

/** Every port has a group 0 of its own. */
function defaultGroup(portId: string) {
  return { portId, hostGroupNumber: 0, hostGroupName: `${portId.slice(2).replace('-', '')}-G00` };
}

/** The name of an iSCSI target that was given none. */
export function targetName(group: Pick<HostGroup, 'portId' | 'hostGroupNumber'>): string {
  const place = `${group.portId}.${group.hostGroupNumber}`.toLowerCase();
  return `iqn.1994-04.jp.co.hitachi:rsd.r90.t.${place}`;
}

const placeOf = ({ portId, hostGroupNumber }: LuPath): string =>
  `${portId},${String(hostGroupNumber).padStart(3, '0')}`;

const leadsBy = (path: LuPath, group: HostGroup): boolean =>
  path.portId === group.portId && path.hostGroupNumber === group.hostGroupNumber;
