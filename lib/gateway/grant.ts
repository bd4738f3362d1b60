/** A grant's signature: DER ECDSA P-256 over everything but `signature`, by the gateway that gives it. */
import { verify } from 'node:crypto';
import { canonical } from '../canonical.ts';
import { signBytes } from '../ecdsa.ts';
import { publicKeyOf } from './keys.ts';
import type { Grant } from './protocol.ts';

type UnsignedGrant = Omit<Grant, 'signature'>;

/** `privateKey` is PEM. */
export const signGrant = (grant: UnsignedGrant, privateKey: string): Grant => ({
  ...grant,
  signature: signBytes(signed(grant), privateKey),
});

/** Whether the holder of `publicKey` (PEM) gave this very grant. */
export const verifyGrant = (grant: Grant, publicKey: string): boolean =>
  verify('sha256', signed(grant), publicKeyOf(publicKey), Buffer.from(grant.signature, 'base64'));

function signed(grant: UnsignedGrant & { readonly signature?: string }): Buffer {
  const { signature: _signature, ...rest } = grant;
  return Buffer.from(canonical(rest), 'utf8');
}
