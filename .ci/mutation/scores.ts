/** result.json: by file what it scored last, when, and at which text of the file. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const RESULT = '.ci/mutation/result.json';
const LEAST = 90;

export interface Score {
  readonly mutants: number;
  /** A test failed. */
  readonly killed: number;
  /** No test came to an end, not even with patience. */
  readonly timeout: number;
  readonly survived: number;
  /** Of the survivors, those that change nothing anybody could see. */
  readonly explained: number;
}

interface Kept extends Score {
  /** UTC. */
  readonly date: string;
  /** What was checked out, with changes or not. */
  readonly commit: string;
  /** `git hash-object` of the file. */
  readonly blob: string;
}

/** As git names it, so that `git ls-tree` tells whether a score is of this text. */
function blobOf(source: string): string {
  const size = Buffer.byteLength(source);
  return createHash('sha1').update(`blob ${size}\0`).update(source).digest('hex').slice(0, 10);
}

const kept = (): Record<string, Partial<Kept>> =>
  existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')) : {};

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' });

/** Written at once: a run that is stopped has lost only the file it was at. */
export function keep(file: string, source: string, score: Score): void {
  const head = git('rev-parse', '--short', 'HEAD').trim();
  const changed = git('status', '--porcelain', '--', '.', `:!${RESULT}`) !== '';
  const commit = changed ? `${head} with changes` : head;
  const date = new Date().toISOString().slice(0, 10);
  const all = { ...kept(), [file]: { ...score, date, commit, blob: blobOf(source) } };
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(RESULT, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

/** Nothing to do: it passed, and its text is the one that was scored. */
export function isDone(file: string): boolean {
  const score = kept()[file];
  if (score?.blob !== blobOf(readFileSync(file, 'utf8'))) return false;
  return isGood({ ...NOTHING, ...score });
}

const NOTHING: Score = { mutants: 0, killed: 0, timeout: 0, survived: 0, explained: 0 };

export const shareOf = ({ mutants, survived }: Score): number =>
  mutants === 0 ? 100 : (100 * (mutants - survived)) / mutants;

export const isGood = (score: Score): boolean =>
  shareOf(score) >= LEAST && score.explained === score.survived;
