/** Moving a service of the bank: asked for in Slack, signed by two people with keys of their own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStatement } from '../../lib/approval/statement.ts';
import { canonical, hashOf } from '../../lib/canonical.ts';
import { readDrill } from '../../lib/evidence/content.ts';
import { type KnownLoss, lossOf } from '../../lib/evidence/loss.ts';
import { callKey, fingerprint } from '../../lib/gateway/keys.ts';
import type { Head } from '../../lib/run/head.ts';
import type { InboxBody } from '../../lib/run/inbox.ts';
import { openSession } from '../../lib/run/session.ts';
import type { Bank } from './bank.ts';

/** Signs what the approval message shows with the person's own key, past Slack. */
export async function sign(bank: Bank, run: string, handle: string): Promise<void> {
  const { approval, result } = await bank.head(run);
  const person = bank.config.people.find((one) => one.handle === handle);
  const offer = approval?.statement;
  if (person === undefined || offer === undefined) {
    throw new Error(`nothing to sign: ${JSON.stringify(result)}`);
  }
  const { step: _step, ...rest } = offer;
  const privateKey = readFileSync(join(bank.folder.keys, 'people', `${handle}.pem`), 'utf8');
  const signer = { keyId: fingerprint(privateKey), privateKey };
  const nonce = hashOf(`${run} ${handle}`);
  const signed = signStatement({ ...rest, person: person.id, nonce }, signer);
  const ask = { verb: 'approve', planHash: rest.planHash, signed } as const;
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask };
  const at = bank.clock.now();
  const delivery = `cli:${run}:${handle}`;
  await bank.store.putInbox({ run, delivery, at, person: person.id, body: canonical(body) });
}

/** Asks for the runbook, and two people who did not ask for it sign. The run's id. */
export async function ordered(bank: Bank, runbook: string, service: string): Promise<string> {
  const run = await bank.ask(`run ${runbook} ${service}`);
  for (const handle of ['lee', 'park']) await sign(bank, run, handle);
  return run;
}

/** Everybody does their part until it ends. */
export async function moved(bank: Bank, runbook: string, service: string): Promise<Head> {
  const run = await ordered(bank, runbook, service);
  const head = await bank.drive(run, ({ state }) => state === 'paused');
  if (head.pause !== undefined) throw new Error(`paused: ${JSON.stringify(head.pause)}`);
  return head;
}

/** What the report of a run says was lost; throws when it says that this is not known. */
export async function lossSaid({ store, blobs, config }: Bank, run: string): Promise<KnownLoss> {
  const { runs } = await readDrill(run, { store, blobs, tenant: config.policy.tenant });
  const content = runs.find((one) => one.run === run);
  if (content === undefined) throw new Error(`nothing is kept of ${run}`);
  const said = lossOf(content);
  if ('why' in said) throw new Error(said.why.en);
  return said;
}

/** Array, cloud and gateway of main are gone; what DR has received it has. */
export async function disaster(bank: Bank): Promise<void> {
  bank.world.fault('site-dead', true, { site: 'main' });
  bank.killGateway('main');
  bank.clock.advance(60_000);
}

/** Main has power again: its array, its cloud and its gateway answer. */
export async function repaired(bank: Bank): Promise<void> {
  bank.world.fault('site-dead', false, { site: 'main' });
  await bank.restartGateway('main');
  bank.clock.advance(60_000);
}

/**
 * Past the engine and what it judges: puts a call of an approved run at its gateway, as the first attempt
 * that is not void; its answer in words.
 */
export async function putByHand(bank: Bank, run: string, callId: string): Promise<string> {
  const session = await openSession(bank.worker.engine, run);
  const { plan: known, epoch } = session.state();
  const call = session.plan()?.calls.find(({ id }) => id === callId);
  const gateway = bank.worker.engine.gateways.get(call?.site ?? '');
  session.close();
  if (gateway === undefined || known === undefined) throw new Error(`no call ${callId}`);
  for (let attempt = 1; ; attempt++) {
    const putBy = bank.clock.now() + 30_000;
    const body = { planHash: known.hash, callId, attempt, epoch, putBy };
    const said = await gateway.put(callKey({ run, callId, attempt }), body).then(
      () => 'accepted',
      (error: unknown) => String(error),
    );
    if (!said.includes('GW-KEY-VOID')) return said;
  }
}
