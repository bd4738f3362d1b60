/** Who signs the manifest. The private key of a company stays in its key service. */
import { createHash, createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { signBytes } from '../ecdsa.ts';

/** ECDSA over P-256 with SHA-256; the signature is DER, as `openssl dgst -verify` takes it. */
export interface Signer {
  publicKeyPem(): Promise<string>;
  sign(message: Buffer): Promise<Buffer>;
}

/**
 * A key in a file (PEM, PKCS#8). The same bytes give the same signature: two machines that make a
 * pack at once make the same one, whichever of them the ledger then pins.
 */
export function fileSigner(privateKeyPem: string): Signer {
  const key = createPrivateKey(privateKeyPem);
  const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return {
    publicKeyPem: async () => publicPem,
    sign: async (message) => Buffer.from(signBytes(message, privateKeyPem), 'base64'),
  };
}

/** False for a wrong signature and for a key or signature that cannot be read at all. */
export function signatureHolds(
  publicKeyPem: string,
  message: Buffer | string,
  signature: Buffer,
): boolean {
  try {
    const bytes = Buffer.from(message);
    return verify('sha256', bytes, { key: publicKeyPem, dsaEncoding: 'der' }, signature);
  } catch {
    return false;
  }
}

/** SHA-256 of the key's DER form (SPKI): what is published outside the pack. Throws for no key. */
export function fingerprint(publicKeyPem: string): string {
  const der = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex');
}
