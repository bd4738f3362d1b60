/**
 * The twin's folder: its state as one file that is replaced whole, and the accepted changes as
 * lines. Writing is synchronous, so that no answer leaves before its change is on disk.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { TwinError } from './errors.ts';
import type { Effect } from './seams.ts';

export interface TwinDisk {
  /** The last saved state, or undefined in a fresh folder. Throws TW-STATE-BROKEN. */
  load(): unknown;
  save(state: unknown): void;
  append(effect: Effect): void;
  /** The first `count` effects; later lines belong to changes that were never saved and go. */
  effects(count: number): Effect[];
}

export function openDisk(folder: string): TwinDisk {
  mkdirSync(folder, { recursive: true });
  const [stateFile, effectsFile] = [join(folder, 'twin.json'), join(folder, 'effects.jsonl')];
  return {
    load: () => (existsSync(stateFile) ? stateIn(stateFile) : undefined),
    save: (state) => replace(stateFile, JSON.stringify(state)),
    append: (effect) => appendFileSync(effectsFile, `${JSON.stringify(effect)}\n`),
    effects(count) {
      if (!existsSync(effectsFile)) return [];
      const lines = readFileSync(effectsFile, 'utf8').split('\n').slice(0, count);
      replace(effectsFile, lines.map((line) => `${line}\n`).join(''));
      return lines.map((line) => JSON.parse(line) as Effect);
    },
  };
}

function stateIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TwinError('TW-STATE-BROKEN', `${file} cannot be read: ${why}.`);
  }
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}
