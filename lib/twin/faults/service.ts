/** Faults of one service, by name: what each does to its pairs and volumes, and takes back. */
import type { TwinArray } from '../array/array.ts';
import { clonesOf } from '../array/local/clones.ts';
import type { RemoteGroup } from '../array/remote/group.ts';
import * as remote from '../array/remote/strikes.ts';
import { TwinError } from '../errors.ts';
import type { Unit } from '../units.ts';
import { groupSwitches } from './groups.ts';
import type { Field } from './state.ts';
import { addVolume, dropVolume, moveVolume } from './volumes.ts';

interface Turn {
  readonly on: boolean;
  readonly now: number;
}

/** The service a fault strikes and where it lies. */
interface Hit extends Turn {
  readonly unit: Unit;
  readonly main: TwinArray;
  readonly dr: TwinArray;
  readonly group: RemoteGroup;
  readonly field: Field;
}

type ServiceFault =
  | 'copies-left-split'
  | 'copies-copying'
  | 'no-consistency-group'
  | 'pair-added'
  | 'pair-stuck'
  | 'partial-group'
  | 'ldev-swapped'
  | 'ldev-blocked'
  | 'host-path-left'
  | 'pvol-path-left'
  | 'volume-added'
  | 'taken-over'
  | 'partial-takeover'
  | 'replication-suspended'
  | 'resync-backwards'
  | 'journal-full'
  | 'backlog'
  | 'link-down';

const switches: Readonly<Record<ServiceFault, (hit: Hit) => void>> = {
  'copies-left-split': (hit) => {
    const { clones, name } = copiesOf(hit);
    if (hit.on) clones.faults.leaveSplit(name, hit.now);
    else clones.faults.resync(name, hit.now);
  },
  'copies-copying': (hit) => {
    const { clones, name } = copiesOf(hit);
    clones.faults.keepCopying(name, hit.on, hit.now);
  },
  'no-consistency-group': (hit) => {
    const { clones, name } = copiesOf(hit);
    const spec = hit.field.topology.clones.find((clone) => clone.name === name);
    clones.faults.setConsistencyGroup(name, hit.on ? null : (spec?.consistencyGroupId ?? null));
  },
  'pair-added': (hit) => (hit.on ? addPair(hit) : removePair(hit)),
  'pair-stuck': ({ group, on, now }) => remote.stick(group, on, now),
  'partial-group': ({ group, on, now }) => {
    if (on) remote.splitOne(group, now);
    else remote.mend(group, now);
  },
  'ldev-swapped': swapCopy,
  'ldev-blocked': ({ unit, dr, on }) => {
    const svol = dr.parts.ldevs.find(unit.pairs[0]?.svol ?? -1);
    if (svol !== undefined) svol.status = on ? 'BLK' : 'NML';
  },
  'host-path-left': (hit) => {
    const { copy } = firstCopy(hit);
    if (hit.on) hit.dr.port.addPath(copy, FORGOTTEN_HOST);
    else hit.dr.port.removePath(copy, FORGOTTEN_HOST);
  },
  'pvol-path-left': ({ unit, main, on }) => {
    const pvol = unit.pairs[0]?.pvol ?? -1;
    if (on) main.port.addPath(pvol, FORGOTTEN_HOST);
    else main.port.removePath(pvol, FORGOTTEN_HOST);
  },
  'volume-added': ({ unit, field, on }) => {
    const at = { arrayId: unit.from, ldevId: unit.pairs[0]?.pvol ?? -1 };
    const struck = [...field.clouds.values()].some(({ cloud }) => cloud.disk(at, on));
    if (on && !struck) throw nowhere(`No server has the first volume of ${unit.id}.`);
  },
  'taken-over': ({ group, on, now }) => {
    if (on) remote.takeOver(group, group.pairs, now);
    else remote.remake(group, now);
  },
  'partial-takeover': ({ group, on, now }) => {
    if (on) remote.takeOver(group, group.pairs.slice(0, 1), now);
    else remote.remake(group, now);
  },
  'replication-suspended': ({ group, on, now }) => {
    if (on) remote.fail(group, now);
    else remote.mend(group, now);
  },
  'resync-backwards': ({ group, on, now }) => {
    if (on) remote.writeBehind(group, now);
    else remote.mend(group, now);
  },
  'journal-full': (hit) => {
    needsJournal(hit);
    if (hit.on) remote.overflowed(hit.group, hit.now);
    else remote.mend(hit.group, hit.now);
  },
  backlog: (hit) => {
    needsJournal(hit);
    remote.hold(hit.group, { flow: 'restore', on: hit.on }, hit.now);
  },
  'link-down': (hit) => {
    needsJournal(hit);
    remote.hold(hit.group, { flow: 'transfer', on: hit.on }, hit.now);
  },
};

