/** Makes the evidence pack of an ended run; called with {run} at the conductor's end. */
import * as z from 'zod';
import { sealIfLast } from '../lib/evidence/seal.ts';
import { fileSigner } from '../lib/evidence/signer.ts';
import { openFunction, remembered } from '../lib/function.ts';
import { publishPack } from '../lib/store/publish.ts';

const eventSchema = z.object({ run: z.string().min(1) });

const parts = remembered(() => openFunction(process.env));

/** Safe to call again: the pack is the same, and stays as it was once the ledger has closed it. */
export async function handler(event: unknown) {
  const { run } = eventSchema.parse(event);
  const { env, config, store, blobs, keys, worker } = await parts();
  const pack = await sealIfLast({
    run,
    store,
    blobs,
    config,
    folder: env.packs,
    signer: fileSigner(keys.evidence),
    gatewayKeys: keys.gateways,
    ledger: worker.ledger,
  });
  if (pack === undefined) {
    // The last run of the drill makes the pack of all.
    await store.clearDue(run);
    return { run };
  }
  const { drill, manifestHash, result } = pack;
  const path = await publishPack(env, pack.path);
  // Only now does the run need nobody any more.
  await store.clearDue(run);
  return { drill, manifestHash, result, path };
}
