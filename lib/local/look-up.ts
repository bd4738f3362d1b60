/** A run as the store has it, for a terminal that did not watch it from the beginning. */
import type { Shown } from '../run/advance.ts';
import { headSchema } from '../run/head.ts';
import { readJournal } from '../run/journal.ts';
import { planSchema } from '../runbook/plan.ts';
import type { Blobs, Store } from '../store/store.ts';

/** undefined for a run nobody has opened yet. */
export async function lookUp(store: Store, blobs: Blobs, run: string): Promise<Shown | undefined> {
  const item = await store.head(run);
  if (item === undefined) return undefined;
  const head = headSchema.parse(JSON.parse(item.json));
  const { events } = await readJournal(store, run);
  const resolved = events.find((event) => event.type === 'plan.resolved');
  const blob = resolved?.evidence.find((one) => one.label === 'plan')?.sha256;
  if (blob === undefined) return { head, plan: undefined, events };
  const plan = planSchema.parse(JSON.parse((await blobs.get(blob)).toString('utf8')));
  return { head, plan, events };
}
