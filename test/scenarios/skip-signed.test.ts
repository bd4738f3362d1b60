/** A step of a plan above class `copy`, skipped by two people who signed at their own machines (rule 1). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shownOffer } from '../../lib/approval/skip.ts';
import { type Offer, signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import type { SignedStatement } from '../../lib/gateway/protocol.ts';
import { loadConfig } from '../../lib/load-config.ts';
import type { Head } from '../../lib/run/head.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { wishDoor } from '../../lib/run/wish-door.ts';
import { askOfStatement, signWish } from '../../lib/run/wishes.ts';
import { refusalIn } from '../../lib/slack/texts/codes.ts';
import { type Bank, openBank } from '../support/bank.ts';
import { changesAt, residue } from '../support/proof.ts';

let bank: Bank;
let run: string;
let door: ReturnType<typeof wishDoor>;
let count = 0;

beforeAll(async () => {
  bank = await openBank({ sparing: true });
  // The volumes of the copy are not drillable any more: what touches them is of class `data`.
  await bank.restartGateway('dr', (disk) => {
    const file = join(disk, '..', 'gateway.yml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/volumes:\n( +- .*\n)+/, 'volumes: []\n'));
  });
  door = wishDoor({
    store: bank.store,
    signal: async (id) => void (await bank.tick(id)),
    people: (await loadConfig(bank.folder.config)).people,
    clock: { now: bank.clock.now, sleep: async () => {} },
    inLanguage: refusalIn,
  });
  run = await bank.ask('drill loans');
});
afterAll(() => bank.close());

function keyOf(handle: string) {
  const privateKey = readFileSync(join(bank.folder.keys, 'people', `${handle}.pem`), 'utf8');
  return { key: fingerprint(privateKey), privateKey };
}
const idOf = (handle: string) => bank.config.people.find((one) => one.handle === handle)?.id ?? '';
const nonce = () => hashOf(++count);

/** Through the door that stands in AWS; what was journaled, or the code of the refusal. */
async function wish(handle: string, ask: Ask): Promise<string> {
  const at = bank.clock.now();
  const stamp = { v: 1, kind: 'wish', person: idOf(handle), at, nonce: nonce() } as const;
  const signed = signWish({ ...stamp, order: { run, ask } }, keyOf(handle));
  const request = { method: 'POST', url: 'https://dr.example/wishes', headers: {} };
  const answer = await door({ ...request, body: JSON.stringify(signed) }, '192.0.2.1');
  const said = JSON.parse(answer.body);
  return said.event ?? said.refusal?.en.code ?? said.state;
}

function sign(offer: Offer, handle: string, by = handle): SignedStatement {
  const { key, privateKey } = keyOf(by);
  const statement = { ...offer, person: idOf(handle), nonce: nonce() };
  return signStatement(statement, { keyId: key, privateKey });
}

async function signedSkip(
  handle: string,
  verb: 'skip' | 'confirm-skip',
  { by = handle, ...change }: Partial<Offer> & { by?: string } = {},
): Promise<string> {
  const { skipping } = await bank.head(run);
  if (skipping === undefined) throw new Error('nothing is skipped by signature');
  const offer = shownOffer(skipping, { verb, step: 'boot', now: bank.clock.now() });
  const signed = sign({ ...offer, ...change }, handle, by);
  // Another step in what is signed than in what is asked.
  const ask = askOfStatement({ verb, reason: 'no servers today' }, signed);
  return wish(handle, { ...ask, step: 'boot' } as Ask);
}

test('approved by signatures through the same door, it is held before the step', async () => {
  const { approval } = await bank.head(run);
  if (approval?.statement === undefined) throw new Error('nothing waits');
  for (const handle of ['lee', 'park']) {
    const signed = sign(approval.statement, handle);
    expect(await wish(handle, askOfStatement({ verb: 'approve' }, signed))).toBe(
      'approval.granted',
    );
  }
  expect(await wish('han', { verb: 'pause', reason: 'look first' })).toBe('operator.pause');
  await bank.drive(run, ({ state }: Head) => state === 'held', false);
});

test('no click and no other words ask for it, and not who requested the run', async () => {
  const plain = { verb: 'skip', step: 'boot', reason: 'r' } as const;
  expect(await wish('han', plain)).toBe('APR-OWN-KEY');
  expect(await signedSkip('han', 'skip', { step: 'verify' })).toBe('APR-STATEMENT');
  expect(await signedSkip('han', 'skip', { planHash: 'f'.repeat(64) })).toBe('APR-STATEMENT');
  expect(await signedSkip('han', 'skip', { role: 'dr-approver' })).toBe('APR-STATEMENT');
  expect(await signedSkip('han', 'skip', { by: 'lee' })).toBe('APR-KEY');
  expect(await signedSkip('han', 'skip', { notAfter: bank.clock.now() })).toBe('APR-PERIOD');
  expect(await signedSkip('han', 'skip', { notAfter: 9e15 })).toBe('APR-PERIOD');
  expect(await signedSkip('kim', 'skip')).toBe('APR-SELF');
  expect(await signedSkip('lee', 'skip')).toBe('RUN-ROLE');
  expect((await bank.head(run)).skips).toBeUndefined();
});

test('a wish whose signature has ended counts no more and can be made anew', async () => {
  const notAfter = bank.clock.now() + 60_000;
  expect(await signedSkip('han', 'skip', { notAfter })).toBe('operator.skip');
  expect(await signedSkip('han', 'skip')).toBe('RUN-WISHED');
  bank.clock.advance(60_000);
  expect(await signedSkip('lee', 'confirm-skip')).toBe('RUN-NO-WISH');
  expect(await signedSkip('han', 'skip')).toBe('operator.skip');
});

test('an approver confirms it with an own key, the gateways take it, and the run goes on', async () => {
  expect(await wish('lee', { verb: 'confirm-skip', step: 'boot' })).toBe('APR-OWN-KEY');
  expect(await signedSkip('yoon', 'confirm-skip')).toBe('RUN-ROLE');
  expect(await signedSkip('lee', 'confirm-skip')).toBe('skip.confirmed');
  await bank.drive(run, ({ steps }: Head) => steps.some((one) => one.state === 'skipped'), false);
  const events = await bank.events(run);
  const delivered = events.filter(({ type }) => type === 'skip.delivered');
  expect(delivered.map(({ data }) => (data as { site: string }).site)).toEqual(['dr']);
  const [evidence] = delivered[0]?.evidence ?? [];
  const kept = JSON.parse((await bank.blobs.get(evidence?.sha256 ?? '')).toString());
  expect(kept.map((one: SignedStatement) => one.statement.person)).toEqual([
    idOf('han'),
    idOf('lee'),
  ]);
  expect(kept.map((one: SignedStatement) => one.witness)).toEqual([
    keyOf('han').key,
    keyOf('lee').key,
  ]);
  expect(await wish('han', { verb: 'resume', reason: 'go on' })).toBe('operator.resume');
  const head = await bank.drive(run, ({ asks }: Head) => asks.length > 0, false);
  expect(head.steps.find(({ id }) => id === 'isolated')?.state).toBe('done');
  expect(head.steps.find(({ id }) => id === 'boot')?.state).toBe('skipped');
  expect(JSON.stringify(changesAt(bank, 'dr'))).not.toContain('/servers');
  expect(await wish('han', { verb: 'abort', reason: 'done', mode: 'keep' })).toBe('operator.abort');
  await bank.drive(run);
  expect(await residue(bank, run)).toEqual([]);
});
