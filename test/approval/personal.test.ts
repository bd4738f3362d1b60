/** A signature of one's own: what is signed, what is typed before, and what the engine takes. */

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confirmationOf, isConfirmed } from '../../lib/approval/confirmation.ts';
import { statementCodes } from '../../lib/approval/errors.ts';
import { judgeSigning, judgeSkip, type Signing } from '../../lib/approval/personal.ts';
import { offerOf, signStatement, verifyStatement } from '../../lib/approval/statement.ts';
import { wordsFor, wordsOf } from '../../lib/approval/words.ts';
import { signBytes } from '../../lib/ecdsa.ts';
import { enrolledAs, readKeyFile } from '../../lib/gateway/key-file.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import type { Statement } from '../../lib/gateway/protocol.ts';
import { dangerClasses } from '../../lib/runbook/plan.ts';
import { drillPlan } from '../gateway/plan.ts';
import { newPair } from '../gateway/support.ts';

const plan = drillPlan({ class: 'data' });
const offer = offerOf(plan, { planHash: 'a'.repeat(64), notAfter: 1_000 });
const [own, other] = [newPair(), newPair()];
const keys = [{ id: 'k1', publicKey: own.publicKey }];
const nonce = '0123456789abcdef'.repeat(2);

const signed = (change: Partial<Statement> = {}, pair = own, witness = 'k1') =>
  signStatement(
    { ...offer, person: 'p-1', nonce, ...change },
    { keyId: witness, privateKey: pair.privateKey },
  );
const judge = (change: Partial<Signing> = {}) =>
  judgeSigning({ offer, person: 'p-1', signed: signed(), keys, nonces: [], ...change })?.code;

const cases: readonly [keyof typeof statementCodes, string, Partial<Signing>][] = [
  ['APR-OWN-KEY', 'a mere click', { signed: undefined }],
  ['APR-STATEMENT', 'another person', { signed: signed({ person: 'p-2' }) }],
  ['APR-STATEMENT', 'another plan', { signed: signed({ planHash: 'b'.repeat(64) }) }],
  ['APR-STATEMENT', 'other facts', { signed: signed({ factsHash: 'b'.repeat(64) }) }],
  ['APR-STATEMENT', 'another run', { signed: signed({ run: 'r-x' }) }],
  ['APR-STATEMENT', 'a denial', { signed: signed({ decision: 'deny' }) }],
  ['APR-STATEMENT', 'another role', { signed: signed({ role: 'operator' }) }],
  ['APR-STATEMENT', 'less danger', { signed: signed({ class: 'copy' }) }],
  ['APR-STATEMENT', 'fewer gateways', { signed: signed({ gateways: ['main'] }) }],
  ['APR-STATEMENT', 'a longer time', { signed: signed({ notAfter: 1_001 }) }],
  ['APR-STATEMENT', 'a step', { signed: signed({ step: 'split' }) }],
  ['APR-STATEMENT', 'a wave nobody asked for', { signed: signed({ wave: [] }) }],
  ['APR-NONCE', 'a used nonce', { nonces: [nonce] }],
  ['APR-NONCE', 'a nonce that can be guessed', { signed: signed({ nonce: '1' }) }],
  ['APR-KEY', 'a key nobody enrolled', { signed: signed({}, own, 'k2') }],
  ['APR-KEY', 'the key of somebody else', { signed: signed({}, other) }],
  ['APR-KEY', 'a key taken away', { keys: [] }],
  ['APR-KEY', 'an enrolled key that is none', { keys: [{ id: 'k1', publicKey: 'x' }] }],
];

test('what is waited for, signed with an own key, counts', () => {
  expect(judge()).toBeUndefined();
  expect(judge({ offer: { ...offer, class: 'copy' }, signed: undefined })).toBeUndefined();
});

test.each(cases)('%s: %s does not', (code, _name, change) => {
  expect(judge(change)).toBe(code);
});

describe('a skip, whose end who signs sets', () => {
  const skip = { ...offer, decision: 'skip', step: 'split' } as const;
  const judgedAt = (now: number, change: Partial<Statement> = {}) =>
    judgeSkip(
      { offer: skip, person: 'p-1', signed: signed({ ...skip, ...change }), keys, nonces: [] },
      { now, longestMs: 500 },
    )?.code;

  test('counts until then, and not one that was given for longer than allowed', () => {
    expect(judgedAt(999)).toBeUndefined();
    expect(judgedAt(1_000)).toBe('APR-PERIOD');
    expect(judgedAt(999, { notAfter: 999 + 500 + 300_000 })).toBeUndefined();
    expect(judgedAt(999, { notAfter: 999 + 500 + 300_001 })).toBe('APR-PERIOD');
  });

  test('is of this step, and says how it is signed', () => {
    expect(judgedAt(999, { step: 'boot' })).toBe('APR-STATEMENT');
    expect(judgedAt(999, { decision: 'approve' })).toBe('APR-STATEMENT');
    const bare = { offer: skip, person: 'p-1', signed: undefined, keys, nonces: [] };
    const refusal = judgeSkip(bare, { now: 1, longestMs: 500 });
    expect(refusal?.why).toContain(`npm run dr -- skip ${offer.run} split --as`);
  });
});

