/**
 * Runbooks for a service of which the DR Cinder knows nothing. None of the shipped services is one: a
 * fresh folder makes the service that is asked for one, before the twin is built from it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Config, Service } from '../config.ts';
import type { LocalFolder } from './folder.ts';

const ways: Readonly<Record<string, Service['atDr']>> = {
  'failover-copy': 'copy',
  'failover-cut': 'cut',
  'failover-restored': 'restored',
};

/** True when services.yml of the folder was changed. */
export function leadThisWay(
  folder: LocalFolder,
  { services }: Config,
  wish: { readonly service: string; readonly runbook: string },
): boolean {
  const way = ways[wish.runbook];
  const place = services.findIndex(({ id }) => id === wish.service);
  if (way === undefined || place < 0) return false;
  const file = join(folder.config, 'services.yml');
  const text = parseDocument(readFileSync(file, 'utf8'));
  text.setIn(['services', place, 'atDr'], way);
  writeFileSync(file, text.toString());
  return true;
}
