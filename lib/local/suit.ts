/** Which service a runbook is rehearsed with, and a fresh folder made so that there is one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Config, Service } from '../config.ts';
import { findService } from '../run/moves/open.ts';
import type { RunbookData } from '../runbook/schema.ts';
import { LocalError, type LocalFolder } from './folder.ts';
import { needs } from './needs.ts';
import type { Ports } from './ports.ts';
import { rehearsalOf } from './rehearsals.ts';

interface Asked {
  readonly runbook: Pick<RunbookData, 'runbook' | 'replication'>;
  /** Undefined: the first one that suits. */
  readonly service: string | undefined;
  /** The folder is still to be made, for this runbook. */
  readonly fresh: boolean;
}

/** Throws LOCAL-SUIT when the service named, or every one, is of another kind than the runbook is for. */
export function serviceFor({ runbook, service, fresh }: Asked, config: Config): string {
  const { words, suits } = wanted(runbook, fresh);
  const suited = config.services.filter(suits).map(({ id }) => id);
  const [first] = suited;
  const chosen = service === undefined ? first : findService(config, service).id;
  if (chosen !== undefined && suited.includes(chosen)) return chosen;
  const what = `${runbook.runbook} is not for ${service ?? 'any service of this folder'}.`;
  const others = suited.length === 0 ? 'none here is one' : `here that is ${suited.join(', ')}`;
  throw new LocalError('LOCAL-SUIT', what, { why: `It wants a service with ${words}; ${others}.` });
}

/** What a fresh folder is going to have need not be there yet. */
function wanted({ runbook, replication }: Asked['runbook'], fresh: boolean) {
  const { need } = rehearsalOf(runbook);
  const meeting = need === undefined ? undefined : needs[need];
  const made = fresh && meeting?.make !== undefined ? meeting : undefined;
  const words = meeting?.words ?? `replication ${replication.join(' or ')}`;
  const suits = (service: Service): boolean => {
    const type = made?.gives ?? service.replication.type;
    return replication.includes(type) && (made !== undefined || (meeting?.has(service) ?? true));
  };
  return { words, suits };
}

/** Writes what the runbook needs into the configuration of a fresh folder. */
export function makeSuit(
  folder: LocalFolder,
  { config, ports }: { readonly config: Config; readonly ports: Ports },
  wish: { readonly service: string; readonly runbook: string },
): void {
  const { need } = rehearsalOf(wish.runbook);
  const place = config.services.findIndex(({ id }) => id === wish.service);
  if (need === undefined || place < 0) return;
  const farGateway = `http://127.0.0.1:${ports.gatewayFar}`;
  const edits = needs[need].make?.({ config, place, farGateway }) ?? [];
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const path = join(folder.config, `${file}.yml`);
    const text = parseDocument(readFileSync(path, 'utf8'));
    for (const edit of edits) if (edit.file === file) text.setIn(edit.path, edit.value);
    writeFileSync(path, text.toString());
  }
}
