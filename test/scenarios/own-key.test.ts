/** A plan above class `copy`: clicks do not count, signatures of the people themselves do (rule 1). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStatement } from '../../lib/approval/statement.ts';
import { canonical } from '../../lib/canonical.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import type { SignedStatement, Statement } from '../../lib/gateway/protocol.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { type Bank, openBank } from '../support/bank.ts';

let bank: Bank;
let run: string;
let deliveries = 0;

beforeAll(async () => {
  bank = await openBank();
  // The volumes of the copy are not drillable any more: what touches them is of class `data`.
  await bank.restartGateway('dr', (disk) => {
    const file = join(disk, '..', 'gateway.yml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/volumes:\n( +- .*\n)+/, 'volumes: []\n'),
    );
  });
  run = await bank.ask('drill loans');
});
afterAll(() => bank.close());

const personOf = (handle: string) => bank.config.people.find((one) => one.handle === handle);

/** The wish as a terminal hands it in. */
async function wish(handle: string, ask: Ask): Promise<string | undefined> {
  const person = personOf(handle)?.id ?? '';
  const delivery = `cli:${++deliveries}`;
  const body = canonical({ v: 1, origin: { via: 'cli' }, ask });
  await bank.store.putInbox({ run, delivery, at: bank.clock.now(), person, body });
  await bank.tick(run);
  const last = (await bank.events(run)).findLast(
    ({ type }) =>
      type === 'refused' || type === 'approval.granted' || type === 'approval.withdrawn',
  );
  return last?.type === 'refused' ? last.data.refusal.code : last?.type;
}

async function signedBy(handle: string, change: Partial<Statement> = {}, as = handle) {
  const { approval } = await bank.head(run);
  const offer = approval?.statement;
  if (offer === undefined) throw new Error('nothing waits for a signature');
  const privateKey = readFileSync(join(bank.folder.keys, 'people', `${handle}.pem`), 'utf8');
  const nonce = `${deliveries}`.padStart(32, '0');
  const statement = { ...offer, person: personOf(as)?.id ?? '', nonce, ...change } as Statement;
  return signStatement(statement, { keyId: fingerprint(privateKey), privateKey });
}

const approve = (handle: string, signed?: SignedStatement): Promise<string | undefined> =>
  bank
    .head(run)
    .then(({ planHash = '' }) =>
      wish(handle, { verb: 'approve', planHash, ...(signed === undefined ? {} : { signed }) }),
    );

test('a click is refused with how to sign; a signature of one’s own counts once', async () => {
  const head = await bank.head(run);
  expect(head.class).toBe('data');
  expect(head.approval?.words?.map(({ site }) => site)).toEqual(['main', 'dr']);
  expect(await approve('lee')).toBe('APR-OWN-KEY');
  expect(await approve('lee', await signedBy('park', {}, 'lee'))).toBe('APR-KEY');
  expect(await approve('lee', await signedBy('lee', { class: 'copy' }))).toBe('APR-STATEMENT');
  expect(await approve('park', await signedBy('lee'))).toBe('APR-STATEMENT');
  expect(await approve('kim', await signedBy('kim'))).toBe('APR-SELF');
  const signed = await signedBy('lee');
  expect(await approve('lee', signed)).toBe('approval.granted');
  expect(await approve('lee', signed)).toBe('APR-TWICE');
});

test('taken back it is gone, and the old signature does not bring it back', async () => {
  const { planHash = '' } = await bank.head(run);
  const given = (await bank.events(run)).findLast(({ type }) => type === 'approval.granted');
  const signed = given?.type === 'approval.granted' ? given.data.signed : undefined;
  expect(await wish('lee', { verb: 'withdraw', planHash, reason: 'wrong day' })).toBe(
    'approval.withdrawn',
  );
  expect((await bank.head(run)).approval?.granted).toEqual([]);
  expect(await approve('lee', signed)).toBe('APR-NONCE');
  expect(await approve('lee', await signedBy('lee'))).toBe('approval.granted');
});

test('with the second the gateways cover class data, and the journal keeps what was signed', async () => {
  expect(await approve('park', await signedBy('park'))).toBe('approval.granted');
  await bank.drive(
    run,
    ({ steps }) => steps.some(({ startedAt }) => startedAt !== undefined),
    false,
  );
  const events = await bank.events(run);
  const delivered = events.flatMap((event) =>
    event.type === 'approval.delivered' ? [[event.data.site, event.data.covered]] : [],
  );
  expect(delivered).toContainEqual(['dr', 'data']);
  const kept = events.flatMap((event) =>
    event.type === 'approval.granted' ? [event.data.signed?.statement.person] : [],
  );
  expect(kept.at(-1)).toBe(personOf('park')?.id);
  const plan = events.find(({ type }) => type === 'plan.resolved');
  expect(plan?.evidence.map(({ label }) => label)).toContain('plan');
});
