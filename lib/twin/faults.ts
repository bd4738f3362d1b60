/** Faults of one service, by name: what each does to the arrays when switched on, and off again. */
import type { TwinArray } from './array/array.ts';
import { type CloneGroupState, resyncClones } from './array/clones.ts';
import type { Mirror } from './array/mirror.ts';
import { mirrorOf } from './array/parts.ts';
import { TwinError } from './errors.ts';
import type { ServiceFault } from './scenario.ts';
import { pairName } from './seeds.ts';
import type { TwinService } from './topology.ts';

/** The service a fault strikes and where it lies. */
export interface Struck {
  readonly service: TwinService;
  readonly main: TwinArray;
  readonly dr: TwinArray;
  readonly now: number;
}

interface Switch {
  on(struck: Struck): void;
  off(struck: Struck): void;
}

export const serviceSwitches: Readonly<Record<ServiceFault, Switch>> = {
  'copies-left-split': { on: leaveSplit, off: resyncLeft },
  'pair-added': { on: addPair, off: removePair },
  'ldev-swapped': { on: swapCopy, off: swapCopyBack },
  'replication-suspended': {
    on: (struck) => mirrorAt(struck).fail(struck.now),
    off: (struck) => mirrorAt(struck).resume(struck.now),
  },
  backlog: {
    on: (struck) => mirrorAt(struck).hold('restore', struck.now),
    off: (struck) => mirrorAt(struck).release('restore', struck.now),
  },
  'link-down': {
    on: (struck) => mirrorAt(struck).hold('transfer', struck.now),
    off: (struck) => mirrorAt(struck).release('transfer', struck.now),
  },
  'no-consistency-group': {
    on: (struck) => {
      clonesAt(struck).consistencyGroupId = null;
    },
    off: (struck) => {
      clonesAt(struck).consistencyGroupId = struck.service.cloneConsistencyGroupId;
    },
  },
};

function mirrorAt({ dr, service }: Struck): Mirror {
  return mirrorOf(dr.parts, service.group).mirror;
}

function clonesAt({ dr, service }: Struck): CloneGroupState {
  const group = dr.parts.clones.find(({ name }) => name === service.cloneGroup);
  if (group === undefined) throw new TwinError('TW-NAME-UNKNOWN', `No ${service.cloneGroup}.`);
  return group;
}

/** As somebody's drill of yesterday would have left them: written to, and copied to the end. */
function leaveSplit(struck: Struck): void {
  const group = clonesAt(struck);
  const record = mirrorAt(struck).restored(struck.now);
  const left = { phase: 'PSUS', record, drillWrites: 1, since: struck.now } as const;
  group.pairs = group.pairs.map((pair) => ({ ...pair, ...left, copiedAt: struck.now }));
}

function resyncLeft(struck: Struck): void {
  resyncClones(clonesAt(struck), struck.now, struck.dr.parts.spec.pace);
}

/** LDEVs that faults bring stand behind those of the service. */
const ADDED = 90;
const SWAPPED = 95;

function addPair(struck: Struck): void {
  const { service, main, dr, now } = struck;
  const last = service.volumes.at(-1);
  const first = service.volumes[0];
  const mirror = mirrorAt(struck);
  if (first === undefined || last === undefined || addedPair(struck) !== undefined) return;
  const [pvol, svol, copy] = [first.pvol + ADDED, first.svol + ADDED, first.copyLdev + ADDED];
  const like = { sizeGiB: last.sizeGiB, attributes: ['CVS', 'HDP', 'HORC'], paired: true };
  main.parts.ldevs.add({ ...like, ldevId: pvol, label: `${service.group}-NEW` });
  dr.parts.ldevs.add({ ...like, ldevId: svol, label: `${service.group}-NEW` });
  dr.parts.ldevs.add({ ...like, ldevId: copy, label: `${service.cloneGroup}-NEW` });
  const volume = mirror.pairs.length;
  const name = pairName(service.group, volume);
  mirror.setPairs([...mirror.pairs, { name, pvol, svol, volume }]);
  const group = clonesAt(struck);
  const pair = { name: pairName(service.cloneGroup, volume), pvol: svol, svol: copy, volume };
  const fresh = { phase: 'PAIR', record: 0, drillWrites: 0, since: now, copiedAt: now } as const;
  group.pairs = [...group.pairs, { ...pair, ...fresh }];
}

function addedPair(struck: Struck) {
  const pvol = (struck.service.volumes[0]?.pvol ?? 0) + ADDED;
  return mirrorAt(struck).pairs.find((pair) => pair.pvol === pvol);
}

function removePair(struck: Struck): void {
  const { main, dr } = struck;
  const added = addedPair(struck);
  if (added === undefined) return;
  const mirror = mirrorAt(struck);
  mirror.setPairs(mirror.pairs.filter((pair) => pair !== added));
  const group = clonesAt(struck);
  const copy = group.pairs.find(({ pvol }) => pvol === added.svol);
  group.pairs = group.pairs.filter((pair) => pair !== copy);
  main.parts.ldevs.drop(added.pvol);
  dr.parts.ldevs.drop(added.svol);
  if (copy !== undefined) dr.parts.ldevs.drop(copy.svol);
}

function swapCopy(struck: Struck): void {
  const { service, dr } = struck;
  const from = service.volumes[0]?.copyLdev ?? 0;
  const old = dr.parts.ldevs.find(from);
  const to = from + SWAPPED;
  if (old === undefined || dr.parts.ldevs.find(to) !== undefined) return;
  const { sizeGiB, attributes, label } = old;
  dr.parts.ldevs.add({ ldevId: to, label, sizeGiB, attributes, paired: true });
  dr.parts.ldevs.relabel(from, '');
  moveCopy(struck, from, to);
}

function swapCopyBack(struck: Struck): void {
  const { service, dr } = struck;
  const from = service.volumes[0]?.copyLdev ?? 0;
  const swapped = dr.parts.ldevs.find(from + SWAPPED);
  if (swapped === undefined) return;
  dr.parts.ldevs.relabel(from, swapped.label);
  dr.parts.ldevs.drop(swapped.ldevId);
  moveCopy(struck, swapped.ldevId, from);
}

function moveCopy(struck: Struck, from: number, to: number): void {
  const group = clonesAt(struck);
  group.pairs = group.pairs.map((pair) => (pair.svol === from ? { ...pair, svol: to } : pair));
}
