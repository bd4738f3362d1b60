/** The shelf of runbooks: one YAML file each in a folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DrillbookError, nearest, shelfCodes } from './errors.ts';
import { loadRunbook } from './runbook/load.ts';
import type { Text } from './runbook/plan.ts';

export interface Shelf {
  ids(): Promise<string[]>;
  /** Throws SHELF-UNKNOWN naming the nearest runbook. */
  source(id: string): Promise<{ readonly file: string; readonly text: string }>;
}

export function runbookShelf(folder: string): Shelf {
  async function ids(): Promise<string[]> {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith('.yml'))
      .map((name) => name.slice(0, -4))
      .sort();
  }
  return {
    ids,
    source: async (id) => {
      const known = await ids();
      if (!known.includes(id)) {
        const near = nearest(id, known);
        throw new DrillbookError({
          code: 'SHELF-UNKNOWN',
          what: `There is no runbook "${id}".`,
          why: near === undefined ? `There are: ${known.join(', ')}.` : `Did you mean "${near}"?`,
          next: shelfCodes['SHELF-UNKNOWN'].next,
        });
      }
      const file = join(folder, `${id}.yml`);
      return { file, text: await readFile(file, 'utf8') };
    },
  };
}

/** Ids and titles of all runbooks on the shelf, as the door shows them. */
export async function titlesOf(folder: string): Promise<{ id: string; title: Text }[]> {
  const shelf = runbookShelf(folder);
  const ids = await shelf.ids();
  return Promise.all(
    ids.map(async (id) => ({ id, title: loadRunbook(await shelf.source(id)).title })),
  );
}
