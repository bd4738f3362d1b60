/** Every code a person can meet has one meaning, one remedy and one page. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { allCodes, pagesOf } from '../.ci/error-pages.ts';
import { DrillbookError, nearest } from '../lib/errors.ts';
import { filesBelow, sourceFiles } from './support/scan.ts';

const root = path.dirname(path.dirname(new URL(import.meta.url).pathname));
const codes = await allCodes();
const known = new Set(codes.map(({ code }) => code));
const prefixes = new Set(codes.map(({ code }) => code.split('-')[0] ?? ''));
const sources = sourceFiles(root, ['lib', 'handlers']);

test('codes are unique, in the house form, with a meaning and a remedy in whole sentences', () => {
  const wrong = codes.flatMap(({ code, entry, file }) => {
    const said = [entry.means, entry.next].every((text) => /^\S.*[.…)]$/s.test(text));
    const twice = codes.filter((other) => other.code === code).length > 1;
    const shaped = /^[A-Z]+(-[A-Z0-9]+)+$/.test(code);
    return said && shaped && !twice ? [] : [`${file}: ${code}`];
  });
  expect(codes.length).toBeGreaterThan(20);
  expect(wrong).toEqual([]);
});

/** Written as a string where the code is used; keys of a catalogue are followed by a colon. */
const literal = /'([A-Z]+(?:-[A-Z0-9]+)+)'(?!\s*:)/g;

test('every code that is used stands in a catalogue', () => {
  const unknown = sources.flatMap(({ name, text }) => [
    ...[...text.matchAll(literal)]
      .filter(([, code = '']) => prefixes.has(code.split('-')[0] ?? '') && !known.has(code))
      .map(([code]) => `${name}: ${code}`),
    ...[...text.matchAll(/(?:\bcode: |Error\(\s*)'([A-Z]+(?:-[A-Z0-9]+)+)'/g)]
      .filter(([, code = '']) => !known.has(code) && !name.startsWith('lib/twin/'))
      .map(([, code]) => `${name}: ${code}`),
  ]);
  expect(unknown).toEqual([]);
});

test('every code of a catalogue is used', () => {
  const used = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(literal)].map(([, code]) => code)),
  );
  expect(codes.filter(({ code }) => !used.has(code)).map(({ code }) => code)).toEqual([]);
});

test('every code has its page, every page its code, and all are fresh (npm run docs:errors)', () => {
  const pages = pagesOf(codes);
  const stale = [...pages].filter(([name, text]) => {
    const file = path.join(root, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  const orphans = filesBelow(root, ['docs/errors'], /./).filter((name) => !pages.has(name));
  expect({ stale: stale.map(([name]) => name), orphans }).toEqual({ stale: [], orphans: [] });
});

test('an error travels whole: code, what, why and next', () => {
  const told = { code: 'X-Y', what: 'It broke.', why: 'Rust.', next: 'Paint it.' };
  const error = new DrillbookError(told, { cause: 'weather' });
  expect(error.toRefusal()).toEqual(told);
  expect(error.message).toBe('X-Y: It broke. Rust. Paint it.');
  expect(error.cause).toBe('weather');
});

test('the nearest choice is named, and none when nothing is near', () => {
  const services = ['payments', 'internet-banking', 'loans'];
  expect(nearest('paymnets', services)).toBe('payments');
  expect(nearest('LOAN', services)).toBe('loans');
  expect(nearest('zzz', services)).toBeUndefined();
  expect(nearest('', [])).toBeUndefined();
});
