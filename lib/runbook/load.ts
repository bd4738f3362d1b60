/** A runbook from its YAML, with the places its errors point to. */
import type * as z from 'zod';
import { remembered } from '../memo.ts';
import {
  type Problem,
  parseText,
  readYaml,
  type Source,
  SourceError,
  shapeProblems,
  type YamlText,
} from '../yaml.ts';
import { type KnownAction, lintActions, lintStructure } from './lint.ts';
import { type RunbookData, runbookSchema } from './schema.ts';

export interface Runbook extends RunbookData {
  /** Where things stand in the file. */
  readonly yaml: YamlText;
}

/**
 * Reads and lints. With `actions` their names and inputs are checked as well; compile does that in
 * any case. Throws `SourceError` YAML-SYNTAX or RB-LINT with every problem found.
 */
export function loadRunbook(source: Source, actions?: ReadonlyMap<string, KnownAction>): Runbook {
  const { runbook, problems } = inspect(source, actions);
  if (runbook === undefined || problems.length > 0) throw new SourceError('RB-LINT', problems);
  return runbook;
}

/** All that is wrong with a runbook, in the order of the file. Broken YAML is one problem. */
export function lintRunbook(
  source: Source,
  actions: ReadonlyMap<string, KnownAction>,
): readonly Problem[] {
  try {
    return inspect(source, actions).problems;
  } catch (error) {
    if (error instanceof SourceError) return error.problems;
    throw error;
  }
}

/** More runbooks than a house has: each run reads its own several times. */
const KEPT = 100;
const parsedOnce = remembered(KEPT, parseText);

function inspect(source: Source, actions: ReadonlyMap<string, KnownAction> | undefined) {
  const yaml = readYaml(source, parsedOnce(source.text));
  const shape: z.ZodType<RunbookData> = runbookSchema;
  const result = shape.safeParse(yaml.value);
  if (!result.success) {
    return { runbook: undefined, problems: shapeProblems(yaml, shape, result.error) };
  }
  const runbook: Runbook = { ...result.data, yaml };
  const found = [
    ...lintStructure(runbook),
    ...(actions === undefined ? [] : lintActions(runbook, actions)),
  ];
  const problems = found.sort((a, b) => a.line - b.line || a.column - b.column);
  return { runbook, problems };
}
