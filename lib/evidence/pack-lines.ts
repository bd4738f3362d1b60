/** The lines of a pack's files, as a stranger reads them. */
import { sha256 } from '../canonical.ts';

export type Files = ReadonlyMap<string, Buffer>;

export interface Line<T> {
  readonly value: T;
  readonly hash: string;
}

/** Throws for a file that is not there, does not end with a line feed, or does not parse. */
export function linesOf<T>(files: Files, path: string, parse: (line: string) => T): Line<T>[] {
  const lines = textOf(files, path).split('\n');
  if (lines.pop() !== '') throw new Error(`${path} does not end with a line feed`);
  return lines.map((line) => ({ value: parse(line), hash: sha256(line) }));
}

export function textOf(files: Files, path: string): string {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`no ${path}`);
  return bytes.toString('utf8');
}

/** Numbers without gap and each `prev` the hash before; answers the first place that is not so. */
export function gapIn(lines: readonly Line<{ seq: number; prev: string }>[]): string | undefined {
  let before = lines[0];
  for (const line of lines.slice(1)) {
    const { seq, prev } = line.value;
    if (before !== undefined && seq !== before.value.seq + 1) {
      return `number ${seq} follows ${before.value.seq}`;
    }
    if (prev !== before?.hash) return `at number ${seq}: prev is not the hash before`;
    before = line;
  }
  return undefined;
}
