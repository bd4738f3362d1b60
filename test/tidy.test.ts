/** The house rules that a program can check. What fails here names file, line and what to do. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { layerProblems } from './support/layers.ts';
import {
  blanked,
  exportsOf,
  filesBelow,
  functionsIn,
  importsOf,
  lineOf,
  matching,
  type SourceFile,
  sourceFiles,
} from './support/scan.ts';

const root = path.dirname(path.dirname(new URL(import.meta.url).pathname));
const sources = sourceFiles(root, ['handlers', 'lib', 'test', '.ci']);
const ours = sources.filter(({ name }) => /^(handlers|lib)\//.test(name));
const texts = filesBelow(root, ['README.md', 'docs', 'runbooks', 'config', 'serverless.yml'], /./);

const limits: readonly [RegExp, number][] = [
  [/^handlers\//, 80],
  [/^lib\//, 300],
  [/^\.ci\//, 300],
  [/^test\//, 500],
];
const MAX_FUNCTION_LINES = 60;
const MAX_PARAMETERS = 3;
/** The formatter keeps code at 100; this is for the comments and texts it leaves alone. */
const MAX_COLUMNS = 120;
const MAX_README_LINES = 160;

describe('sizes', () => {
  test('files', () => {
    const long = sources.flatMap(({ name, text }) => {
      const lines = text.trimEnd().split('\n').length;
      const limit = limits.find(([where]) => where.test(name))?.[1] ?? 300;
      return lines > limit ? [`${name}: ${lines} lines, at most ${limit}: split it`] : [];
    });
    expect(long).toEqual([]);
  });

  test('functions', () => {
    const long = ours.flatMap(({ name, code }) =>
      functionsIn(code)
        .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ line, lines }) => `${name}:${line}: a function of ${lines} lines: split it`),
    );
    expect(long).toEqual([]);
  });

  test('parameters', () => {
    const many = ours.flatMap(({ name, code }) =>
      functionsIn(code)
        .filter(({ parameters }) => parameters > MAX_PARAMETERS)
        .map(({ line, parameters }) => `${name}:${line}: ${parameters} parameters: use an object`),
    );
    expect(many).toEqual([]);
  });

  test('lines', () => {
    const wide = sources.flatMap(({ name, text }) =>
      text
        .split('\n')
        .flatMap((line, i) =>
          [...line].length > MAX_COLUMNS ? [`${name}:${i + 1}: too wide`] : [],
        ),
    );
    expect(wide).toEqual([]);
  });
});

