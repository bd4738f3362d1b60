/** What may take back what, and what a failure may lead to. */
import { nearest } from '../../errors.ts';
import type { Problem } from '../../yaml.ts';
import type { Runbook } from '../load.ts';
import { type Placed, stepsOf } from './placed.ts';

/** Which action takes back what another did; what is not here cannot be taken back. */
const reversals: Readonly<Record<string, string>> = {
  'servers/boot': 'servers/delete',
  'clone/split': 'clone/resync',
};

/** What stays unless it is taken back, and what people did: if the runbook says how. */
const compensations: Readonly<Record<string, string>> = {
  ...reversals,
  'people/do': 'people/do',
  'paths/remove': 'paths/restore',
  'paths/restore': 'paths/remove',
  'servers/start': 'servers/stop',
  'servers/stop': 'servers/start',
  'servers/deploy': 'servers/delete',
  'backups/restore': 'backups/discard',
  'replication/swap': 'replication/swap',
  'task/run': 'task/run',
};

export function lintUndoing(runbook: Runbook): Problem[] {
  const { forward, always } = stepsOf(runbook);
  return [
    ...forward.flatMap((one) => lintForward(runbook, one)),
    ...always.flatMap((one) => lintAlways(runbook, one)),
    ...always.flatMap((one) => lintUndoes(runbook, one, forward)),
    ...forward.flatMap((one) => lintUndone(runbook, one, always)),
    ...forward.flatMap((one) => lintUndo(runbook, one)),
  ];
}

function lintForward(runbook: Runbook, { step, path }: Placed): Problem[] {
  const misplaced = runbook.yaml.problem([...path, 'undoes'], {
    rule: 'undoes',
    what: 'only always steps undo others',
    of: 'key',
  });
  const undoes = step.undoes === undefined ? [] : [misplaced];
  const nothing = runbook.steps.every(({ undo }) => undo === undefined);
  if (step['on-failure'] !== 'undo' || !nothing) return undoes;
  const what = 'no step of this runbook has an undo';
  const at = [...path, 'on-failure'];
  return [...undoes, runbook.yaml.problem(at, { rule: 'on-failure', what, instead: 'pause' })];
}

/** In always a failure is for people: what is left behind must be seen. */
function lintAlways(runbook: Runbook, { step, path }: Placed): Problem[] {
  const { 'on-failure': onFailure = 'pause', undo } = step;
  const what = 'what is left behind must be seen by people';
  const fault = { rule: 'on-failure', what, instead: 'pause' };
  return [
    ...(onFailure === 'pause' ? [] : [runbook.yaml.problem([...path, 'on-failure'], fault)]),
    ...(undo === undefined
      ? []
      : [
          runbook.yaml.problem([...path, 'undo'], {
            rule: 'undo',
            what: 'an always step is not undone',
            of: 'key',
          }),
        ]),
  ];
}

/** A compensation inside a step. Whether its calls can be taken back at all is seen by compile. */
function lintUndo(runbook: Runbook, { step, path }: Placed): Problem[] {
  const { undo, uses } = step;
  const by = compensations[uses];
  if (undo === undefined || by === undo.uses) return [];
  const at = [...path, 'undo', 'uses'];
  if (by === undefined) {
    const what = `${uses} cannot be taken back`;
    return [runbook.yaml.problem(at, { rule: 'irreversible', what })];
  }
  const what = `${uses} is not undone by ${undo.uses}`;
  return [runbook.yaml.problem(at, { rule: 'undo', what, instead: by })];
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

/**
 * What can be taken back is taken back whenever it was done, so that nothing is left behind by plan.
 * A step with an undo of its own is meant to last: it is taken back only when people order it.
 */
function lintUndone(runbook: Runbook, placed: Placed, always: readonly Placed[]): Problem[] {
  const { step, path } = placed;
  const by = reversals[step.uses];
  if (by === undefined || step.undo !== undefined) return [];
  const undoing = always.filter((one) => one.step.undoes === step.id);
  if (undoing.some((one) => one.step.if === undefined || one.step.if === step.if)) return [];
  const what = `no step in always takes back ${step.id}${undoing.length > 0 ? ' in any case' : ''}`;
  const instead = `uses: ${by}, undoes: ${step.id}`;
  return [runbook.yaml.problem([...path, 'uses'], { rule: 'undone', what, instead })];
}
