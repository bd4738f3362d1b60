/** The end of the evidence: closes the run; the last of its drill builds, keeps and pins the pack. */
import { archivePack, closedDrill, layOutPack } from './archive.ts';
import { eventsOf, readJournal } from './content.ts';
import { EvidenceError } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { buildPack, type Pack, type PackOrder } from './pack.ts';
import { dataOf, readLedger } from './records.ts';

/**
 * Repeatable after a crash at any point, on any machine: a drill that the ledger has closed is
 * never signed anew, its pack is laid out again from the blob store. Throws EV-DRILL-OPEN when other
 * runs of the drill are open: the last of them makes the pack.
 */
export async function sealRun(order: PackOrder & { readonly ledger: Ledger }): Promise<Pack> {
  const { run, store, blobs, ledger, folder, config } = order;
  const { tenant } = config.policy;
  const known = dataOf(await readLedger(store, tenant), 'run.closed').find(
    (data) => data.run === run,
  );
  const { events, head, ended } = await readJournal(run, store, known?.head);
  assertHere(run, events);
  const drill = eventsOf(events, 'run.opened')[0]?.data.drill ?? '';
  const { result } = ended.data;
  await ledger.closeRun({ drill, run, head, events: events.length, result });

  const closed = await closedDrill(drill, { store, tenant });
  if (closed !== undefined) await layOutPack(closed, { blobs, folder });
  const pack = await buildPack(order);
  const signature = await archivePack(pack.path, blobs);
  const sealing = { drill, packHash: pack.manifestHash, signature, result: pack.result };
  await ledger.closeDrill(sealing, pack.reports);
  return pack;
}

/** Throws EV-RUN-ELSEWHERE for lines that another plane of the same run has overtaken. */
function assertHere(run: string, events: Parameters<typeof eventsOf>[0]): void {
  if (eventsOf(events, 'run.pre-empted').every(({ data }) => data.by !== run)) return;
  throw new EvidenceError('EV-RUN-ELSEWHERE', {
    what: `Run ${run}.`,
    why: 'A gateway went on with it under a newer epoch.',
  });
}

const LATER: readonly string[] = ['EV-DRILL-OPEN', 'EV-RUN-ELSEWHERE'];

/** The same, but undefined while other runs of the drill are open, or this one is not at home. */
export async function sealIfLast(order: Parameters<typeof sealRun>[0]): Promise<Pack | undefined> {
  try {
    return await sealRun(order);
  } catch (error) {
    if (error instanceof EvidenceError && LATER.includes(error.code)) return undefined;
    throw error;
  }
}