interface Ban {
  readonly what: RegExp;
  readonly where: RegExp;
  readonly except?: RegExp;
  readonly instead: string;
}
const code = /^(handlers|lib)\//;
const bans: readonly Ban[] = [
  { what: /\bDate\.now\(/, where: code, except: /^lib\/clock\.ts$/, instead: 'take a Clock' },
  { what: /\bnew Date\(\s*\)/, where: code, except: /^lib\/clock\.ts$/, instead: 'take a Clock' },
  { what: /\bMath\.random\(/, where: code, except: /^lib\/random\.ts$/, instead: 'take a Random' },
  {
    what: /\bset(Timeout|Interval|Immediate)\(/,
    where: code,
    except: /^lib\/clock\.ts$/,
    instead: 'sleep on the Clock',
  },
  { what: /\bconsole\./, where: /./, instead: 'use lib/logger.ts' },
  { what: /\.save\(/, where: /^lib\/store\//, instead: 'create, or update with a condition' },
  { what: /\bdynamoose\.transaction\b/, where: code, instead: 'one conditional put' },
  { what: /\bas unknown as\b/, where: /./, instead: 'parse it' },
  { what: /(:|\bas|<)\s*any\b/, where: /./, instead: 'say the type' },
  { what: /^export default\b/m, where: /^(handlers|lib|test)\//, instead: 'export it by name' },
  { what: /^(export )?(const )?enum\b/m, where: /./, instead: 'a const array and its type' },
  { what: /\bjest\.(mock|unstable_mockModule)\(/, where: /./, instead: 'pass it as an argument' },
  { what: /\b(it|test|describe)\.(skip|only|todo)\b/, where: /^test\//, instead: 'run it' },
  { what: /\bcatch\s*(\(\w*\)\s*)?\{\s*\}/, where: /./, instead: 'say why nothing is done' },
];

test('banned calls', () => {
  const found = sources.flatMap((file) =>
    bans.flatMap(({ what, where, except, instead }) => {
      const at = where.test(file.name) && !except?.test(file.name) ? file.code.search(what) : -1;
      return at === -1 ? [] : [`${file.name}:${lineOf(file.code, at)}: ${what}: ${instead}`];
    }),
  );
  expect(found).toEqual([]);
});

test('every fetch has a limit', () => {
  const endless = ours.flatMap(({ name, code: text }) =>
    [...text.matchAll(/\bfetch\(/g)].flatMap(({ index, 0: call }) => {
      const open = index + call.length - 1;
      const given = text.slice(open, matching(text, open));
      return given.includes('signal') ? [] : [`${name}:${lineOf(text, index)}: no signal`];
    }),
  );
  expect(endless).toEqual([]);
});

test('nothing is left to be done later', () => {
  const word = /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/;
  const left = [...sources.map(({ name }) => name), ...texts].filter((name) =>
    word.test(readFileSync(path.join(root, name), 'utf8')),
  );
  expect(left).toEqual([]);
});

test('arrows between rooms point one way, packages stay in their rooms', () => {
  expect(layerProblems(ours)).toEqual([]);
});

describe('nothing is dead', () => {
  test('every file of lib is reached from a handler, a script or a test', () => {
    const byName = new Map(sources.map((file) => [file.name, file]));
    const reached = new Set<string>();
    const visit = (name: string) => {
      const file = byName.get(name);
      if (file === undefined || reached.has(name)) return;
      reached.add(name);
      for (const target of importsOf(file)) visit(target);
    };
    for (const { name } of sources) if (!name.startsWith('lib/')) visit(name);
    const dead = ours.filter(({ name }) => !reached.has(name) && !name.endsWith('.d.ts'));
    expect(dead.map(({ name }) => name)).toEqual([]);
  });

  test('every export is used', () => {
    const words = new Map<string, Set<string>>();
    for (const { name, code: text } of sources) {
      for (const [word] of text.matchAll(/\w+/g)) {
        words.set(word, (words.get(word) ?? new Set()).add(name));
      }
    }
    const unused = ours
      .filter(({ name }) => name.startsWith('lib/') && !name.endsWith('.d.ts'))
      .flatMap((file) => unusedExports(file, words));
    expect(unused).toEqual([]);
  });
});

/** Named nowhere but where it is made: not by another file, and not by its own. */
function unusedExports(file: SourceFile, words: ReadonlyMap<string, ReadonlySet<string>>) {
  return exportsOf(file.code).flatMap((name) => {
    if ((words.get(name)?.size ?? 0) > 1) return [];
    const times = [...file.code.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
    return times > 1 || name.endsWith('Codes') ? [] : [`${file.name}: ${name} is never used`];
  });
}

describe('words about this project are true', () => {
  const said = [...sources.map(({ name, text }) => ({ name, text })), ...texts.map(read)];

  test('paths that are named exist', () => {
    const place = /(?<![\w./-])(?:lib|handlers|test|docs|runbooks|config|\.ci)\/[\w./-]*\w/g;
    const lies = said.flatMap(({ name, text }) =>
      [...text.matchAll(place)]
        .map(([named]) => named)
        .filter((named) => /\.(ts|mjs|md|yml|json|sh|typ)$/.test(named))
        .filter((named) => !name.startsWith('test/') || named.endsWith('.md'))
        .filter((named) => !existsSync(path.join(root, named)))
        .map((named) => `${name} names ${named}`),
    );
    expect(lies).toEqual([]);
  });

  test('documents that are named exist', () => {
    const all = filesBelow(root, ['README.md', 'CONTRIBUTING.md', 'docs'], /\.md$/).map((name) =>
      path.basename(name),
    );
    const lies = said.flatMap(({ name, text }) =>
      [...text.matchAll(/(?<![\w<{}$-])[A-Za-z][\w-]*\.md\b/g)]
        .filter(([named]) => !all.includes(named))
        .map(([named]) => `${name} names ${named}`),
    );
    expect(lies).toEqual([]);
  });

  test('npm scripts that are named exist', () => {
    const { scripts } = JSON.parse(read('package.json').text) as { scripts: object };
    const lies = said.flatMap(({ name, text }) =>
      [...text.matchAll(/\bnpm run (?:-s )?([a-z][\w:]*)/g)]
        .filter(([, script = '']) => !(script in scripts))
        .map(([command]) => `${name}: ${command}`),
    );
    expect(lies).toEqual([]);
  });

  test('the README is there and short', () => {
    const lines = read('README.md').text.split('\n').length;
    expect(lines).toBeGreaterThan(20);
    expect(lines).toBeLessThanOrEqual(MAX_README_LINES);
  });

  test('no secrets, and no word of anybody’s machine', () => {
    const secret = /\bxox[abp]-\d+-\w+|\bAKIA[0-9A-Z]{16}\b|BEGIN [A-Z ]*PRIVATE KEY-----\n\w/;
    const machine = /(^|[\s'"`(])\/(work|root|home|Users)\/\w/m;
    const found = said.filter(({ text }) => secret.test(text) || machine.test(text));
    expect(found.map(({ name }) => name)).toEqual([]);
  });
});

function read(name: string) {
  return { name, text: readFileSync(path.join(root, name), 'utf8') };
}

describe('the reader behind these rules', () => {
  test('blanks strings, comments, patterns and templates, and keeps the holes', () => {
    // `@` stands for the dollar sign: a hole in a plain string looks like a slip to the linter.
    const text = "a('x(', /[/(]/, `t(@{b(`u@{c}`)}(`) // d(\n/* e( */ f / g".replaceAll('@', '$');
    const seen = blanked(text);
    expect(seen).toHaveLength(text.length);
    expect(seen.replace(/\s+/g, ' ')).toBe('a( , , ` @{b(` @{c}`)} `) f / g'.replaceAll('@', '$'));
  });

  test('measures functions, whatever their return type looks like', () => {
    const text = [
      'export function a(x: Map<string, number>, y = { z: [1, 2] }): { b: string } {',
      '  return x;',
      '}',
      'const b = async (one: number, two: () => void): Promise<Record<string, { c: 1 }>> => {',
      '};',
      'if (a(1, 2, 3, 4)) {',
      '}',
    ].join('\n');
    expect(functionsIn(text)).toEqual(
      [
        { line: 1, lines: 3, parameters: 2 },
        { line: 4, lines: 1, parameters: 0 },
        { line: 4, lines: 2, parameters: 2 },
      ].sort((p, q) => p.line - q.line || q.lines - p.lines),
    );
  });
});
