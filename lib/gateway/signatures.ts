/**
 * HTTP Message Signatures (RFC 9421), the same for both ends: ECDSA P-256 over method, address and
 * body. An answer's signature also covers the request it answers, signature included, so that no
 * answer can be shown for another question. Of the standard only this one form is spoken, in this
 * one order (docs/decisions/022-message-signatures.md); a test holds it against a library for all of it.
 */
import { createHash, sign, verify } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { privateKeyOf, publicKeyOf } from './keys.ts';
import { PROTOCOL } from './versions.ts';

const ALGORITHM = 'ecdsa-p256-sha256';
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

export function signRequest(request: HttpRequest, stamp: Stamp): HttpRequest {
  const headers = { ...request.headers, 'content-digest': digest(request.body) };
  const asked = { ...request, headers };
  const signed = signedBy(stamp, fieldsOf(headers), { request: asked });
  if (signed === undefined) throw new TypeError('a request with a line break in it is not signed');
  return { ...asked, headers: signed };
}

/** `keyOf` gives the PEM of a key id, or undefined for one that is not trusted. */
export function verifyRequest(
  request: HttpRequest,
  keyOf: (keyId: string) => string | undefined,
): Signed {
  const stamp = readStamp(request, fieldsOf(request.headers));
  if (!stamp.ok) return stamp;
  const pem = keyOf(stamp.keyId);
  return pem !== undefined && verifies(pem, fieldsOf(request.headers), { request })
    ? stamp
    : { ok: false, why: 'the signature does not verify with a trusted key' };
}

/**
 * Signs an answer to `request`; to one that is not signed itself the binding is shorter. To one with a
 * line break in it, which nobody believes, the answer goes out unsigned.
 */
export function signAnswer(answer: HttpResponse, request: HttpRequest, stamp: Stamp): HttpResponse {
  const headers = { ...answer.headers, 'content-digest': digest(answer.body) };
  const whole = 'content-digest' in request.headers && 'signature' in request.headers;
  const said = { ...answer, headers };
  const fields = whole ? BOUND : ANSWER;
  return { ...said, headers: signedBy(stamp, fields, { request, answer: said }) ?? headers };
}

/** Whether `answer` was made for `request` by the holder of `publicKey` (PEM). */
export function verifyAnswer(
  answer: HttpResponse,
  request: HttpRequest,
  publicKey: string,
): Signed {
  const stamp = readStamp(answer, BOUND);
  if (!stamp.ok) return stamp;
  return verifies(publicKey, BOUND, { request, answer })
    ? stamp
    : { ok: false, why: 'the answer does not verify with the gateway’s key' };
}

const fieldsOf = (headers: HttpRequest['headers']): string[] => [
  ...REQUEST,
  ...[SEEN, PROTOCOL].filter((name) => name in headers),
];

/** What is signed: a request, or an answer with the request it answers. */
interface Exchange {
  readonly request: HttpRequest;
  readonly answer?: HttpResponse;
}

/** The headers of what is sent, with its one signature; undefined when `baseOf` has no text to sign. */
function signedBy(stamp: Stamp, fields: readonly string[], exchange: Exchange) {
  const { signer, createdMs, nonce } = stamp;
  const covered = fields.map(quoted).join(' ');
  const created = Math.floor(createdMs / 1000);
  const params = `(${covered});created=${created};nonce="${nonce}";keyid="${signer.keyId}";alg="${ALGORITHM}"`;
  const base = baseOf(params, fields, exchange);
  if (base === undefined) return undefined;
  const key = { key: privateKeyOf(signer.privateKey), dsaEncoding: 'ieee-p1363' } as const;
  return {
    ...(exchange.answer ?? exchange.request).headers,
    'signature-input': `sig=${params}`,
    signature: `sig=:${sign('sha256', base, key).toString('base64')}:`,
  };
}

/** `fields` and parameters were read by `readStamp`: the form is ours, the signature may be anybody's. */
function verifies(pem: string, fields: readonly string[], exchange: Exchange): boolean {
  const { headers } = exchange.answer ?? exchange.request;
  const base = baseOf(headers['signature-input']?.slice('sig='.length) ?? '', fields, exchange);
  const [, text = ''] = /^sig=:([A-Za-z0-9+/]+={0,2}):$/.exec(headers['signature'] ?? '') ?? [];
  const signature = Buffer.from(text, 'base64');
  // One signature has one spelling: what decodes to it with other letters at the end is refused.
  if (base === undefined || signature.toString('base64') !== text) return false;
  const key = { key: publicKeyOf(pem), dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', base, key, signature);
}

/**
 * The signature base of RFC 9421, section 2.5: a line for each covered part, the parameters last.
 * Undefined when a part is not there or holds a line break, which could pass for a line of its own.
 */
function baseOf(
  params: string,
  fields: readonly string[],
  { request, answer }: Exchange,
): Buffer | undefined {
  const values = fields.map((field) => {
    const [name = '', req] = field.split(';');
    if (name === '@method') return request.method.toUpperCase();
    if (name === '@target-uri') return request.url;
    if (name === '@status') return answer?.status.toString();
    return (req === undefined ? (answer ?? request) : request).headers[name]?.trim();
  });
  if (values.some((value) => value === undefined || /[\r\n]/.test(value))) return undefined;
  const lines = fields.map((field, i) => `${quoted(field)}: ${values[i]}`);
  return Buffer.from([...lines, `"@signature-params": ${params}`].join('\n'));
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

function quoted(field: string): string {
  const [name, ...params] = field.split(';');
  return [`"${name}"`, ...params].join(';');
}

function digest(body: string | undefined): string {
  return `sha-256=:${createHash('sha256')
    .update(body ?? '')
    .digest('base64')}:`;
}
