/** Our one form of RFC 9421, held against a library that speaks all of it, in both directions. */
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import {
  SEEN,
  signAnswer,
  signRequest,
  verifyAnswer,
  verifyRequest,
} from '../../lib/gateway/signatures.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { keys, newPair, URL_OF_GATEWAY } from './support.ts';

const ALGORITHM = 'ecdsa-p256-sha256';
const { privateKey, publicKey } = keys.control;
const stamp = {
  signer: { keyId: 'control', privateKey },
  createdMs: 1_795_000_000_999,
  nonce: '0123456789abcdef',
};
const request: HttpRequest = {
  method: 'POST',
  url: `${URL_OF_GATEWAY}/v1/reads?of=%EC%97%AC%EC%8B%A0&n=1`,
  headers: { 'content-type': 'application/json', [SEEN]: '0f0f 12' },
  body: '{"서비스":"여신"}',
};
const reply = { status: 409, headers: { 'content-type': 'application/json' }, body: '{}' };

const verifier = {
  notAfter: Number.MAX_SAFE_INTEGER,
  all: true,
  keyLookup: async () => ({
    id: 'control',
    algs: [ALGORITHM],
    verify: createVerifier(publicKey, ALGORITHM),
  }),
};
const theirs = (one: HttpRequest) => ({
  method: one.method,
  url: one.url,
  headers: { ...one.headers },
});

test('the library verifies what we sign: a request, and an answer bound to it', async () => {
  const asked = signRequest(request, stamp);
  expect(await httpbis.verifyMessage(verifier, theirs(asked))).toBe(true);
  const answer = signAnswer(reply, asked, stamp);
  const said = { status: answer.status, headers: { ...answer.headers } };
  expect(await httpbis.verifyMessage(verifier, said, theirs(asked))).toBe(true);
  const other = signRequest(request, { ...stamp, nonce: 'fedcba9876543210' });
  expect(await httpbis.verifyMessage(verifier, said, theirs(other))).toBe(false);
});

test('we verify what the library signs', async () => {
  const digested = signRequest(request, stamp).headers['content-digest'] ?? '';
  const message = theirs({
    ...request,
    headers: { ...request.headers, 'content-digest': digested },
  });
  const signed = await httpbis.signMessage(
    {
      key: createSigner(privateKey, ALGORITHM, 'control'),
      name: 'sig',
      fields: ['@method', '@target-uri', 'content-digest', SEEN],
      params: ['created', 'nonce', 'keyid', 'alg'],
      paramValues: { created: new Date(stamp.createdMs), nonce: stamp.nonce },
    },
    message,
  );
  const headers = Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const seen = verifyRequest({ ...request, headers }, () => publicKey);
  expect(seen).toEqual({
    ok: true,
    keyId: 'control',
    createdMs: 1_795_000_000_000,
    nonce: stamp.nonce,
  });
});

test('a line break in a covered part is neither signed nor believed', () => {
  const broken = { ...request, url: `${request.url}\n"@method": GET` };
  expect(() => signRequest(broken, stamp)).toThrow('line break');
  const good = signRequest(request, stamp);
  const headers = { ...good.headers, [SEEN]: '0f0f 12\n"@method": GET' };
  expect(verifyRequest({ ...good, headers }, () => publicKey).ok).toBe(false);
  expect(signAnswer(reply, broken, stamp).headers).not.toHaveProperty('signature');
});

test('a signature that is cut, empty, doubled or no base64 is refused, not an error', () => {
  const good = signRequest(request, stamp);
  const whole = good.headers['signature'] ?? '';
  const odd = [
    '',
    'sig=',
    'sig=::',
    'sig=:!:',
    whole.slice(0, -3),
    `${whole}, ${whole}`,
    `x${whole}`,
  ];
  for (const signature of odd) {
    const headers = { ...good.headers, signature };
    expect(verifyRequest({ ...good, headers }, () => publicKey).ok).toBe(false);
  }
  expect(verifyRequest(good, () => newPair().publicKey).ok).toBe(false);
  expect(verifyRequest(good, () => undefined).ok).toBe(false);
  const answer = signAnswer(reply, good, stamp);
  expect(verifyAnswer({ ...answer, status: 200 }, good, publicKey).ok).toBe(false);
  expect(verifyAnswer(answer, good, publicKey).ok).toBe(true);
});
