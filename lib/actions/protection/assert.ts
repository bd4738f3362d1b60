/**
 * `protection/assert`: measures that every volume of the service is protected as a whole: paired and in
 * PAIR, with a drill copy in PAIR, both volumes at DR parked, alike and of the same size.
 */
import * as z from 'zod';
import { isFlagged, type Likeness } from '../../openstack/protection.ts';
import { cloneClassOf } from '../../vsp/pairs.ts';
import type { ClonePair } from '../../vsp/schema.ts';
import type { Action, StepView } from '../action.ts';
import type { Seen } from '../reads.ts';
import { protectionOf, roles } from './rows.ts';
import { type Halves, placeName, seeCloneGroup, seeHalves, seeVolumeAt } from './seen.ts';

const input = z.strictObject({});
type Input = z.infer<typeof input>;

interface Observed {
  readonly halves: Halves;
  readonly clones: Seen<readonly ClonePair[]>;
  readonly volumes: ReadonlyMap<string, Seen<Likeness>>;
}

export const protectionAssert: Action<Input, Observed> = {
  name: 'protection/assert',
  input,
  title: { ko: '모든 볼륨이 보호되는지 확인', en: 'Every volume is protected' },
  withinMs: 5 * 60_000,
  pollMs: 5_000,
  facts: ['protection'],
  preexisting: 'accept',
  repeatable: true,
  plan: () => [],
  observe: async (view, _input, read) => {
    const { volumes, from, to } = protectionOf(view.plan.facts);
    const asked = volumes.flatMap((row) => [
      { site: from, id: row.main },
      ...roles.flatMap((role) =>
        row[role] === undefined ? [] : [{ site: to, id: row[role].volume }],
      ),
    ]);
    const [halves, clones, ...seen] = await Promise.all([
      seeHalves(read, view.plan),
      seeCloneGroup(read, view.plan),
      ...asked.map((one) => seeVolumeAt(read, view.plan, one)),
    ]);
    const byPlace = asked.map(({ site, id }, i) => {
      const one = seen[i] ?? { ok: false as const, why: 'not read', gone: false };
      return [placeName(site, id), one] as const;
    });
    return { halves, clones, volumes: new Map(byPlace) };
  },
  judge: (observed, _input, view) => {
    const faults = faultsIn(observed, view);
    const { volumes } = protectionOf(view.plan.facts);
    const reading = { volumes: volumes.length, faults };
    if (faults.length === 0) return { verdicts: { [view.step.id]: { state: 'done', reading } } };
    const reason = `Not protected: ${faults.join(' ')}`;
    return { verdicts: { [view.step.id]: { state: 'pending', reason, reading } } };
  },
};

function faultsIn({ halves, clones, volumes }: Observed, { plan }: StepView): string[] {
  const { from, to, volumes: rows } = protectionOf(plan.facts);
  if (!halves.from.ok) return [halves.from.why];
  if (!halves.to.ok) return [halves.to.why];
  if (!clones.ok) return [clones.why];
  const [here, there, copies] = [halves.from.value, halves.to.value, clones.value];
  return rows.flatMap((row) => {
    const p = here.find((pair) => pair.pvolLdevId === row.ldev);
    const s = there.find((pair) => pair.copyPairName === p?.copyPairName);
    const states = `${p?.pvolStatus ?? 'no pair'}/${s?.svolStatus ?? 'no pair'}`;
    const copy = copies.find(({ pvolLdevId }) => pvolLdevId === s?.svolLdevId);
    const state = copy === undefined ? 'no pair' : cloneClassOf(copy);
    return [
      ...(states === 'PAIR/PAIR' && (row.replica?.ldev ?? s?.svolLdevId) === s?.svolLdevId
        ? []
        : [`${row.name} is ${states}.`]),
      ...(state === 'paired' ? [] : [`The drill copy of ${row.name}: ${state}.`]),
      ...roles.flatMap((role) => {
        const main = volumes.get(placeName(from, row.main));
        const end = row[role];
        if (end === undefined) return [`${row.name} has no volume of ours as ${role}.`];
        return endFaults(main, volumes.get(placeName(to, end.volume)), row);
      }),
    ];
  });
}

function endFaults(
  main: Seen<Likeness> | undefined,
  end: Seen<Likeness> | undefined,
  row: { readonly bootable: boolean; readonly image: Readonly<Record<string, string>> },
): string[] {
  if (main?.ok !== true) return [main?.why ?? 'A volume at main was not read.'];
  if (end?.ok !== true) return [end?.why ?? 'A volume at DR was not read.'];
  const { id, status, size } = end.value;
  return [
    ...(status === 'maintenance' ? [] : [`Volume ${id} is ${status}.`]),
    ...(size === main.value.size ? [] : [`Volume ${id} has ${size} GiB, not ${main.value.size}.`]),
    ...(isFlagged(end.value, row) ? [] : [`Volume ${id} starts another way than at main.`]),
  ];
}
