/** Approvers who sign with keys of their own, where a click is not enough. */
import { needsOwnKey, signStatement } from '../../lib/approval/statement.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import type { Head } from '../../lib/run/head.ts';
import { ownKeys } from './keys.ts';
import { order, person } from './people.ts';
import type { Sim } from './sim.ts';

const APPROVERS = ['lee', 'park'];
const LOOK_MS = 15_000;

export async function signers(sim: Sim, done: () => boolean): Promise<void> {
  while (!done()) {
    await sim.time.sleep(LOOK_MS);
    for (const run of sim.runs) {
      const head = await sim.head(run);
      const handle = head === undefined || done() ? undefined : nextSigner(sim, head);
      if (head !== undefined && handle !== undefined) await sign(sim, head, handle);
    }
  }
}

function nextSigner(sim: Sim, { state, approval }: Head): string | undefined {
  const offer = approval?.statement;
  if (state !== 'awaiting-approval' || offer === undefined || !needsOwnKey(offer.class)) return;
  const granted = approval?.granted.map(({ person: id }) => id) ?? [];
  return APPROVERS.find((handle) => !granted.includes(person(sim, handle).id));
}

async function sign(sim: Sim, { run, approval }: Head, handle: string): Promise<void> {
  if (approval?.statement === undefined) return;
  const { step: _step, wave: _wave, ...offer } = approval.statement;
  const { privateKey } = ownKeys(handle);
  const statement = { ...offer, person: person(sim, handle).id, nonce: sim.chance.hex(16) };
  const signed = signStatement(statement, { keyId: fingerprint(privateKey), privateKey });
  await order(sim, run, handle, { verb: 'approve', planHash: offer.planHash, signed });
}
