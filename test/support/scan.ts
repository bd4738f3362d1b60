/**
 * A reader of TypeScript that knows just enough for `tidy`: where code ends and comments, strings
 * and regular expressions begin, where functions are, and what a file imports and exports.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly name: string;
  readonly text: string;
  /** The same length and lines, with the inside of comments, strings and patterns blanked. */
  readonly code: string;
}

/** All files below the folders whose names end as asked; nothing that tools made. */
export function filesBelow(root: string, folders: readonly string[], endings: RegExp): string[] {
  const skipped = new Set([
    'node_modules',
    '.git',
    'dist',
    '.serverless',
    '.drillbook',
    'coverage',
  ]);
  const walk = (name: string): string[] => {
    const full = path.join(root, name);
    const there = statSync(full, { throwIfNoEntry: false });
    if (!there?.isDirectory()) return there === undefined ? [] : [name];
    return readdirSync(full)
      .filter((entry) => !skipped.has(entry))
      .flatMap((entry) => walk(name === '' ? entry : `${name}/${entry}`));
  };
  return folders.flatMap(walk).filter((name) => endings.test(name));
}

export function sourceFiles(root: string, folders: readonly string[]): SourceFile[] {
  return filesBelow(root, folders, /\.(ts|mjs)$/).map((name) => {
    const text = readFileSync(path.join(root, name), 'utf8');
    return { name, text, code: blanked(text) };
  });
}

/** What a `/` means depends on what stands before it: after these it begins a pattern. */
const BEFORE_PATTERN = /(^|[=(,:[!&|?{};>+~^%*-]|\b(return|typeof|case|of|in|await|yield))\s*$/;

type Place = 'code' | 'template';

/** Blanks everything that is not code, keeping length and line breaks. */
export function blanked(text: string): string {
  const out = text.split('');
  const places: Place[] = ['code'];
  const depths = [0];
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' ';
  };
  let at = 0;
  while (at < text.length) {
    const end = places.at(-1) === 'template' ? templatePart(text, at) : opaque(text, at, out);
    if (end > at) {
      blank(at, end);
      at = end;
    }
    const char = text[at];
    if (places.at(-1) === 'template') {
      places.pop();
      if (char === '$') {
        places.push('template', 'code');
        depths.push(0);
        at += 2;
      } else at += 1;
    } else {
      const depth = depths.length - 1;
      if (char === '`') places.push('template');
      if (char === '{') depths[depth] = (depths[depth] ?? 0) + 1;
      if (char === '}' && depths[depth] === 0 && places.length > 1) {
        places.pop();
        depths.pop();
      } else if (char === '}') depths[depth] = (depths[depth] ?? 0) - 1;
      if (end === at || char === '`' || char === '{' || char === '}') at += 1;
    }
  }
  return out.join('');
}

/** End of the text part of a template: at its closing backtick or its next hole. */
function templatePart(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) {
    at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at, text.length);
}

/** End of the comment, string or pattern that begins here; `from` when code goes on. */
function opaque(text: string, from: number, out: readonly string[]): number {
  const rest = (until: number) => (until === -1 ? text.length : until);
  if (text.startsWith('//', from)) return rest(text.indexOf('\n', from));
  if (text.startsWith('/*', from)) return rest(text.indexOf('*/', from) + 1) + 1;
  const char = text[from];
  if (char === "'" || char === '"') return closing(text, from, char);
  if (char !== '/') return from;
  const before = out
    .slice(Math.max(0, from - 200), from)
    .join('')
    .trimEnd();
  return BEFORE_PATTERN.test(before) ? patternEnd(text, from) : from;
}

