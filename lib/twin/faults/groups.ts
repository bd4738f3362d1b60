/** Faults that change which pairs a copy group has: made by people who know nothing of the service. */
import { freshJournal } from '../array/remote/devices.ts';
import type { RemoteGroup } from '../array/remote/group.ts';
import { operate } from '../array/remote/operate.ts';
import { groupsOf } from '../array/remote/seed.ts';
import { freshPair } from '../array/remote/state.ts';
import { addPair, dropPair } from '../array/remote/strikes.ts';
import type { Unit } from '../units.ts';
import type { Field } from './state.ts';
import { addVolume, dropVolume } from './volumes.ts';

interface Turn {
  readonly on: boolean;
  readonly now: number;
}

type Switch = (field: Field, unit: Unit, turn: Turn) => boolean;

/** Each says whether there was anything to strike. */
export const groupSwitches: Readonly<Record<string, Switch>> = {
  'pairs-deleted': (field, unit, turn) => {
    if (turn.on) dissolve(field.fabric.group(unit.group), turn.now);
    else remake(field, unit, turn.now);
    return true;
  },
  'group-shared': (field, unit, { on }) => {
    const other = neighbourOf(field, unit);
    const pair = other?.pairs.at(-1);
    if (other === undefined || pair === undefined) return false;
    const [from, to] = on ? [other.group, unit.group] : [unit.group, other.group];
    movePairs(field, { from, to }, [pair.name]);
    return true;
  },
  'second-group': (field, unit, { on, now }) =>
    on ? divide(field, unit, now) : reunite(field, unit),
};

const secondOf = ({ group }: Unit): string => `${group}-B`;
/** Journals and consistency groups that faults bring are numbered behind those of the service. */
const BEHIND = 100;

/** The later half of its pairs get a copy group, journals and a consistency group of their own. */
function divide(field: Field, unit: Unit, now: number): boolean {
  const group = field.fabric.group(unit.group);
  const later = group?.pairs.slice(Math.ceil(group.pairs.length / 2)) ?? [];
  if (group === undefined || later.length === 0 || group.state.type !== 'UR') return false;
  const { state } = group;
  const name = secondOf(unit);
  const journals = Object.entries(state.journals).map(([array, like]) => {
    return [array, addJournal(field, { array, like, label: `${name}-JNL` })] as const;
  });
  const second = {
    ...structuredClone(state),
    name,
    deviceGroups: { [unit.from]: `${name}P_`, [unit.to]: `${name}S_` },
    journals: Object.fromEntries(journals),
    consistencyGroupId: (state.consistencyGroupId ?? 0) + BEHIND,
    pairs: [],
  };
  for (const pair of later) {
    dropPair(group, pair.name);
    field.fabric.addPair(second, freshPair(pair, { copy: null, delta: false }), now);
  }
  return true;
}

function reunite(field: Field, unit: Unit): boolean {
  const second = field.fabric.group(secondOf(unit));
  if (second === undefined) return true;
  const names = second.pairs.map(({ name }) => name);
  movePairs(field, { from: secondOf(unit), to: unit.group }, names);
  for (const [array, journalId] of Object.entries(second.state.journals)) {
    dropJournal(field, { array, journalId });
  }
  return true;
}

/** A journal like another one of an array; its number. */
function addJournal(
  { fabric, arrays }: Field,
  wish: { readonly array: string; readonly like: number; readonly label: string },
): number {
  const { array, like, label } = wish;
  const devices = fabric.devices(array);
  const parts = arrays.get(array)?.parts;
  const model = devices.journals.find(({ journalId }) => journalId === like)?.ldevIds[0];
  const journalId = like + BEHIND;
  if (parts === undefined || model === undefined) return journalId;
  const ldevId = addVolume(parts, { like: model, behind: BEHIND, label });
  devices.journals = [...devices.journals, freshJournal(journalId, [ldevId])];
  return journalId;
}

function dropJournal(
  { fabric, arrays }: Field,
  { array, journalId }: { readonly array: string; readonly journalId: number },
): void {
  const devices = fabric.devices(array);
  const parts = arrays.get(array)?.parts;
  const gone = devices.journals.find((one) => one.journalId === journalId);
  devices.journals = devices.journals.filter((one) => one !== gone);
  if (parts !== undefined) for (const ldevId of gone?.ldevIds ?? []) dropVolume(parts, ldevId);
}

function dissolve(group: RemoteGroup | undefined, now: number): void {
  if (group === undefined) return;
  const { pairs, direction } = group;
  operate(group, { operation: 'delete', array: direction.from, pairs: [...pairs], now });
}

/** The pairs of the first day, made anew with a first copy. */
function remake({ fabric, topology }: Field, unit: Unit, now: number): void {
  const spec = groupsOf(topology, now).find(({ name }) => name === unit.group);
  if (spec === undefined || fabric.group(unit.group) !== undefined) return;
  const copy = { from: now, until: now + topology.pace.mirrorCopyMs };
  for (const pair of spec.pairs) {
    fabric.addPair({ ...spec, pairs: [] }, freshPair(pair, { copy, delta: false }), now);
  }
}

/** Another service whose volumes lie on the same two arrays. */
const neighbourOf = ({ units }: Field, { group, from, to }: Unit): Unit | undefined =>
  units.find((one) => one.group !== group && one.from === from && one.to === to);

function movePairs(
  { fabric }: Field,
  { from, to }: { readonly from: string; readonly to: string },
  names: readonly string[],
): void {
  const [old, fresh] = [fabric.group(from), fabric.group(to)];
  if (old === undefined || fresh === undefined) return;
  for (const pair of old.pairs.filter(({ name }) => names.includes(name))) {
    dropPair(old, pair.name);
    addPair(fresh, pair);
  }
}
