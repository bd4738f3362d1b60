/** What no schema sees: names that must exist, orders that must hold, what may undo what. */
import type * as z from 'zod';
import type { Action } from '../actions/action.ts';
import { nearest } from '../errors.ts';
import { keysAt } from '../schema-keys.ts';
import { dotted, type Problem } from '../yaml.ts';
import { expressionFaults, expressionsIn } from './expressions.ts';
import type { Runbook } from './load.ts';
import { durationMs, type RunbookStep } from './schema.ts';

/** What lint must know of an action. */
export type KnownAction = Pick<Action, 'name' | 'input'>;

/** Which action takes back what another did; what is not here cannot be taken back. */
export const reversals: Readonly<Record<string, string>> = {
  'servers/boot': 'servers/delete',
  'clone/split': 'clone/resync',
};

interface Placed {
  readonly step: RunbookStep;
  readonly path: readonly PropertyKey[];
}

export function stepsOf(runbook: Runbook): { forward: Placed[]; always: Placed[] } {
  return {
    forward: runbook.steps.map((step, i) => ({ step, path: ['steps', i] })),
    always: runbook.always.map((step, i) => ({ step, path: ['always', i] })),
  };
}

/** Ids, `needs`, `undoes` and expressions. */
export function lintStructure(runbook: Runbook): Problem[] {
  const { forward, always } = stepsOf(runbook);
  const all = [...forward, ...always];
  return [
    ...lintIds(runbook, all),
    ...[forward, always].flatMap((list) => list.flatMap((_, i) => lintNeeds(runbook, list, i))),
    ...forward.flatMap(({ step, path }) =>
      step.undoes === undefined
        ? []
        : [
            runbook.yaml.problem([...path, 'undoes'], {
              rule: 'undoes',
              what: 'only always steps undo others',
              of: 'key',
            }),
          ],
    ),
    ...always.flatMap((one) => lintUndoes(runbook, one, forward)),
    ...forward.flatMap((one) => lintUndone(runbook, one, always)),
    ...all.flatMap(({ step, path }) => lintExpressions(runbook, step.with, [...path, 'with'])),
    ...all.flatMap(({ step, path }) => lintIf(runbook, step.if, [...path, 'if'])),
  ];
}

function lintIds(runbook: Runbook, all: readonly Placed[]): Problem[] {
  const first = new Map<string, Placed>();
  return all.flatMap((placed) => {
    const before = first.get(placed.step.id);
    if (before === undefined) {
      first.set(placed.step.id, placed);
      return [];
    }
    const { line } = runbook.yaml.place([...before.path, 'id']);
    const what = `the id ${placed.step.id} stands already in line ${line}`;
    return [runbook.yaml.problem([...placed.path, 'id'], { rule: 'duplicate-id', what })];
  });
}

/** A step needs steps above it in its own list, so that nothing waits for itself. */
function lintNeeds(runbook: Runbook, list: readonly Placed[], index: number): Problem[] {
  const placed = list[index];
  if (placed === undefined) return [];
  const above = list.slice(0, index).map(({ step }) => step.id);
  return (placed.step.needs ?? []).flatMap((need, n) => {
    if (above.includes(need)) return [];
    const later = list.some(({ step }) => step.id === need);
    const what = later ? `${need} does not stand above this step` : `there is no step ${need} here`;
    const instead = nearest(need, above) ?? (above.length > 0 ? above.join(' or ') : '[]');
    return [runbook.yaml.problem([...placed.path, 'needs', n], { rule: 'needs', what, instead })];
  });
}

function lintUndoes(runbook: Runbook, placed: Placed, forward: readonly Placed[]): Problem[] {
  const { step, path } = placed;
  const reverses = Object.values(reversals).includes(step.uses);
  if (step.undoes === undefined) {
    if (!reverses) return [];
    const undone = forward.find((one) => reversals[one.step.uses] === step.uses);
    const what = `${step.uses} in always must name the step it undoes`;
    const instead = `undoes: ${undone?.step.id ?? '<step>'}`;
    return [runbook.yaml.problem([...path, 'uses'], { rule: 'undoes', what, instead })];
  }
  const at = [...path, 'undoes'];
  const undone = forward.find((one) => one.step.id === step.undoes);
  if (undone === undefined) {
    const ids = forward.map((one) => one.step.id);
    const instead = nearest(step.undoes, ids) ?? ids.join(' or ');
    const what = `there is no step ${step.undoes}`;
    return [runbook.yaml.problem(at, { rule: 'undoes', what, instead })];
  }
  const by = reversals[undone.step.uses];
  if (by === step.uses) return [];
  if (by === undefined) {
    const what = `${undone.step.uses} cannot be taken back`;
    return [runbook.yaml.problem(at, { rule: 'irreversible', what })];
  }
  const what = `${undone.step.uses} is not undone by ${step.uses}`;
  return [runbook.yaml.problem([...path, 'uses'], { rule: 'undoes', what, instead: by })];
}

