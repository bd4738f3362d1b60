/**
 * Signing with ECDSA P-256. Where the same bytes must give the same signature (RFC 6979), because
 * they are made anew from a journal and have to come out alike, it is done here; the many signatures
 * that are made once, and all verifying, are left to node:crypto, which is ten times as fast.
 */
import { createPrivateKey } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';

/** Taking a PEM apart costs more than signing: a process has few keys and reads each once. */
const scalars = new Map<string, Uint8Array>();

/** DER signature over SHA-256 of `bytes`, base64. `privateKey` is PEM (PKCS#8, P-256). */
export type Sign = (bytes: Uint8Array, privateKey: string) => string;

/** The same signature each time. */
export function signBytes(bytes: Uint8Array, privateKey: string): string {
  const der = p256.sign(bytes, scalarOf(privateKey), { format: 'der', prehash: true, lowS: false });
  return Buffer.from(der).toString('base64');
}

/** Throws a TypeError for a key on another curve. */
function scalarOf(pem: string): Uint8Array {
  const known = scalars.get(pem);
  if (known !== undefined) return known;
  const { crv, d } = createPrivateKey(pem).export({ format: 'jwk' });
  if (crv !== 'P-256' || d === undefined) throw new TypeError('not an ECDSA P-256 private key');
  const scalar = Buffer.from(d, 'base64url');
  scalars.set(pem, scalar);
  return scalar;
}
