/** What no schema sees: names that must exist, orders that must hold, what may undo what. */
import type { Action } from '../actions/action.ts';
import { nearest } from '../errors.ts';
import type { Problem } from '../yaml.ts';
import { type ExpressionNames, expressionFaults, expressionsIn } from './expressions.ts';
import { lintEach } from './lint/each.ts';
import { inputProblems } from './lint/inputs.ts';
import { lintOrder } from './lint/order.ts';
import { bare, type Placed, stepsOf } from './lint/placed.ts';
import { lintUndoing } from './lint/undoing.ts';
import type { Runbook } from './load.ts';

/** What lint must know of an action. */
export type KnownAction = Pick<Action, 'name' | 'input' | 'repeatable' | 'asks'>;

/** Ids, `needs`, what undoes what, and expressions. */
export function lintStructure(runbook: Runbook): Problem[] {
  const { forward, undo, always } = stepsOf(runbook);
  return [
    ...lintOrder(runbook),
    ...lintUndoing(runbook),
    ...[...forward, ...always].flatMap((placed) => lintEach(runbook, placed)),
    ...[...forward, ...undo, ...always].flatMap(({ step, path }) =>
      lintExpressions(runbook, step.with, {
        path: [...path, 'with'],
        names: { params: Object.keys(runbook.params), item: step['for-each'] !== undefined },
      }),
    ),
    ...[...forward, ...always].flatMap(({ step, path }) =>
      step.if === undefined
        ? []
        : expressionProblems(runbook, bare(step.if), {
            path: [...path, 'if'],
            names: { params: Object.keys(runbook.params) },
          }),
    ),
  ];
}

interface Written {
  readonly path: readonly PropertyKey[];
  readonly names: ExpressionNames;
}

function lintExpressions(runbook: Runbook, value: unknown, at: Written): Problem[] {
  if (typeof value === 'string') {
    return expressionsIn(value).flatMap((text) => expressionProblems(runbook, text, at));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    lintExpressions(runbook, item, {
      ...at,
      path: [...at.path, Array.isArray(value) ? Number(key) : key],
    }),
  );
}

const expressionProblems = (runbook: Runbook, text: string, { path, names }: Written) =>
  expressionFaults(text, names).map(({ what, instead }) =>
    runbook.yaml.problem(path, { rule: 'expression', what, instead }),
  );

/** Names of actions and of their inputs; inputs made by expressions are checked by compile. */
export function lintActions(
  runbook: Runbook,
  actions: ReadonlyMap<string, KnownAction>,
): Problem[] {
  const { forward, undo, always } = stepsOf(runbook);
  return [...forward, ...undo, ...always].flatMap((placed) => {
    const { step, path } = placed;
    const action = actions.get(step.uses);
    if (action !== undefined) {
      return [
        ...inputProblems(runbook, placed, { input: action.input, value: step.with }),
        ...lintUse(runbook, placed, action),
      ];
    }
    const instead = nearest(step.uses, actions.keys()) ?? [...actions.keys()].join(', ');
    const what = `there is no action ${step.uses}`;
    return [runbook.yaml.problem([...path, 'uses'], { rule: 'unknown-action', what, instead })];
  });
}

/** What may be asked of an action: tries of its own, and being done for each. */
function lintUse(runbook: Runbook, { step, path }: Placed, action: KnownAction): Problem[] {
  const problems: Problem[] = [];
  if (step.retry !== undefined && action.repeatable !== true) {
    const what = `${step.uses} is not safe to repeat; without retry people decide`;
    problems.push(runbook.yaml.problem([...path, 'retry'], { rule: 'retry', what, of: 'key' }));
  }
  if (step['for-each'] !== undefined && action.asks !== undefined) {
    const what = `${step.uses} asks people once; name what it is about in the instruction`;
    problems.push(
      runbook.yaml.problem([...path, 'for-each'], { rule: 'for-each', what, of: 'key' }),
    );
  }
  return problems;
}
