/** `npm run docs:errors`: one page per error code, made from the catalogues beside the code. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Catalogue, CodeEntry } from '../lib/errors.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'docs/errors');

export interface Coded {
  readonly code: string;
  readonly file: string;
  readonly entry: CodeEntry;
}

/** Every entry of every `…Codes` table in lib, by code. A code that stands twice is listed twice. */
export async function allCodes(): Promise<Coded[]> {
  const names = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' });
  const holders = names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `lib/${name.split(path.sep).join('/')}`)
    .filter((file) =>
      /^export const \w+Codes\b/m.test(readFileSync(path.join(root, file), 'utf8')),
    );
  const tables = await Promise.all(holders.map(tablesOf));
  return tables.flat().sort((a, b) => (a.code < b.code ? -1 : 1));
}

async function tablesOf(file: string): Promise<Coded[]> {
  const module: Record<string, unknown> = await import(pathToFileURL(path.join(root, file)).href);
  return Object.entries(module)
    .filter(([name]) => name.endsWith('Codes'))
    .flatMap(([, table]) => Object.entries(table as Catalogue))
    .map(([code, entry]) => ({ code, file, entry }));
}

/** Pages by path, relative to the repository. */
export function pagesOf(codes: readonly Coded[]): Map<string, string> {
  const pages = codes.map((coded): [string, string] => [
    `docs/errors/${coded.code}.md`,
    page(coded),
  ]);
  return new Map([['docs/errors/index.md', index(codes)], ...pages]);
}

const MADE = '<!-- Made by npm run docs:errors from the catalogue named below; edit that. -->';

function page({ code, file, entry }: Coded): string {
  const status = entry.status === undefined ? '' : `HTTP status ${entry.status}. `;
  return [
    MADE,
    `# ${code}`,
    `**What it means.** ${entry.means}`,
    `**What to do.** ${entry.next}`,
    `${status}Catalogue: \`${file}\`. [All codes](index.md)`,
    '',
  ].join('\n\n');
}

function index(codes: readonly Coded[]): string {
  const rows = codes.map(({ code, entry }) => {
    return `| [${code}](${code}.md) | ${entry.means.replaceAll('|', '\\|')} |`;
  });
  return [MADE, '', '# Error codes', '', '| code | what it means |', '|---|---|', ...rows, ''].join(
    '\n',
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pages = pagesOf(await allCodes());
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) writeFileSync(path.join(root, name), text);
  process.stdout.write(`${pages.size} pages in docs/errors\n`);
}
