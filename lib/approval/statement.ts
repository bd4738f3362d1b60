/** Signed statements: what one person decided about one plan, for gateways that trust nobody. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonical } from '../canonical.ts';
import type { SignedStatement, Statement } from '../gateway/protocol.ts';

/** The control plane as witness of a Slack click. `privateKey` is PEM (PKCS#8, P-256). */
export interface Witness {
  readonly keyId: string;
  readonly privateKey: string;
}

/** DER ECDSA P-256 over the canonical statement, base64. */
export function signStatement(statement: Statement, witness: Witness): SignedStatement {
  const bytes = Buffer.from(canonical(statement), 'utf8');
  const signature = sign('sha256', bytes, createPrivateKey(witness.privateKey)).toString('base64');
  return { statement, witness: witness.keyId, signature };
}

/** `publicKey` is PEM (SPKI). False for anything that does not verify. */
export function verifyStatement(signed: SignedStatement, publicKey: string): boolean {
  const bytes = Buffer.from(canonical(signed.statement), 'utf8');
  return verify(
    'sha256',
    bytes,
    createPublicKey(publicKey),
    Buffer.from(signed.signature, 'base64'),
  );
}
