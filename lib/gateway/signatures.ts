/**
 * HTTP Message Signatures (RFC 9421), the same for both ends: ECDSA P-256 over method, address and
 * body. An answer's signature also covers the request it answers, signature included, so that no
 * answer can be shown for another question.
 */
import { createHash } from 'node:crypto';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { privateKeyOf, publicKeyOf } from './keys.ts';
import { PROTOCOL } from './versions.ts';

const ALGORITHM = 'ecdsa-p256-sha256';
const PARAMS = ['created', 'nonce', 'keyid', 'alg'];
const REQUEST = ['@method', '@target-uri', 'content-digest'];
/** What the asker has seen of the gateway: `<incarnation> <counter>`; covered whenever it is there. */
export const SEEN = 'drillbook-seen';
const ANSWER = ['@status', 'content-digest', '@method;req', '@target-uri;req'];
const BOUND = [...ANSWER, 'content-digest;req', 'signature;req'];

/** `privateKey` is PEM (PKCS#8, P-256). */
export interface MessageSigner {
  readonly keyId: string;
  readonly privateKey: string;
}

/** `createdMs` is rounded down to the second: RFC 9421 knows no smaller unit. */
export interface Stamp {
  readonly signer: MessageSigner;
  readonly createdMs: number;
  readonly nonce: string;
}

export type Signed =
  | {
      readonly ok: true;
      readonly keyId: string;
      readonly createdMs: number;
      readonly nonce: string;
    }
  | { readonly ok: false; readonly why: string };

export async function signRequest(request: HttpRequest, stamp: Stamp): Promise<HttpRequest> {
  const headers = { ...request.headers, 'content-digest': digest(request.body) };
  const message = { method: request.method, url: request.url, headers };
  const signed = await httpbis.signMessage(
    { ...config(stamp), fields: fieldsOf(headers) },
    message,
  );
  return { ...request, headers: lowerCase(signed.headers) };
}

/** `keyOf` gives the PEM of a key id, or undefined for one that is not trusted. */
export async function verifyRequest(
  request: HttpRequest,
  keyOf: (keyId: string) => string | undefined,
): Promise<Signed> {
  const stamp = readStamp(request, fieldsOf(request.headers));
  if (!stamp.ok) return stamp;
  const message = { method: request.method, url: request.url, headers: { ...request.headers } };
  return (await verifies(stamp.keyId, keyOf, (options) => httpbis.verifyMessage(options, message)))
    ? stamp
    : { ok: false, why: 'the signature does not verify with a trusted key' };
}

/** Signs an answer to `request`; to one that is not signed itself the binding is shorter. */
export async function signAnswer(
  answer: HttpResponse,
  request: HttpRequest,
  stamp: Stamp,
): Promise<HttpResponse> {
  const headers = { ...answer.headers, 'content-digest': digest(answer.body) };
  const asked = { method: request.method, url: request.url, headers: { ...request.headers } };
  const whole = 'content-digest' in asked.headers && 'signature' in asked.headers;
  const signed = await httpbis.signMessage(
    { ...config(stamp), fields: whole ? BOUND : ANSWER },
    { status: answer.status, headers },
    asked,
  );
  return { ...answer, headers: lowerCase(signed.headers) };
}

/** Whether `answer` was made for `request` by the holder of `publicKey` (PEM). */
export async function verifyAnswer(
  answer: HttpResponse,
  request: HttpRequest,
  publicKey: string,
): Promise<Signed> {
  const stamp = readStamp(answer, BOUND);
  if (!stamp.ok) return stamp;
  const asked = { method: request.method, url: request.url, headers: { ...request.headers } };
  const message = { status: answer.status, headers: { ...answer.headers } };
  const keyOf = () => publicKey;
  return (await verifies(stamp.keyId, keyOf, (o) => httpbis.verifyMessage(o, message, asked)))
    ? stamp
    : { ok: false, why: 'the answer does not verify with the gateway’s key' };
}

const fieldsOf = (headers: HttpRequest['headers']): string[] => [
  ...REQUEST,
  ...[SEEN, PROTOCOL].filter((name) => name in headers),
];

function config({ signer, createdMs, nonce }: Stamp) {
  return {
    key: createSigner(privateKeyOf(signer.privateKey), ALGORITHM, signer.keyId),
    name: 'sig',
    params: PARAMS,
    paramValues: { created: new Date(createdMs), nonce },
  };
}

/**
 * Reads the one signature, which must cover exactly `fields` in our order: a message that covers
 * less, or carries a second signature, is refused before any cryptography.
 */
function readStamp(
  message: { headers: HttpRequest['headers']; body?: string },
  fields: string[],
): Signed {
  const input = message.headers['signature-input'];
  if (input === undefined) return { ok: false, why: 'there is no signature' };
  const params =
    /^sig=\((.*?)\);created=(\d{1,12});nonce="([0-9a-f]{16,64})";keyid="([^"]+)";alg="([^"]+)"$/;
  const [, covered, created, nonce = '', keyId = '', alg] = params.exec(input) ?? [];
  if (covered !== fields.map(quoted).join(' ')) return { ok: false, why: 'it covers other parts' };
  if (alg !== ALGORITHM) return { ok: false, why: 'it uses another algorithm' };
  if (message.headers['content-digest'] !== digest(message.body)) {
    return { ok: false, why: 'the body is not the one that was signed' };
  }
  return { ok: true, keyId, nonce, createdMs: Number(created) * 1000 };
}

/** The library looks at the machine's clock; `notAfter` keeps that out, times are checked by us. */
async function verifies(
  keyId: string,
  keyOf: (keyId: string) => string | undefined,
  verify: (options: Parameters<typeof httpbis.verifyMessage>[0]) => Promise<boolean | null>,
): Promise<boolean> {
  const pem = keyOf(keyId);
  if (pem === undefined) return false;
  const key = { id: keyId, algs: [ALGORITHM], verify: createVerifier(publicKeyOf(pem), ALGORITHM) };
  const options = { keyLookup: async () => key, notAfter: Number.MAX_SAFE_INTEGER, all: true };
  return (await verify(options).catch(() => false)) === true;
}

function quoted(field: string): string {
  const [name, ...params] = field.split(';');
  return [`"${name}"`, ...params].join(';');
}

function digest(body: string | undefined): string {
  return `sha-256=:${createHash('sha256')
    .update(body ?? '')
    .digest('base64')}:`;
}

function lowerCase(headers: Record<string, string | string[]>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
