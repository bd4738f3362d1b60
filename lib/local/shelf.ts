/**
 * The runbooks of a house: those that are shipped, or its own where one had to be copied and its params
 * written, as the file itself asks for.
 */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Config } from '../config.ts';
import { findService } from '../run/moves/open.ts';
import type { LocalFolder } from './folder.ts';
import { rehearsalOf } from './rehearsals.ts';

const ownShelf = ({ root }: LocalFolder): string => join(root, 'runbooks');

export const shelfOf = (folder: LocalFolder, shipped: string): string =>
  existsSync(ownShelf(folder)) ? ownShelf(folder) : shipped;

/** Into a fresh folder, when the runbook does nothing before its params are written. */
export function writeParams(
  folder: LocalFolder,
  { config, shipped }: { readonly config: Config; readonly shipped: string },
  wish: { readonly service: string; readonly runbook: string },
): void {
  const { params } = rehearsalOf(wish.runbook);
  if (params === undefined) return;
  cpSync(shipped, ownShelf(folder), { recursive: true });
  const file = join(ownShelf(folder), `${wish.runbook}.yml`);
  const text = parseDocument(readFileSync(file, 'utf8'));
  const written = Object.entries(params(findService(config, wish.service)));
  for (const [name, value] of written) text.setIn(['params', name], value);
  writeFileSync(file, text.toString());
}
