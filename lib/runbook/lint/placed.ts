/** The steps of a runbook with the places where they are written. */
import { expressionsIn } from '../expressions.ts';
import type { Runbook } from '../load.ts';
import type { RunbookStep } from '../schema.ts';

export interface Placed {
  readonly step: RunbookStep;
  readonly path: readonly PropertyKey[];
}

interface Phases {
  readonly forward: readonly Placed[];
  /** Compensations written inside their steps, as steps `undo-<id>` of their own. */
  readonly undo: readonly Placed[];
  readonly always: readonly Placed[];
}

export function stepsOf(runbook: Runbook): Phases {
  const forward = runbook.steps.map((step, i): Placed => ({ step, path: ['steps', i] }));
  return {
    forward,
    undo: forward.flatMap(undoOf),
    always: runbook.always.map((step, i): Placed => ({ step, path: ['always', i] })),
  };
}

/** It is left out with its step, and is done for each item that its step was done for. */
function undoOf({ step, path }: Placed): Placed[] {
  const { id, undo, if: wanted, 'for-each': each, parallel } = step;
  if (undo === undefined) return [];
  const made: RunbookStep = {
    ...undo,
    id: `undo-${id}`,
    needs: [],
    undoes: id,
    ...(wanted === undefined ? {} : { if: wanted }),
    ...(each === undefined ? {} : { 'for-each': each }),
    ...(parallel === undefined ? {} : { parallel }),
  };
  return [{ step: made, path: [...path, 'undo'] }];
}

/** `if` may be written with or without braces. */
export const bare = (text: string): string => expressionsIn(text)[0] ?? text;
