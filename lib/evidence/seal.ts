/** The end of the evidence: closes the run, builds the pack, pins it in the ledger. */
import { eventsOf, readJournal } from './content.ts';
import type { Ledger } from './ledger.ts';
import { buildPack, type Pack, type PackOrder } from './pack.ts';

/** Repeatable after a crash at any point; each part is done once. */
export async function sealRun(order: PackOrder & { readonly ledger: Ledger }): Promise<Pack> {
  const { run, store, ledger } = order;
  const { events, head, ended } = await readJournal(run, store);
  const drill = eventsOf(events, 'run.opened')[0]?.data.drill ?? '';
  const { result } = ended.data;
  await ledger.closeRun({ drill, run, head, events: events.length, result });
  const pack = await buildPack(order);
  const sealing = { drill: pack.drill, packHash: pack.manifestHash, result: pack.result };
  await ledger.closeDrill(sealing, pack.reports);
  return pack;
}
