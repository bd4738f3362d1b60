/** `MANIFEST.sha256`: what `sha256sum -c` reads, one line per file, sorted by path. */
import { sha256 } from '../canonical.ts';

/** Files of a pack by path, bytes as written. */
export type PackFiles = ReadonlyMap<string, Buffer>;

const LINE = /^([0-9a-f]{64}) {2}([A-Za-z0-9_][A-Za-z0-9_./-]*)$/;

export function manifestOf(files: PackFiles): string {
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`)
    .join('');
}

/** Path -> SHA-256, or undefined when a line is not in the one form this file is written in. */
export function parseManifest(text: string): Map<string, string> | undefined {
  if (!text.endsWith('\n')) return undefined;
  const entries = new Map<string, string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const [, hash, path] = LINE.exec(line) ?? [];
    if (hash === undefined || path === undefined) return undefined;
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
      return undefined;
    if (entries.has(path)) return undefined;
    entries.set(path, hash);
  }
  return entries;
}
