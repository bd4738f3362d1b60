/** A run that was worked on here, put into one signed file for the control plane to join. */
import { type Branch, writeBranch } from '../../evidence/branch-file.ts';
import { readLedger } from '../../evidence/records.ts';
import { type JournalEvent, parseEvent } from '../../run/events.ts';
import { journalChain } from '../../run/journal.ts';
import type { Blobs, Store } from '../../store/store.ts';
import { GatewayError } from '../errors.ts';

export interface ExportOrder {
  readonly run: string;
  readonly site: string;
  readonly tenant: string;
  /** The plane's own store, and the texts on this disk. */
  readonly store: Store;
  readonly blobs: Blobs;
  /** The gateway's key, PEM. */
  readonly privateKey: string;
}

export interface Exported {
  /** What the file holds. */
  readonly text: string;
  readonly lines: number;
  readonly ended: boolean;
  /** Names of texts that never came to this disk. */
  readonly absent: readonly string[];
}

/** Throws GW-ALONE-RUN for a run on which nobody worked here. */
export async function exportRun(order: ExportOrder): Promise<Exported> {
  const { run, site, tenant, store, blobs, privateKey } = order;
  const journal = (await store.chain(journalChain(run))).map(({ line }) => line);
  if (journal.length === 0) {
    const why = 'Nobody continued or began it at this gateway.';
    throw new GatewayError('GW-ALONE-RUN', `Run ${run} cannot be exported.`, { why });
  }
  const events = journal.map(parseEvent);
  const ledger = (await readLedger(store, tenant)).map(({ line }) => line);
  const texts: string[] = [];
  const absent: string[] = [];
  for (const name of named(events)) {
    const bytes = await blobs.get(name).catch(() => undefined);
    if (bytes === undefined) absent.push(name);
    else texts.push(bytes.toString('base64'));
  }
  const branch: Branch = {
    ...{ v: 1, kind: 'branch', site, tenant, run, journal, ledger, texts, absent },
  };
  const ended = events.some(({ type }) => type === 'run.ended');
  return { text: writeBranch(branch, privateKey), lines: journal.length, ended, absent };
}

const named = (events: readonly JournalEvent[]): Set<string> =>
  new Set(events.flatMap(({ evidence }) => evidence.map(({ sha256 }) => sha256)));
