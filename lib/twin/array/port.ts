/** The array as the cloud of its site uses it: Cinder's driver, attaches, guests that write. */
import type { Clock } from '../../clock.ts';
import { TwinError } from '../errors.ts';
import type { ArrayPort, LdevFacts, OtherHalf } from '../seams.ts';
import { beatsOf, contentsOf } from './data/contents.ts';
import { cut, HOST } from './data/history.ts';
import type { Writers } from './data/writers.ts';
import { BLOCKS_PER_GIB, type Ldev } from './ldevs.ts';
import { type HostGroup, hostGroupNameOf } from './mapping.ts';
import { attributesOf } from './objects/ldev-view.ts';
import { historyOf, type Parts } from './parts.ts';

interface PortDeps {
  readonly clock: Clock;
  readonly writers: Writers;
  settle(now: number): void;
}

/** The port of one array. Its changes are part of the cloud's change and are saved with it. */
export function createArrayPort(parts: Parts, { clock, writers, settle }: PortDeps): ArrayPort {
  const settled = () => {
    const now = clock.now();
    settle(now);
    return now;
  };
  return {
    addPath: (ldevId, host) => addPath(parts, known(parts, ldevId), host),
    removePath: (ldevId, host) => removePath(parts, known(parts, ldevId), host),
    write: (ldevId, host) => write(parts, { ldevId, host }, settled()),
    contents(ldevId) {
      const now = settled();
      return contentsOf(historyOf(parts, ldevId, now), writers, now);
    },
    beats(ldevId) {
      const now = settled();
      return beatsOf(historyOf(parts, ldevId, now), writers, now);
    },
    create: ({ sizeGiB, label }) => create(parts, sizeGiB, label).ldevId,
    copy(ldevId, { sizeGiB, label }) {
      const now = settled();
      const held = historyOf(parts, known(parts, ldevId).ldevId, now);
      const made = create(parts, sizeGiB, label);
      parts.histories.set(made.ldevId, cut(held, now));
      return made.ldevId;
    },
    expand(ldevId, sizeGiB) {
      settled();
      unbound(parts, known(parts, ldevId)).blocks = sizeGiB * BLOCKS_PER_GIB;
    },
    remove(ldevId) {
      settled();
      const ldev = unbound(parts, known(parts, ldevId));
      if (parts.mapping.pathsOf(ldevId).length > 0) throw refused(ldevId, 'has LU paths');
      parts.ldevs.drop(ldev.ldevId);
      parts.histories.delete(ldevId);
    },
    relabel(ldevId, label) {
      known(parts, ldevId).label = label;
    },
    facts: (ldevId) => {
      settled();
      return factsOf(parts, parts.ldevs.find(ldevId));
    },
    labelled(label) {
      settled();
      for (const ldev of parts.ldevs.from(0)) if (ldev.label === label) return factsOf(parts, ldev);
      return undefined;
    },
    use: (ldevId, guest) => parts.guests.use(ldevId, guest, settled()),
    otherHalf: (ldevId) => otherHalf(parts, ldevId, settled),
    serves: () => !parts.faults.has('array-dead'),
    answers: () => within(parts.faults),
    errs: () => ERRING.some((name) => parts.faults.has(name)),
  };
}

const ERRING = ['array-busy', 'error-empty', 'error-html', 'error-bare'] as const;

function otherHalf({ rooms }: Parts, ldevId: number, settled: () => void): OtherHalf | undefined {
  settled();
  return rooms.flatMap((room) => room.otherHalf?.(ldevId) ?? [])[0];
}

/** Whether the REST server answers in its own site: a path of data may be well when this is not. */
const within = (faults: ReadonlySet<string>): boolean =>
  !faults.has('array-dead') && !faults.has('management-cut');

/** Whether it answers those who are elsewhere. */
export const answers = (faults: ReadonlySet<string>): boolean =>
  within(faults) && !faults.has('site-cut');

