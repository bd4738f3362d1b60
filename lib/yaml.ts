/**
 * YAML at a border: text in, a value that fits a schema out, or errors that name file, line and
 * column, the path, the value found, and what was probably meant.
 */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type * as z from 'zod';
import { DrillbookError, nearest } from './errors.ts';
import { keysAt } from './schema-keys.ts';

export interface Source {
  /** As people know it: a path, or the name of a stored runbook. */
  readonly file: string;
  readonly text: string;
}

type Path = readonly PropertyKey[];

/** One thing that is wrong, where it is, and what to write instead if that can be guessed. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly what: string;
  readonly instead?: string;
}

/** All that is wrong with one file. `YAML-SYNTAX` when it cannot be read, else the given code. */
export class SourceError extends DrillbookError {
  readonly problems: readonly Problem[];

  constructor(code: string, problems: readonly Problem[]) {
    super({
      code,
      what: told(problems).join('\n'),
      why: `${problems.length} problem(s) in ${problems[0]?.file ?? 'the file'}.`,
      next: 'Correct the file at the places named; nothing was started.',
    });
    this.problems = problems;
  }
}

/** The first few say what is wrong; after broken YAML most of the rest follows from them. */
const TOLD_MAX = 8;

function told(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, TOLD_MAX).map(problemLine);
  const more = problems.length - TOLD_MAX;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

/** `file:line:column: rule: what; write …`: one line a person can click in a terminal. */
export function problemLine(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const instead = problem.instead === undefined ? '' : `; did you mean ${problem.instead}?`;
  return `${place}: ${problem.rule}: ${problem.what}${instead}`;
}

/** Parsed YAML that still knows where everything stood. */
export interface YamlText {
  readonly file: string;
  readonly value: unknown;
  /** 1-based place of the value at `path`, or of the nearest parent that exists. */
  place(path: Path, of?: 'key' | 'value'): { line: number; column: number };
  problem(path: Path, fault: Fault): Problem;
}

/** An alias may not be used to blow a small file up. */
const ALIASES_MAX = 50;

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new SourceError('YAML-SYNTAX', [{ file, line: 1, column: 1, rule: 'yaml', what }]);
  }
}

/** What is wrong at a place; `of` says whether the key or its value is meant. */
export interface Fault extends Pick<Problem, 'rule' | 'what'> {
  readonly instead?: string | undefined;
  readonly of?: 'key' | 'value';
}

/** A text that was taken apart, whatever file it stands in. */
interface Parsed {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** The dear part of reading: whoever reads the same words often keeps it, and gives it to `readYaml`. */
export function parseText(text: string): Parsed {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false }), lines };
}

/** Reads YAML 1.2. Throws `SourceError` YAML-SYNTAX: broken text, double keys, tags, lost aliases. */
export function readYaml(
  { file, text }: Source,
  { document, lines }: Parsed = parseText(text),
): YamlText {
  const broken = [...document.errors, ...document.warnings, ...lostAliases(document)];
  if (broken.length > 0) {
    const problems = broken.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { file, line, column: col, rule: 'yaml', what: error.message };
    });
    throw new SourceError('YAML-SYNTAX', problems);
  }
  const root = document.contents;
  const place: YamlText['place'] = (path, of = 'value') => {
    const { line, col } = lines.linePos(startOf(root, path, of));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    file,
    value: plainValue(document, file),
    place,
    problem: (path, { rule, what, instead, of }) => ({
      file,
      ...place(path, of),
      rule,
      what,
      ...(instead === undefined ? {} : { instead }),
    }),
  };
}

/** An alias `*name` without its anchor `&name` before it; the parser would only say so much later. */
function lostAliases(document: Document.Parsed): { pos: [number, number]; message: string }[] {
  const lost: { pos: [number, number]; message: string }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const [start = 0, end = start] = alias.range ?? [];
      const message = `There is no anchor &${alias.source} before the alias *${alias.source}`;
      lost.push({ pos: [start, end], message });
    },
  });
  return lost;
}

/** Reads and checks. Throws `SourceError`: YAML-SYNTAX or YAML-SHAPE. */
export function parseYaml<T>(source: Source, schema: z.ZodType<T>): T {
  const text = readYaml(source);
  const result = schema.safeParse(text.value);
  if (result.success) return result.data;
  throw new SourceError('YAML-SHAPE', shapeProblems(text, schema, result.error));
}

/** A schema's issues as problems with places, unknown keys one by one. */
export function shapeProblems(text: YamlText, schema: z.ZodType, error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path;
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path, text.value);
      return issue.keys.map((key) =>
        text.problem([...path, key], {
          rule: 'unknown-key',
          what: `${dotted([...path, key])} is not a key here`,
          instead: nearest(key, known),
          of: 'key',
        }),
      );
    }
    const found = valueAt(text.value, path);
    const what = `${dotted(path)}: ${issue.message}, found ${shown(found)}`;
    const choices = choicesOf(issue).map(String);
    const only = choices.length === 1 ? choices[0] : undefined;
    const instead = typeof found === 'string' ? (nearest(found, choices) ?? only) : undefined;
    const rule = found === undefined ? 'missing' : 'value';
    return [text.problem(path, { rule, what, instead })];
  });
}

function choicesOf(issue: z.core.$ZodIssue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  if (issue.code === 'invalid_union' && 'options' in issue) return issue.options as unknown[];
  return [];
}

/** `services.0.name.ko` as people write it: `services[0].name.ko`. */
export function dotted(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return text.join('').replace(/^\./, '') || 'the file';
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}

/** Offset of a node; stops at the last parent that is really there. */
function startOf(root: unknown, path: Path, of: 'key' | 'value'): number {
  let at = root as Node | null;
  let start = at?.range?.[0] ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isMap(at)) {
      const pair = at.items.find((item) => isScalar(item.key) && item.key.value === part);
      if (pair === undefined) break;
      const key = pair.key as Node;
      at = pair.value as Node | null;
      const last = depth === path.length - 1;
      start = (last && of === 'key' ? key.range?.[0] : (at ?? key).range?.[0]) ?? start;
    } else if (isSeq(at) && typeof part === 'number') {
      at = (at.items[part] as Node | undefined) ?? null;
      start = at?.range?.[0] ?? start;
    } else break;
  }
  return start;
}