function closing(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function patternEnd(text: string, from: number): number {
  let inClass = false;
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return at + 1;
  }
  return from;
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Index of the bracket that closes the one at `open`. */
export function matching(code: string, open: number): number {
  const stack: string[] = [];
  for (let at = open; at < code.length; at++) {
    const char = code[at] ?? '';
    const close = PAIRS[char];
    if (close !== undefined) stack.push(close);
    else if (char === stack.at(-1)) stack.pop();
    if (stack.length === 0) return at;
  }
  return code.length;
}

export interface FoundFunction {
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

const NOT_A_FUNCTION = /\b(if|for|while|switch|catch|with|await)\s*$/;

/** Functions, methods and arrows with a body in braces, and arrows without. */
export function functionsIn(code: string): FoundFunction[] {
  const found: FoundFunction[] = [];
  for (let open = code.indexOf('('); open !== -1; open = code.indexOf('(', open + 1)) {
    if (NOT_A_FUNCTION.test(code.slice(Math.max(0, open - 10), open))) continue;
    const close = matching(code, open);
    const body = bodyAfter(code, close + 1);
    if (body === undefined) continue;
    const end = code[body] === '{' ? matching(code, body) : body;
    found.push({
      line: lineOf(code, open),
      lines: lineOf(code, end) - lineOf(code, open) + 1,
      parameters: topLevelParts(code.slice(open + 1, close)),
    });
  }
  return found;
}

/** Where the body begins if a parameter list ends before `at`: `{`, or what follows `=>`. */
function bodyAfter(code: string, at: number): number | undefined {
  let i = skipSpace(code, at);
  if (code[i] === ':') i = typeEnd(code, i + 1);
  if (code.startsWith('=>', i)) return skipSpace(code, i + 2);
  return code[i] === '{' ? i : undefined;
}

/** Past a return type: braces that follow `:`, `|`, `&`, `<`, `,` or `=>` belong to it. */
function typeEnd(code: string, from: number): number {
  let i = from;
  let last = ':';
  for (; i < code.length; i++) {
    const char = code[i] ?? '';
    if (/\s/.test(char)) continue;
    if (/[;,)=]/.test(char)) return i;
    if (char === '{' && !/[:|&<,]/.test(last)) return i;
    if (char in PAIRS) i = matching(code, i);
    else if (char === '<') i = angleEnd(code, i);
    last = char === '<' ? '>' : char;
  }
  return i;
}

function angleEnd(code: string, from: number): number {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if (code[i] === '<') depth += 1;
    if (code[i] === '>' && code[i - 1] !== '=') depth -= 1;
    if (depth === 0) return i;
  }
  return code.length;
}

function skipSpace(code: string, from: number): number {
  let i = from;
  while (i < code.length && /\s/.test(code[i] ?? '')) i += 1;
  return i;
}

function topLevelParts(list: string): number {
  let parts = 0;
  let some = false;
  for (let i = 0; i < list.length; i++) {
    const char = list[i] ?? '';
    if (char in PAIRS) i = matching(list, i);
    else if (char === '<') i = angleEnd(list, i);
    if (char === ',') {
      parts += some ? 1 : 0;
      some = false;
    } else if (!/\s/.test(char)) some = true;
  }
  return parts + (some ? 1 : 0);
}

export const lineOf = (text: string, index: number): number =>
  text.slice(0, index).split('\n').length;

/** What a file imports: packages by name, own files by path from the repository. */
export function importsOf(file: SourceFile): string[] {
  const pattern = /\b(?:from\s+|import\s+|import\(\s*)'([^']+)'/g;
  return [...file.text.matchAll(pattern)].flatMap(([whole, name = '']) => {
    const at = file.text.indexOf(whole);
    // The word must be code: an import that stands in a comment or a string is none.
    if (!/\b(from|import)\b/.test(file.code.slice(at, at + whole.length))) return [];
    if (!name.startsWith('.')) return [name];
    return [path.posix.join(path.posix.dirname(file.name), name)];
  });
}

/** Names a file exports where it declares them. */
export function exportsOf(code: string): string[] {
  const words = 'function|const|let|class|interface|type';
  const pattern = new RegExp(`^export (?:async )?(?:abstract )?(?:${words})\\*? (\\w+)`, 'gm');
  return [...code.matchAll(pattern)].map(([, name = '']) => name);
}
