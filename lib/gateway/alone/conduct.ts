/** Working on a run at a gateway until it ends; then its evidence pack. It may be killed at any time. */
import { join } from 'node:path';
import { sealRun } from '../../evidence/seal.ts';
import { fileSigner } from '../../evidence/signer.ts';
import { advance, type Shown } from '../../run/advance.ts';
import { type Conductor, createConductor } from '../../run/conductor.ts';
import { aloneId } from '../trust.ts';
import type { Plane } from './plane.ts';

const BUDGET_MS = 25_000;

export function conduct(
  { engine }: Plane,
  tell: {
    readonly shown: (shown: Shown) => void;
    readonly failed: (error: unknown) => void;
  },
): Conductor {
  return createConductor({
    clock: engine.clock,
    tick: async (run) => {
      const { pace, shown } = await advance(engine, run, engine.clock.now() + BUDGET_MS);
      if (shown !== undefined) tell.shown(shown);
      return pace;
    },
    onError: (_, error) => tell.failed(error),
  });
}

/** The folder of the pack, signed with the gateway's own key: it is the plane's only one. */
export async function packOf(
  plane: Plane,
  run: string,
  at: { readonly folder: string; readonly privateKey: string },
): Promise<string> {
  const { engine, ledger, config, gatewayKeys, site } = plane;
  const { store, blobs } = engine;
  const signer = fileSigner(at.privateKey);
  const folder = join(at.folder, 'packs');
  const planeKeys = {
    ...Object.fromEntries(plane.trust().controlPlanes.map((one) => [one.id, one.publicKey])),
    [aloneId(site)]: gatewayKeys[site] ?? '',
  };
  const keys = { gatewayKeys, planeKeys };
  const order = { run, store, blobs, folder, signer, config, ...keys, ledger };
  return (await sealRun(order)).path;
}
