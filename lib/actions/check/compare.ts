/** Values selected from JSON answers, compared with a wanted one or with each other. */
import { canonical } from '../../canonical.ts';
import type { CheckSpec } from '../../config.ts';
import type { Reading } from '../action.ts';

export interface Measured {
  readonly expected: string;
  readonly actual: string;
  readonly passed: boolean;
}

type JsonCheck = Extract<CheckSpec, { kind: 'http-json' }>;

/** An answer that is missing, no 200, or holds no value at the pointer never passes. */
export function compareAnswers(check: JsonCheck, answers: readonly Reading[]): Measured {
  const { pointer, equals, same } = check;
  const expected = [
    equals === undefined ? `a value at ${pointer}` : `${pointer} = ${canonical(equals)}`,
    ...(same ? [`the same in ${check.urls.length} answers`] : []),
  ].join(', ');
  const values = answers.map((answer) => selected(answer, pointer));
  const missing = values.find((value) => 'why' in value);
  if (missing !== undefined && 'why' in missing) {
    return { expected, actual: missing.why, passed: false };
  }
  const texts = values.map((value) => ('value' in value ? canonical(value.value) : ''));
  const different = [...new Set(texts)];
  const agrees = !same || different.length === 1;
  const equal = equals === undefined || texts.every((text) => text === canonical(equals));
  return { expected, actual: different.join(', '), passed: texts.length > 0 && agrees && equal };
}

function selected(answer: Reading, pointer: string): { value: unknown } | { why: string } {
  if (!answer.ok) return { why: `no answer: ${answer.why}` };
  if (answer.status !== 200) return { why: `status ${answer.status}` };
  const value = valueAt(answer.body, pointer);
  return value === undefined || value === null ? { why: `nothing at ${pointer}` } : { value };
}

/** RFC 6901. */
export function valueAt(body: unknown, pointer: string): unknown {
  let at = body;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
