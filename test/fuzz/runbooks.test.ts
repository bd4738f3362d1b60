/** Any text as a runbook: it is a runbook, or each problem has a place. Nothing else. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { actions } from '../../lib/actions/index.ts';
import { lintRunbook, loadRunbook } from '../../lib/runbook/load.ts';
import { SourceError } from '../../lib/yaml.ts';
import { bytes, json, spoilt } from './inputs.ts';
import { survives } from './survive.ts';

const shipped = readdirSync('runbooks')
  .filter((name) => name.endsWith('.yml'))
  .map((name) => readFileSync(`runbooks/${name}`, 'utf8'));

const file = 'fuzz.yml';

function trial(text: string): string {
  try {
    loadRunbook({ file, text }, actions);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { line, column, what } of error.problems) {
      expect([line >= 1, column >= 1, what.length > 0]).toEqual([true, true, true]);
    }
    expect(lintRunbook({ file, text }, actions).length).toBeGreaterThan(0);
    return error.code;
  }
  expect(lintRunbook({ file, text }, actions)).toEqual([]);
  return 'taken';
}

test('any text', async () => {
  const inputs = fc.oneof(bytes, fc.string({ unit: 'binary' }), json.map(yamlOf));
  expect((await survives({ name: 'runbooks, any text', inputs, trial })).get('taken')).toBe(
    undefined,
  );
}, 3_600_000);

/** Lone halves of letters are no text that YAML could write. */
function yamlOf(value: unknown): string {
  try {
    return stringify(value);
  } catch {
    return '?';
  }
}

test('shipped runbooks with places spoilt', async () => {
  const inputs = spoilt(shipped);
  const counts = await survives({ name: 'runbooks, spoilt', inputs, trial });
  expect(counts.size).toBeGreaterThan(1);
}, 3_600_000);

test('a small file cannot be made large by what it repeats', () => {
  const levels = Array.from({ length: 30 }, (_, i) =>
    i === 0 ? 'a0: &a0 [x, x]' : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
  );
  expect(trial(levels.join('\n'))).toBe('YAML-SYNTAX');
});