function known({ ldevs }: Parts, ldevId: number): Ldev {
  const ldev = ldevs.find(ldevId);
  if (ldev === undefined) throw new TwinError('TW-LDEV-UNKNOWN', `LDEV ${ldevId} is not there.`);
  return ldev;
}

const refused = (ldevId: number, why: string) =>
  new TwinError('TW-LDEV-BOUND', `LDEV ${ldevId} ${why}.`);

function unbound({ rooms }: Parts, ldev: Ldev): Ldev {
  for (const room of rooms) {
    const why = room.bound(ldev.ldevId);
    if (why !== undefined) throw refused(ldev.ldevId, `is bound: ${why}`);
  }
  return ldev;
}

/** The driver takes the lowest free LDEV number there is. */
function create({ ldevs }: Parts, sizeGiB: number, label: string): Ldev {
  const ldevId = ldevs.free();
  if (ldevId === undefined) throw new TwinError('TW-LDEV-BOUND', 'No LDEV number is free.');
  return ldevs.add({ ldevId, label, blocks: sizeGiB * BLOCKS_PER_GIB });
}

function addPath({ mapping, spec }: Parts, { ldevId }: Ldev, host: string): void {
  const group = hostGroupOf({ mapping, spec }, host);
  if (mapping.pathsOf(ldevId).some(({ hostGroupName }) => hostGroupName === group.hostGroupName)) {
    return;
  }
  const lun = mapping.freeLun(group);
  if (lun === undefined) throw refused(ldevId, `finds no free LUN in ${group.hostGroupName}`);
  mapping.map(group, lun, ldevId);
}

function removePath({ mapping }: Parts, { ldevId }: Ldev, host: string): void {
  for (const { portId, hostGroupNumber, hostGroupName, lun } of mapping.pathsOf(ldevId)) {
    const group = mapping.group(portId, hostGroupNumber);
    if (hostGroupName === hostGroupNameOf(host) && group !== undefined) mapping.unmap(group, lun);
  }
}

/** The driver's own host group of a compute host, on the last port: made when it is not there. */
function hostGroupOf({ mapping, spec }: Pick<Parts, 'mapping' | 'spec'>, host: string): HostGroup {
  const portId = spec.ports.at(-1)?.portId ?? 'CL1-A';
  const hostGroupName = hostGroupNameOf(host);
  const existing = mapping.named(portId, hostGroupName);
  if (existing !== undefined) return existing;
  const hostGroupNumber = mapping.freeNumber(portId) ?? 0;
  return mapping.addGroup({ portId, hostGroupNumber, hostGroupName });
}

const shut = (ldevId: number, why: string) =>
  new TwinError('TW-NOT-WRITABLE', `LDEV ${ldevId} cannot be written: ${why}.`);

interface HostWrite {
  readonly ldevId: number;
  readonly host: string | undefined;
}

function write(parts: Parts, { ldevId, host }: HostWrite, now: number): void {
  if (known(parts, ldevId).status === 'BLK') throw shut(ldevId, 'it is blocked');
  if (parts.faults.has('array-dead')) throw shut(ldevId, 'the array is dead');
  if (host !== undefined && !parts.guests.reaches(ldevId, host)) {
    throw shut(ldevId, `no path leads there from ${host}`);
  }
  for (const room of parts.rooms) {
    const why = room.shut(ldevId, now);
    if (why !== undefined) throw shut(ldevId, why);
  }
  const own = parts.histories.get(ldevId) ?? [];
  // Writes of guests whose load is simulated are that load, and are not counted twice.
  if (own.some(({ until }) => until === null)) return;
  parts.histories.set(ldevId, [...own, { writer: HOST, since: now - 1, until: now }]);
}

function factsOf(parts: Parts, ldev: Ldev | undefined): LdevFacts | undefined {
  if (ldev === undefined) return undefined;
  return {
    ldevId: ldev.ldevId,
    label: ldev.label,
    blockCapacity: ldev.blocks,
    status: ldev.status,
    emulationType: 'OPEN-V-CVS',
    attributes: attributesOf(parts, ldev),
    numOfPorts: parts.mapping.pathsOf(ldev.ldevId).length,
  };
}
