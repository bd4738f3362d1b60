/**
 * Makes the evidence pack of an ended run; called with {run} at the conductor's end, and by a person
 * with {join}: the SHA-256 of a file in the blob store that `gateway export` wrote.
 */
import * as z from 'zod';
import { joinBranch } from '../lib/evidence/join.ts';
import { sealIfLast } from '../lib/evidence/seal.ts';
import { fileSigner } from '../lib/evidence/signer.ts';
import { openFunction, remembered } from '../lib/function.ts';
import { systemRandom } from '../lib/random.ts';
import { publishPack } from '../lib/store/publish.ts';
import { planeKeys } from '../lib/worker.ts';

const eventSchema = z.union([
  z.object({ run: z.string().min(1) }),
  z.object({ join: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

const parts = remembered(() => openFunction(process.env));

/** Safe to call again: the pack is the same, and stays as it was once the ledger has closed it. */
export async function handler(event: unknown) {
  const wish = eventSchema.parse(event);
  return 'join' in wish ? joined(wish.join) : sealed(wish.run);
}

async function joined(file: string) {
  const { config, store, blobs, keys, clock } = await parts();
  const text = (await blobs.get(file)).toString('utf8');
  const world = { store, tenant: config.policy.tenant, clock, random: systemRandom };
  const seal = async (run: string) => (await sealed(run)).path;
  return joinBranch({ ...world, blobs, gatewayKeys: keys.gateways, seal }, text);
}

async function sealed(run: string) {
  const { env, config, store, blobs, keys, worker } = await parts();
  const pack = await sealIfLast({
    run,
    store,
    blobs,
    config,
    folder: env.packs,
    signer: fileSigner(keys.evidence),
    gatewayKeys: keys.gateways,
    planeKeys: planeKeys(keys),
    ledger: worker.ledger,
  });
  if (pack === undefined) {
    // The last run of the drill makes the pack of all.
    await store.clearDue(run);
    return { run, path: undefined };
  }
  const { drill, manifestHash, result } = pack;
  const path = await publishPack(env, pack.path);
  // Only now does the run need nobody any more.
  await store.clearDue(run);
  return { drill, manifestHash, result, path };
}
