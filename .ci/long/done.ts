/** What was done already, and at which state of the sources: a night may take several. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Section } from './sections.ts';

export interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  readonly told: readonly string[];
}

export interface Done {
  /** Commit, and whether there were changes on top of it. */
  readonly sources: string;
  readonly fingerprint: string;
  readonly seed: string;
  /** By the key of a part. */
  readonly parts: Record<string, Result>;
}

const FILE = '.drillbook/night.json';
/** Written by the night itself. */
const OWN = ['docs/night.md', '.ci/long/last.json', '.ci/mutation/result.json'];

const git = (...args: readonly string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });

/** The same only for the same sources, committed or not. */
function sourcesNow(): { sources: string; fingerprint: string } {
  const head = git('rev-parse', '--short', 'HEAD').trim();
  const but = ['--', '.', ...OWN.map((name) => `:!${name}`)];
  const hash = createHash('sha256')
    .update(head)
    .update(git('diff', 'HEAD', ...but));
  const more = git('ls-files', '--others', '--exclude-standard', ...but);
  for (const name of more.split('\n').filter(existsSync))
    hash.update(name).update(readFileSync(name));
  const dirty = git('status', '--porcelain', ...but) !== '';
  return { sources: dirty ? `${head} with changes` : head, fingerprint: hash.digest('hex') };
}

/** What lies there, unless the sources are others or everything is to be forgotten. */
export function openDone(fresh: boolean, today: Date): Done {
  const now = sourcesNow();
  if (!fresh && existsSync(FILE)) {
    const kept: Done = JSON.parse(readFileSync(FILE, 'utf8'));
    if (kept.fingerprint === now.fingerprint) return kept;
  }
  return { ...now, seed: today.toISOString().slice(0, 10).replaceAll('-', ''), parts: {} };
}

export function keep(done: Done): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify(done, null, 2));
}

/** Of all parts of a section; undefined while one is missing. */
export function resultOf(section: Section, done: Done): Result | undefined {
  const results = section.parts.flatMap(({ key }) => done.parts[`${section.name} ${key}`] ?? []);
  if (results.length < section.parts.length) return undefined;
  return {
    ok: results.every(({ ok }) => ok),
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
    told: results.flatMap(({ told }) => told),
  };
}
