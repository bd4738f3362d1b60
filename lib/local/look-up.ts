/** Runs as the store has them, for a house or a terminal that did not watch from the beginning. */
import { closedDrill } from '../evidence/archive.ts';
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

/** Runs under way, and those that ended with no evidence pack closed yet; newest first. */
export async function unfinishedRuns(store: Store, tenant: string): Promise<string[]> {
  const items = await store.heads(50);
  const heads = items.map((item) => headSchema.parse(JSON.parse(item.json)));
  const closed = await Promise.all(heads.map(({ drill }) => closedDrill(drill, { store, tenant })));
  return heads.filter((_, i) => closed[i] === undefined).map(({ run }) => run);
}
