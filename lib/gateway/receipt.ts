/** A receipt's signature: DER ECDSA P-256 over everything but `body` and `signature`. */
import { sign as signNow, verify } from 'node:crypto';
import { canonical, sha256 } from '../canonical.ts';
import type { Sign } from '../ecdsa.ts';
import { privateKeyOf, publicKeyOf } from './keys.ts';
import type { Receipt } from './protocol.ts';

export type UnsignedReceipt = Omit<Receipt, 'signature'>;

/** Another signature each time: a receipt is made once. */
export const signOnce: Sign = (bytes, privateKey) =>
  signNow('sha256', bytes, privateKeyOf(privateKey)).toString('base64');

/** `privateKey` is PEM. The hash of the body is inside what is signed, the body is not. */
export function signReceipt(
  receipt: UnsignedReceipt,
  privateKey: string,
  sign: Sign = signOnce,
): Receipt {
  return { ...receipt, signature: sign(signed(receipt), privateKey) };
}

/** Whether this very receipt with this very body came from the holder of `publicKey` (PEM). */
export function verifyReceipt(receipt: Receipt, publicKey: string): boolean {
  if (sha256(receipt.body) !== receipt.answerHash) return false;
  return verify(
    'sha256',
    signed(receipt),
    publicKeyOf(publicKey),
    Buffer.from(receipt.signature, 'base64'),
  );
}

function signed(receipt: UnsignedReceipt & { readonly signature?: string }): Buffer {
  const { body: _body, signature: _signature, ...rest } = receipt;
  return Buffer.from(canonical(rest), 'utf8');
}
