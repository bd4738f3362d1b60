/**
 * A plan, indexed. A step is worked on in parts: one, or with `for-each` one for each item. A part
 * looks to its action like a step of its own.
 */
import type { Plan, PlanCall, PlanStep } from '../runbook/plan.ts';
import { RunError } from './errors.ts';

export interface Part {
  /** The step's id, or `<step>.<key>`. */
  readonly id: string;
  /** Key of the item; undefined for a step that is not done for each. */
  readonly key: string | undefined;
  /** The step as its action sees it: with the id and the input of this part. */
  readonly step: PlanStep;
  readonly calls: readonly PlanCall[];
  /** What verdicts go by: the calls, or without any the part itself. */
  readonly names: readonly string[];
}

interface PlanIndex {
  readonly steps: ReadonlyMap<string, PlanStep>;
  readonly calls: ReadonlyMap<string, PlanCall>;
  readonly callsOf: ReadonlyMap<string, readonly PlanCall[]>;
  readonly parts: Map<string, readonly Part[]>;
}

/** A plan never changes, and is asked for at every look. */
const indexes = new WeakMap<Plan, PlanIndex>();

function indexOf(plan: Plan): PlanIndex {
  const known = indexes.get(plan);
  if (known !== undefined) return known;
  const index = {
    steps: new Map(plan.steps.map((step) => [step.id, step])),
    calls: new Map(plan.calls.map((call) => [call.id, call])),
    callsOf: grouped(plan.calls, (call) => call.step),
    parts: new Map<string, readonly Part[]>(),
  };
  indexes.set(plan, index);
  return index;
}

export const findCall = (plan: Plan, id: string): PlanCall | undefined =>
  indexOf(plan).calls.get(id);

export const callsOf = (plan: Plan, step: string): readonly PlanCall[] =>
  indexOf(plan).callsOf.get(step) ?? [];

/** Throws RUN-HISTORY for a step that the plan does not have. */
export function stepOf(plan: Plan, id: string): PlanStep {
  const step = indexOf(plan).steps.get(id);
  if (step !== undefined) return step;
  throw new RunError('RUN-HISTORY', `The plan has no step ${id}.`, plan.run);
}

export function partsOf(plan: Plan, step: PlanStep): readonly Part[] {
  const { parts } = indexOf(plan);
  const known = parts.get(step.id);
  if (known !== undefined) return known;
  const made = step.items === undefined ? [wholeOf(plan, step)] : itemsOf(plan, step, step.items);
  parts.set(step.id, made);
  return made;
}

function wholeOf(plan: Plan, step: PlanStep): Part {
  const calls = callsOf(plan, step.id);
  return { id: step.id, key: undefined, step, calls, names: namesOf(step.id, calls) };
}

function itemsOf(plan: Plan, step: PlanStep, items: NonNullable<PlanStep['items']>): Part[] {
  const from = step.id.length + 1;
  const calls = grouped(callsOf(plan, step.id), ({ id }) => id.slice(from, id.indexOf('.', from)));
  const common = isRecord(step.input) ? step.input : {};
  return items.map(({ key, input }) => {
    const id = `${step.id}.${key}`;
    const own = calls.get(key) ?? [];
    const whole = { ...common, ...(isRecord(input) ? input : {}) };
    return { id, key, step: { ...step, id, input: whole }, calls: own, names: namesOf(id, own) };
  });
}

const namesOf = (id: string, calls: readonly PlanCall[]): readonly string[] =>
  calls.length === 0 ? [id] : calls.map((call) => call.id);

const isRecord = (value: PlanStep['input']): value is Record<string, PlanStep['input']> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function grouped<T>(list: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(by(one));
    if (group === undefined) groups.set(by(one), [one]);
    else group.push(one);
  }
  return groups;
}