test('every code has a case', () => {
  const judged = [...cases.map(([code]) => code), 'APR-PERIOD'];
  expect(new Set(judged)).toEqual(new Set(Object.keys(statementCodes)));
});

test('the same statement has the same bytes, and node:crypto believes them', () => {
  expect(signed().signature).toBe(signed().signature);
  expect(verifyStatement(signed(), own.publicKey)).toBe(true);
  expect(verifyStatement(signed(), other.publicKey)).toBe(false);
  expect(verifyStatement({ ...signed(), signature: 'AAAA' }, own.publicKey)).toBe(false);
});

test('RFC 6979, A.2.5: the signature of "sample" with P-256 and SHA-256', () => {
  const d = 'C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721';
  const x = '60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6';
  const y = '7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299';
  const url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', d: url(d), x: url(x), y: url(y) };
  const pem = createPrivateKey({ key: jwk, format: 'jwk' }).export({
    type: 'pkcs8',
    format: 'pem',
  });
  const der = Buffer.from(signBytes(Buffer.from('sample'), pem.toString()), 'base64').toString(
    'hex',
  );
  expect(der).toContain('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716');
  expect(der).toContain('f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const wrong = rsa.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => signBytes(Buffer.from('x'), wrong)).toThrow(/P-256/);
});

describe('the word code', () => {
  test('is four words in both languages, the same for the same plan, NFC', () => {
    const code = wordsOf(plan, offer.planHash);
    expect(code.en.split(' ')).toHaveLength(4);
    expect(code.ko.split(' ')).toHaveLength(4);
    expect(code.ko).toBe(code.ko.normalize('NFC'));
    expect(code.ko).toMatch(/^[가-힣 ]+$/);
    expect(wordsOf({ ...plan }, offer.planHash)).toEqual(code);
  });

  test('is what the person signs, without who and until when', () => {
    const { run, planHash, factsHash, gateways } = offer;
    const subject = { run, planHash, factsHash, class: offer.class, gateways };
    expect(wordsFor(subject)).toEqual(wordsOf(plan, planHash));
  });

  test.each([
    ['run', { run: 'r-2' }],
    ['facts', { factsHash: 'c'.repeat(64) }],
    ['class', { class: 'takeover' as const }],
    ['sites', { sites: ['dr'] }],
  ])('is another one for another %s', (_name, change) => {
    expect(wordsOf({ ...plan, ...change }, offer.planHash)).not.toEqual(
      wordsOf(plan, offer.planHash),
    );
  });
});

test('what is typed before signing follows the class', () => {
  const wanted = (danger: (typeof dangerClasses)[number]) => confirmationOf(danger, 'payments');
  expect(dangerClasses.map((danger) => isConfirmed(wanted(danger), undefined))).toEqual(
    dangerClasses.map((danger) => danger === 'none' || danger === 'copy'),
  );
  expect(isConfirmed(wanted('data'), ' payments ')).toBe(true);
  expect(isConfirmed(wanted('data'), 'loans')).toBe(false);
  expect(isConfirmed(wanted('takeover'), 'payments')).toBe(false);
  for (const sentence of wanted('takeover').accepted) {
    expect(sentence).toContain('payments');
    expect(isConfirmed(wanted('takeover'), sentence.normalize('NFD'))).toBe(true);
  }
});

describe('a key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-key-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (text: string, mode = 0o600): string => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  test('is known by its public half', async () => {
    const read = await readKeyFile(write(own.privateKey));
    expect(read.print).toBe(fingerprint(own.publicKey));
    expect(enrolledAs(read, keys)?.id).toBe('k1');
    expect(enrolledAs(read, [{ id: 'k1', publicKey: other.publicKey }])).toBeUndefined();
  });

  test('may be locked', async () => {
    const lock = { cipher: 'aes-256-cbc', passphrase: 'open sesame' };
    const locked = createPrivateKey(own.privateKey).export({
      type: 'pkcs8',
      format: 'pem',
      ...lock,
    });
    const file = write(locked.toString());
    expect((await readKeyFile(file, 'open sesame')).print).toBe(fingerprint(own.publicKey));
    const refused = { code: 'GW-KEY-FILE', why: expect.stringContaining('locked') };
    await expect(readKeyFile(file)).rejects.toMatchObject(refused);
    await expect(readKeyFile(file, 'wrong')).rejects.toMatchObject(refused);
  });

  test.each([
    ['that others can read', () => write(own.privateKey, 0o640)],
    ['that is no key', () => write('nothing')],
    ['on another curve', () => write(newPair('P-384').privateKey)],
    ['that is not there', () => join(folder, 'none.pem')],
  ])('%s is refused', async (_name, file) => {
    await expect(readKeyFile(file())).rejects.toMatchObject({ code: 'GW-KEY-FILE' });
  });
});
