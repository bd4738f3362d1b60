/** Ids stand once; a step needs steps above it in its own list, so that nothing waits for itself. */
import { nearest } from '../../errors.ts';
import type { Problem } from '../../yaml.ts';
import type { Runbook } from '../load.ts';
import { type Placed, stepsOf } from './placed.ts';

export function lintOrder(runbook: Runbook): Problem[] {
  const { forward, undo, always } = stepsOf(runbook);
  return [
    ...lintIds(runbook, [...forward, ...always], undo),
    ...forward.flatMap((_, i) => lintNeeds(runbook, { list: forward, index: i, others: always })),
    ...always.flatMap((_, i) => lintNeeds(runbook, { list: always, index: i, others: forward })),
  ];
}

function lintIds(runbook: Runbook, all: readonly Placed[], undo: readonly Placed[]): Problem[] {
  const first = new Map<string, Placed>();
  const made = new Map(undo.map((placed) => [placed.step.id, placed]));
  return all.flatMap((placed) => {
    const { id } = placed.step;
    const at = [...placed.path, 'id'];
    const undone = made.get(id)?.step.undoes;
    if (undone !== undefined) {
      const what = `${id} is the name of the undo of ${undone}`;
      return [runbook.yaml.problem(at, { rule: 'duplicate-id', what })];
    }
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, placed);
      return [];
    }
    const { line } = runbook.yaml.place([...before.path, 'id']);
    const what = `the id ${id} stands already in line ${line}`;
    return [runbook.yaml.problem(at, { rule: 'duplicate-id', what })];
  });
}

interface Among {
  readonly list: readonly Placed[];
  readonly index: number;
  /** The steps of the other list. */
  readonly others: readonly Placed[];
}

function lintNeeds(runbook: Runbook, { list, index, others }: Among): Problem[] {
  const placed = list[index];
  if (placed === undefined) return [];
  const above = list.slice(0, index).map(({ step }) => step.id);
  return (placed.step.needs ?? []).flatMap((need, n) => {
    if (above.includes(need)) return [];
    const what = whyNot(need, placed, { list, index, others });
    const instead = nearest(need, above) ?? (above.length > 0 ? above.join(' or ') : '[]');
    return [runbook.yaml.problem([...placed.path, 'needs', n], { rule: 'needs', what, instead })];
  });
}

function whyNot(need: string, { step, path }: Placed, { list, others }: Among): string {
  const round = roundTrip(list, step.id, need);
  if (round !== undefined) return `${step.id} would wait for itself: ${round.join(' -> ')}`;
  if (list.some((one) => one.step.id === need)) return `${need} does not stand above this step`;
  if (need.startsWith('undo-')) return `${need} runs only when the run is undone`;
  if (others.some((one) => one.step.id === need)) {
    return path[0] === 'always'
      ? `${need} is over, well or not, when always begins`
      : `${need} stands in always, which begins when every step is over`;
  }
  return `there is no step ${need} here`;
}

/** The way from a step by its needs back to itself, if there is one. */
function roundTrip(list: readonly Placed[], id: string, need: string): string[] | undefined {
  const needsOf = new Map(list.map(({ step }) => [step.id, step.needs ?? []]));
  const seen = new Set<string>();
  const walk = (at: string, way: readonly string[]): string[] | undefined => {
    if (at === id && way.length > 1) return [...way, at];
    if (seen.has(at)) return undefined;
    seen.add(at);
    for (const next of needsOf.get(at) ?? []) {
      const found = walk(next, [...way, at]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return need === id ? undefined : walk(need, [id]);
}
