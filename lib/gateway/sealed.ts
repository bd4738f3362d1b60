/**
 * A session handed to one gateway for one call: ECDH on P-256 with the asker's own key and a key
 * made for this message, AES-256-GCM, bound to what the session is for. Nobody between can read it.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { canonical } from '../canonical.ts';
import { p256, privateKeyOf, publicKeyOf } from './keys.ts';
import type { Lent } from './protocol-peers.ts';

/** What the session may be used for; opening it for anything else fails. */
export interface SealedFor {
  readonly key: string;
  readonly callId: string;
  readonly site: string;
  readonly to: string;
}

/** The key serves one message only, so a fixed nonce repeats nothing. */
const NONCE = Buffer.alloc(12);
const TAG_BYTES = 16;

/** `publicKey` is the asker's, PEM. */
export function sealSession(token: string, publicKey: string, use: SealedFor): Lent {
  const once = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = secretOf(once.privateKey, publicKeyOf(publicKey), use);
  const cipher = createCipheriv('aes-256-gcm', secret, NONCE);
  cipher.setAAD(bytesOf(use));
  const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const der = once.publicKey.export({ type: 'spki', format: 'der' });
  return { publicKey: der.toString('base64'), sealed: text.toString('base64') };
}

/** The token, or undefined when it was not sealed for this key and this use. */
export function openSession(lent: Lent, privateKey: string, use: SealedFor): string | undefined {
  try {
    const der = Buffer.from(lent.publicKey, 'base64');
    const once = p256(createPublicKey({ key: der, type: 'spki', format: 'der' }));
    const text = Buffer.from(lent.sealed, 'base64');
    const decipher = createDecipheriv(
      'aes-256-gcm',
      secretOf(privateKeyOf(privateKey), once, use),
      NONCE,
      { authTagLength: TAG_BYTES },
    );
    decipher.setAAD(bytesOf(use));
    decipher.setAuthTag(text.subarray(-TAG_BYTES));
    const clear = [decipher.update(text.subarray(0, -TAG_BYTES)), decipher.final()];
    return Buffer.concat(clear).toString('utf8');
  } catch {
    // Altered, or meant for somebody else: which of the two is nobody's business.
    return undefined;
  }
}

const bytesOf = (use: SealedFor): Buffer => Buffer.from(canonical(use), 'utf8');

function secretOf(privateKey: KeyObject, publicKey: KeyObject, use: SealedFor): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, bytesOf(use), 'drillbook lent session', 32));
}
