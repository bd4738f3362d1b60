/** Keys that are the same in every process, so that a seed replays to the byte. */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';

export interface KeyPair {
  /** PEM, PKCS#8 and SPKI. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Anybody can compute them: good for nothing but simulation. */
export function knownKeys(name: string): KeyPair {
  const secret = createHash('sha256').update(`simulated key of ${name}`).digest();
  const point = Buffer.from(p256.getPublicKey(secret, false));
  const text = (bytes: Buffer) => bytes.toString('base64url');
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: text(secret),
      x: text(point.subarray(1, 33)),
      y: text(point.subarray(33)),
    },
  });
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** The key a person signs with. */
export const ownKeys = (handle: string): KeyPair => knownKeys(`person ${handle}`);
