/** What this gateway keeps of the others: what it granted them, and what their calls came to. */
import { callKey } from '../keys.ts';
import type { Grant, Receipt } from '../protocol.ts';
import type { Entry } from './entries.ts';

export interface Abroad {
  /** By key: a key is granted once. */
  readonly grants: Map<string, Grant>;
  /** Verified receipts of calls at other sites, by key. */
  readonly receipts: Map<string, Receipt>;
  /** Ids of the calls that there is a receipt of, in whatever run. */
  readonly calls: Set<string>;
}

export const emptyAbroad = (): Abroad => ({
  grants: new Map(),
  receipts: new Map(),
  calls: new Set(),
});

/** Folds one line of the log; all others are none of its business. */
export function noteAbroad(abroad: Abroad, entry: Entry): void {
  if (entry.type === 'grant') abroad.grants.set(entry.grant.key, entry.grant);
  if (entry.type !== 'peer-receipts') return;
  for (const receipt of entry.receipts) {
    if (receipt.key === undefined) continue;
    abroad.receipts.set(receipt.key, receipt);
    if (receipt.callId !== undefined) abroad.calls.add(receipt.callId);
  }
}

/** More attempts than an engine ever makes of one call. */
const ATTEMPTS = 100;

/** Receipts of all attempts of a call at another site, first to last. */
export function receiptsOf(
  { receipts, calls }: Abroad,
  { run, callId }: { readonly run: string; readonly callId: string },
): Receipt[] {
  if (!calls.has(callId)) return [];
  const keys = Array.from({ length: ATTEMPTS }, (_, i) => callKey({ run, callId, attempt: i + 1 }));
  return keys.flatMap((key) => receipts.get(key) ?? []);
}
