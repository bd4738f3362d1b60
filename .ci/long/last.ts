/** The last result of each section, with day and sources, kept in the repository. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Done, Result } from './done.ts';
import type { Section } from './sections.ts';

export interface Last extends Result {
  /** Day and minute, UTC. */
  readonly at: string;
  /** Commit, and whether there were changes on top of it. */
  readonly sources: string;
  readonly seed: string;
  readonly node: string;
}

const FILE = '.ci/long/last.json';
const TOLD_MAX = 24;

export function readLast(): Record<string, Last> {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
}

export function keepLast(
  section: Section,
  result: Result,
  at: Done & { readonly now: Date },
): void {
  const { sources, seed, now } = at;
  const more = result.told.length - TOLD_MAX;
  const told = [...result.told.slice(0, TOLD_MAX), ...(more > 0 ? [`and ${more} more lines`] : [])];
  const last: Last = {
    ok: result.ok,
    seconds: Math.round(result.seconds),
    told,
    at: now.toISOString().slice(0, 16).replace('T', ' '),
    ...{ sources, seed, node: process.version },
  };
  writeFileSync(FILE, `${JSON.stringify({ ...readLast(), [section.name]: last }, null, 2)}\n`);
}
