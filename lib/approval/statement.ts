/** Signed statements: what one person decided about one plan, for gateways that trust nobody. */
import { createPublicKey, verify } from 'node:crypto';
import { canonical } from '../canonical.ts';
import { signBytes } from '../ecdsa.ts';
import type { SignedStatement, Statement } from '../gateway/protocol.ts';
import { type DangerClass, dangerClasses, type Plan } from '../runbook/plan.ts';

/** Who signs: the control plane as witness of a click, or a person. `privateKey` is PEM (P-256). */
export interface Witness {
  readonly keyId: string;
  readonly privateKey: string;
}

/** A statement before somebody makes it: everything but who, and a nonce. */
export type Offer = Omit<Statement, 'person' | 'nonce'>;

/** What each approver of a plan states. `notAfter` (ms) is the end of collecting approvals. */
export function offerOf(
  plan: Plan,
  { planHash, notAfter }: { readonly planHash: string; readonly notAfter: number },
): Offer {
  return {
    v: 1,
    run: plan.run,
    planHash,
    factsHash: plan.factsHash,
    decision: 'approve',
    role: plan.approval.role,
    class: plan.class,
    gateways: [...plan.sites],
    notAfter,
  };
}

/** Above class `copy` a click with a witness is not enough: each person signs with an own key. */
export const needsOwnKey = (danger: DangerClass): boolean =>
  dangerClasses.indexOf(danger) > dangerClasses.indexOf('copy');

/** DER ECDSA P-256 over the canonical statement, base64; the same statement, the same bytes. */
export function signStatement(statement: Statement, witness: Witness): SignedStatement {
  const bytes = Buffer.from(canonical(statement), 'utf8');
  const signature = signBytes(bytes, witness.privateKey);
  return { statement, witness: witness.keyId, signature };
}

/** `publicKey` is PEM (SPKI). False for anything that does not verify. */
export function verifyStatement(signed: SignedStatement, publicKey: string): boolean {
  const bytes = Buffer.from(canonical(signed.statement), 'utf8');
  const signature = Buffer.from(signed.signature, 'base64');
  try {
    return verify('sha256', bytes, createPublicKey(publicKey), signature);
  } catch {
    return false;
  }
}