/** What can be taken back is taken back whenever it was done: nothing is left behind by plan. */
function lintUndone(runbook: Runbook, placed: Placed, always: readonly Placed[]): Problem[] {
  const { step, path } = placed;
  const by = reversals[step.uses];
  if (by === undefined) return [];
  const undoing = always.filter((one) => one.step.undoes === step.id);
  if (undoing.some((one) => one.step.if === undefined || one.step.if === step.if)) return [];
  const what = `no step in always takes back ${step.id}${undoing.length > 0 ? ' in any case' : ''}`;
  const instead = `uses: ${by}, undoes: ${step.id}`;
  return [runbook.yaml.problem([...path, 'uses'], { rule: 'undone', what, instead })];
}

function lintExpressions(
  runbook: Runbook,
  value: unknown,
  path: readonly PropertyKey[],
): Problem[] {
  if (typeof value === 'string') {
    return expressionsIn(value).flatMap((text) => expressionProblems(runbook, text, path));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    lintExpressions(runbook, item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function lintIf(runbook: Runbook, text: string | undefined, path: PropertyKey[]): Problem[] {
  return text === undefined ? [] : expressionProblems(runbook, bare(text), path);
}

/** `if` may be written with or without braces. */
export const bare = (text: string): string => expressionsIn(text)[0] ?? text;

const expressionProblems = (runbook: Runbook, text: string, path: readonly PropertyKey[]) =>
  expressionFaults(text, Object.keys(runbook.params)).map(({ what, instead }) =>
    runbook.yaml.problem(path, { rule: 'expression', what, instead }),
  );

/** Names of actions and of their inputs; inputs made by expressions are checked by compile. */
export function lintActions(
  runbook: Runbook,
  actions: ReadonlyMap<string, KnownAction>,
): Problem[] {
  const { forward, always } = stepsOf(runbook);
  return [...forward, ...always].flatMap(({ step, path }) => {
    const action = actions.get(step.uses);
    if (action === undefined) {
      const instead = nearest(step.uses, actions.keys()) ?? [...actions.keys()].join(', ');
      const what = `there is no action ${step.uses}`;
      return [runbook.yaml.problem([...path, 'uses'], { rule: 'unknown-action', what, instead })];
    }
    return inputProblems(runbook, { step, path }, { input: action.input, value: step.with });
  });
}

/** What an action's input schema says to a value, at the place where the value was written. */
export function inputProblems(
  runbook: Runbook,
  { step, path }: Placed,
  { input, value }: { input: z.ZodType; value: Record<string, unknown> },
): Problem[] {
  const at = [...path, 'with'];
  const result = input.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(input, issue.path, value);
      return issue.keys.map((key) =>
        runbook.yaml.problem([...at, ...issue.path, key], {
          rule: 'unknown-key',
          what: `${step.uses} has no input ${dotted([...issue.path, key])}`,
          instead: nearest(key, known) ?? known.join(', '),
          of: 'key',
        }),
      );
    }
    // What an expression will put there is not known before compile.
    if (holdsExpression(value, issue.path)) return [];
    const what = `${step.uses}, input ${dotted(issue.path)}: ${issue.message}`;
    return [runbook.yaml.problem([...at, ...issue.path], { rule: 'input', what })];
  });
}

function holdsExpression(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const part of path) {
    if (typeof at === 'string') break;
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return typeof at === 'string' && expressionsIn(at).length > 0;
}

/** Limit of a step in ms: of the step, else of the people it asks, else of the action. */
export function withinOf(
  step: RunbookStep,
  input: Readonly<Record<string, unknown>>,
  fallback: number,
): number {
  const text = step.within ?? input['within'];
  return (typeof text === 'string' ? durationMs(text) : undefined) ?? fallback;
}
