/** The end of the evidence: closes the run, builds the pack, keeps it, pins it in the ledger. */
import { archivePack, closedDrill, layOutPack } from './archive.ts';
import { eventsOf, readJournal } from './content.ts';
import type { Ledger } from './ledger.ts';
import { buildPack, type Pack, type PackOrder } from './pack.ts';

/**
 * Repeatable after a crash at any point, on any machine: a drill that the ledger has closed is
 * never signed anew, its pack is laid out again from the blob store.
 */
export async function sealRun(order: PackOrder & { readonly ledger: Ledger }): Promise<Pack> {
  const { run, store, blobs, ledger, folder, config } = order;
  const { events, head, ended } = await readJournal(run, store);
  const drill = eventsOf(events, 'run.opened')[0]?.data.drill ?? '';
  const { result } = ended.data;
  await ledger.closeRun({ drill, run, head, events: events.length, result });

  const closed = await closedDrill(drill, { store, tenant: config.policy.tenant });
  if (closed !== undefined) await layOutPack(closed, { blobs, folder });
  const pack = await buildPack(order);
  const signature = await archivePack(pack.path, blobs);
  const sealing = { drill, packHash: pack.manifestHash, signature, result: pack.result };
  await ledger.closeDrill(sealing, pack.reports);
  return pack;
}
