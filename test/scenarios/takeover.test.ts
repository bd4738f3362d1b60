/** The main centre burns down: two people sign, two see that main cannot write, DR opens its volumes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { signStatement } from '../../lib/approval/statement.ts';
import { canonical, hashOf } from '../../lib/canonical.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import { receiptSchema } from '../../lib/gateway/protocol.ts';
import type { Head } from '../../lib/run/head.ts';
import type { InboxBody } from '../../lib/run/inbox.ts';
import { shippedTo } from '../../lib/run/moves/shipped.ts';
import { openSession } from '../../lib/run/session.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { entriesAt } from '../support/epochs.ts';
import { putByHand } from '../support/moves.ts';
import { changesAt } from '../support/proof.ts';

let bank: Bank;
afterEach(() => bank.close());

/** Array, cloud and gateway of main are gone; what DR has received it has. */
async function disaster(): Promise<void> {
  bank.world.fault('site-dead', true, { site: 'main' });
  bank.killGateway('main');
  bank.clock.advance(60_000);
}

/** Signs what the approval message shows with the person's own key, past Slack. */
async function sign(run: string, handle: string): Promise<void> {
  const { approval } = await bank.head(run);
  const person = bank.config.people.find((one) => one.handle === handle);
  const offer = approval?.statement;
  if (person === undefined || offer === undefined) throw new Error('no offer');
  const { step: _step, wave: _wave, ...rest } = offer;
  const privateKey = readFileSync(join(bank.folder.keys, 'people', `${handle}.pem`), 'utf8');
  const signer = { keyId: fingerprint(privateKey), privateKey };
  const signed = signStatement(
    { ...rest, person: person.id, nonce: hashOf(`${run} ${handle}`) },
    signer,
  );
  const ask = { verb: 'approve', planHash: rest.planHash, signed } as const;
  const body: InboxBody = { v: 1, origin: { via: 'cli' }, ask };
  const at = bank.clock.now();
  const delivery = `cli:${handle}`;
  await bank.store.putInbox({ run, delivery, at, person: person.id, body: canonical(body) });
}

async function failOver(): Promise<string> {
  const run = await bank.ask('run takeover payments');
  expect(await bank.head(run)).toMatchObject({ state: 'awaiting-approval' });
  // Whoever signs has read that main is not asked.
  const shown = JSON.stringify(await bank.slack.messages(bank.config.policy.channel));
  expect(shown).toContain('서울 주전산센터 없이 진행');
  await sign(run, 'lee');
  await sign(run, 'park');
  return run;
}

describe('a takeover in a real disaster', () => {
  it('opens every volume at DR, and nothing of it asks main', async () => {
    bank = await openBank();
    await disaster();
    const run = await failOver();
    // Nothing is sent before two people saw that main cannot write (rule 5).
    await bank.drive(run, ({ asks }: Head) => asks.length > 0, false);
    await bank.tick(run);
    expect(changesAt(bank, 'dr')).toEqual([]);
    // A click without words is no proof that power was cut.
    await bank.press('han', actionIds.performed, run);
    await bank.tick(run);
    const refused = (await bank.events(run)).filter(({ type }) => type === 'refused');
    expect(refused.map(({ data }) => data)).toMatchObject([{ refusal: { code: 'RUN-PROOF' } }]);
    const head = await bank.drive(run);
    expect(head.result).toMatchObject({ result: 'passed' });
    expect(changesAt(bank, 'dr')).toHaveLength(1);
    expect(changesAt(bank, 'main')).toEqual([]);
    const accepted = entriesAt(bank, 'dr').filter(({ type }) => type === 'accepted');
    expect(accepted).toMatchObject([{ callId: 'takeover.takeover', givenUp: ['main'] }]);
    const answered = entriesAt(bank, 'dr').find(({ type }) => type === 'answered');
    const receipt = receiptSchema.parse(answered?.['receipt']);
    expect(receipt).toMatchObject({ simulated: true, givenUp: ['main'] });
    expect(receipt.guards.map(({ id, holds }) => `${id} ${holds}`)).toEqual([
      'secondary-takeable#h9 true',
      'journal-cut-off#h1 true',
      'remote-paths-down#h1 true',
    ]);
    // A gateway elsewhere would be told of it by this very receipt.
    const session = await openSession(bank.worker.engine, run);
    const [call] = session.plan()?.calls ?? [];
    if (call === undefined) throw new Error('no call');
    const next = { ...call, id: 'x.y', site: 'main', after: [call.id] };
    expect(await shippedTo(session, next)).toEqual([receipt]);
    expect(await shippedTo(session, { ...next, site: 'dr' })).toEqual([]);
    const checks = (await bank.events(run)).filter(({ type }) => type === 'check.result');
    expect(checks).toMatchObject([{ data: { actual: '12 SSWS', verdict: 'passed' } }]);
  });

  it('is not begun by clicks: both people sign with their own keys (rule 1)', async () => {
    bank = await openBank();
    await disaster();
    const run = await bank.ask('run takeover payments');
    await bank.press('lee', 'drillbook:approve', run).catch(() => '');
    await bank.press('park', 'drillbook:approve', run).catch(() => '');
    await bank.drive(run, ({ state }: Head) => state === 'awaiting-approval', false);
    expect((await bank.head(run)).approval?.granted ?? []).toEqual([]);
    expect(changesAt(bank, 'dr')).toEqual([]);
  });

  it('is refused while main still replicates, by engine and gateway, whatever people said (rule 5)', async () => {
    bank = await openBank();
    bank.killGateway('main');
    const run = await failOver();
    const head = await bank.drive(run, ({ state }: Head) => state === 'paused');
    expect(head.pause?.step).toBe('takeover');
    expect(changesAt(bank, 'dr')).toEqual([]);
    expect(head.pause?.refusal.why).toContain(hazardText(1));
    const refused = await putByHand(bank, run, 'takeover.takeover');
    expect(refused).toMatch(/GW-GUARD.*remote-paths-down#h1.*NML/);
    expect(refused).toContain(hazardText(1));
    expect(changesAt(bank, 'dr')).toEqual([]);
  });
});
