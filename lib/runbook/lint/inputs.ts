/** What an action's input schema says to a value, at the place where the value was written. */
import type * as z from 'zod';
import { nearest } from '../../errors.ts';
import { keysAt } from '../../schema-keys.ts';
import { dotted, type Problem } from '../../yaml.ts';
import { expressionsIn } from '../expressions.ts';
import type { Runbook } from '../load.ts';
import { durationMs, type RunbookStep } from '../schema.ts';
import type { Placed } from './placed.ts';

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