const FORGOTTEN_HOST = 'forgotten-host';

/** Throws TW-FAULT-NOWHERE when the service has no copies, journal or arrays for it. */
export function strikeService(field: Field, unit: Unit, fault: Turn & { name: string }): void {
  const { name, ...turn } = fault;
  const regroups = groupSwitches[name];
  if (regroups !== undefined) {
    if (regroups(field, unit, turn)) return;
    throw nowhere(`${unit.id} has nothing that ${name} could strike.`);
  }
  const does = Object.entries(switches).find(([known]) => known === name)?.[1];
  const main = field.arrays.get(unit.from);
  const dr = field.arrays.get(unit.to);
  const group = field.fabric.group(unit.group);
  if (does === undefined || main === undefined || dr === undefined || group === undefined) {
    throw nowhere(`${unit.id} has nothing that ${name} could strike.`);
  }
  does({ field, unit, main, dr, group, ...turn });
}

const nowhere = (what: string) => new TwinError('TW-FAULT-NOWHERE', what);

function copiesOf({ unit, dr }: Hit): {
  readonly clones: ReturnType<typeof clonesOf>;
  readonly name: string;
} {
  if (unit.cloneGroup === undefined) throw nowhere(`${unit.id} has no drill copies.`);
  return { clones: clonesOf(dr.parts), name: unit.cloneGroup };
}

function needsJournal({ unit, group }: Hit): void {
  if (group.state.type !== 'UR') throw nowhere(`${unit.id} replicates without a journal.`);
}

function firstCopy({ unit }: Hit): { readonly svol: number; readonly copy: number } {
  for (const { svol } of unit.pairs) {
    const copy = unit.copies.get(svol);
    if (copy !== undefined) return { svol, copy };
  }
  throw nowhere(`${unit.id} has no drill copies.`);
}

/** LDEVs that faults bring stand behind those of the service. */
const ADDED = 90;
const SWAPPED = 95;

/** Name of the pair and label of the volumes that were added. */
const addedName = (group: string): string => `${group.slice(0, 27)}-NEW`;

function addPair(hit: Hit): void {
  const { unit, main, dr, group, now } = hit;
  const [like] = unit.pairs;
  const name = addedName(unit.group);
  if (like === undefined || group.pairs.some((pair) => pair.name === name)) return;
  const pvol = addVolume(main.parts, { like: like.pvol, behind: ADDED, label: name });
  const svol = addVolume(dr.parts, { like: like.svol, behind: ADDED, label: name });
  remote.addPair(group, { name, pvol, svol });
  if (unit.cloneGroup === undefined) return;
  const { clones, name: cloneGroup } = copiesOf(hit);
  const { copy } = firstCopy(hit);
  const label = addedName(cloneGroup);
  const added = addVolume(dr.parts, { like: copy, behind: ADDED, label });
  clones.faults.addPair(cloneGroup, { name: label, pvol: svol, svol: added }, now);
}

function removePair(hit: Hit): void {
  const { unit, main, dr, group, now } = hit;
  const added = group.pairs.find(({ name }) => name === addedName(unit.group));
  if (added === undefined) return;
  if (unit.cloneGroup !== undefined) {
    const { clones, name } = copiesOf(hit);
    const copy = clones.pairs(name, now).find(({ pvolLdevId }) => pvolLdevId === added.svol);
    if (copy !== undefined) {
      clones.faults.removePair(name, copy.svolLdevId);
      dropVolume(dr.parts, copy.svolLdevId);
    }
  }
  remote.dropPair(group, added.name);
  dropVolume(main.parts, added.pvol);
  dropVolume(dr.parts, added.svol);
}

function swapCopy(hit: Hit): void {
  const { dr, on } = hit;
  const { clones, name } = copiesOf(hit);
  const { copy: usual } = firstCopy(hit);
  const [from, to] = on ? [usual, usual + SWAPPED] : [usual + SWAPPED, usual];
  if (!clones.pairs(name, hit.now).some(({ svolLdevId }) => svolLdevId === from)) return;
  if (on) addVolume(dr.parts, { like: usual, behind: SWAPPED, label: '' });
  clones.faults.moveSvol(name, from, to);
  moveVolume(dr.parts, from, to);
  if (!on) dropVolume(dr.parts, from);
}
