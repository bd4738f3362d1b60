/** Who signed what is seen from the pack alone, and whether those keys are the right ones from a list. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signStatement } from '../../lib/approval/statement.ts';
import { hashOf } from '../../lib/canonical.ts';
import { sealRun } from '../../lib/evidence/seal.ts';
import { fingerprint } from '../../lib/evidence/signer.ts';
import { verifyPack } from '../../lib/evidence/verify.ts';
import { fingerprintsIn } from '../../lib/evidence/verify-signers.ts';
import type { Statement } from '../../lib/gateway/protocol.ts';
import type { NewEvent } from '../../lib/run/events.ts';
import {
  config,
  ended,
  type Fixture,
  fixture,
  keep,
  pair,
  planned,
  planOf,
  receipt,
  verifySh,
  write,
} from './fixture.ts';

const [lee, park, plane, mallory] = [pair(), pair(), pair(), pair()];
const LEE = 'p-f054e0b8';
const PARK = 'p-2bc318aa';
const run = 'r-signed';

interface Story {
  /** With what Lee's statements are signed, and which key people.yml has for Lee. */
  readonly signs?: string;
  readonly enrolled?: string;
  readonly change?: Partial<Statement>;
}

/** Lee signs with an own key, Park's click has a witness; both are handed to the gateway. */
async function sealed(world: Fixture, { signs, enrolled, change }: Story = {}) {
  const plan = planOf(run);
  const statement = (person: string): Statement => ({
    ...{ v: 1, run, planHash: hashOf(plan), factsHash: plan.factsHash, decision: 'approve' },
    ...{ person, role: 'dr-approver', class: 'copy', gateways: ['dr'], notAfter: 1 },
    nonce: '0'.repeat(32),
    ...(person === LEE ? change : {}),
  });
  const own = signStatement(statement(LEE), {
    keyId: 'k-lee',
    privateKey: signs ?? lee.privateKey,
  });
  const witness = { keyId: 'control-plane', privateKey: plane.privateKey };
  const click = signStatement(statement(PARK), witness);
  const text = JSON.stringify([own, click]);
  const { planHash } = statement(LEE);
  const granted: NewEvent = {
    type: 'approval.granted',
    actor: { id: LEE, kind: 'human' },
    data: { planHash, person: LEE, role: 'dr-approver', nonce: 'n', via: 'cli', signed: own },
  };
  const delivered: NewEvent = {
    type: 'approval.delivered',
    actor: { id: 'gateway:dr', kind: 'system' },
    evidence: [
      await keep(world, 'statements-dr', text),
      await receipt(world, 'read-dr', '{"한글":1}'),
    ],
    data: { planHash, site: 'dr', covered: 'copy' },
  };
  await write(world, run, [...(await planned(world, run)), granted, delivered, ended('failed')]);
  const people = [
    { id: LEE, keys: [{ id: 'k-lee', publicKey: enrolled ?? lee.publicKey }] },
    { id: PARK, keys: [{ id: 'k-park', publicKey: park.publicKey }] },
  ].map((one) => ({ ...config.people[0], handle: one.id, ...one })) as typeof config.people;
  const order = { ...world.order(run), planeKeys: { 'control-plane': plane.publicKey } };
  const { path } = await sealRun({ ...order, config: { ...config, people } });
  return path;
}

/** Both verifiers; the names of checks that failed, with the detail that the shell gave. */
async function failing(world: Fixture, pack: string, trusted?: readonly string[]) {
  const { publicKeyPem } = world;
  const list = join(world.folder, 'trust.txt');
  writeFileSync(list, (trusted ?? []).map((print) => `${print}  somebody\n`).join(''));
  const lines = trusted === undefined ? {} : { trusted: fingerprintsIn(trusted.join('\n')) };
  const { checks } = await verifyPack(pack, { publicKeyPem, ...lines });
  const ours = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  const shell = await verifySh(pack, join(world.folder, 'key.pem'), trusted && list);
  const theirs = [...shell.out.matchAll(/^FAIL (\S+)/gm)].map(([, name]) => name);
  expect(theirs).toEqual(ours);
  expect(shell.code).toBe(ours.length === 0 ? 0 : 1);
  if (trusted === undefined) expect(shell.out).toContain('-- trust not compared');
  return ours;
}

const prints = (world: Fixture): string[] => {
  const { gatewayKeys } = world.order(run);
  const keys = [world.publicKeyPem, ...Object.values(gatewayKeys), lee.publicKey, plane.publicKey];
  return keys.map(fingerprint);
};

test('a pack brings the keys it is checked with, and each stands on the list from outside', async () => {
  const world = fixture('signers');
  const pack = await sealed(world);
  expect(await failing(world, pack)).toEqual([]);
  expect(await failing(world, pack, prints(world))).toEqual([]);
  const { publicKeyPem } = world;
  for (const missing of prints(world)) {
    const trusted = prints(world).filter((print) => print !== missing);
    const { checks } = await verifyPack(pack, { publicKeyPem, trusted });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['trust']);
  }
});

test('a statement signed with another valid key fails, whoever made the pack', async () => {
  const world = fixture('swapped');
  const pack = await sealed(world, { signs: mallory.privateKey });
  expect(await failing(world, pack)).toEqual(['statements']);
});

test('with that key put into the pack as well, the list from outside tells', async () => {
  const world = fixture('enrolled');
  const pack = await sealed(world, { signs: mallory.privateKey, enrolled: mallory.publicKey });
  expect(await failing(world, pack)).toEqual([]);
  expect(await failing(world, pack, prints(world))).toEqual(['trust']);
});

test('a statement about another plan does not belong here', async () => {
  const world = fixture('about');
  const pack = await sealed(world, { change: { planHash: 'f'.repeat(64) } });
  expect(await failing(world, pack)).toEqual(['statements']);
});
