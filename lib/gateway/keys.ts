/** Names made from keys and intents: both ends compute them and come to the same text. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { hashOf } from '../canonical.ts';
import type { KeyParts } from './protocol.ts';

/** The key of one intent: 64 hex digits; the same intent always has the same key. */
export function callKey(parts: KeyParts): string {
  return hashOf({ run: parts.run, callId: parts.callId, attempt: parts.attempt });
}

/** A key pair's public half by its first 16 hex digits; `pem` may be the private half too. */
export function fingerprint(pem: string): string {
  const known = prints.get(pem);
  if (known !== undefined) return known;
  const der = p256(createPublicKey(pem)).export({ type: 'spki', format: 'der' });
  const print = createHash('sha256').update(der).digest('hex').slice(0, 16);
  prints.set(pem, print);
  return print;
}

/** Asked at every door for every peer: a process computes each of its few once. */
const prints = new Map<string, string>();

/** The same key, or a TypeError when it is not on the one curve that this house uses. */
export function p256(key: KeyObject): KeyObject {
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new TypeError('not an ECDSA P-256 key');
}

/** Reading PEM costs more than signing: a process reads each of its few keys once. */
const read = new Map<string, KeyObject>();

export const privateKeyOf = (pem: string): KeyObject =>
  readOnce(`private ${pem}`, () => createPrivateKey(pem));

export const publicKeyOf = (pem: string): KeyObject =>
  readOnce(`public ${pem}`, () => createPublicKey(pem));

function readOnce(name: string, make: () => KeyObject): KeyObject {
  const key = read.get(name) ?? make();
  read.set(name, key);
  return key;
}
