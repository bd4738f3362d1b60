/**
 * A statement that a person signed with an own key, as the engine takes it: word for word the one
 * that is waited for, never seen before, and signed by a key of that very person. Pure.
 */
import { canonical } from '../canonical.ts';
import type { Refusal } from '../errors.ts';
import type { SignedStatement, Statement } from '../gateway/protocol.ts';
import { type StatementCode, statementCodes } from './errors.ts';
import { needsOwnKey, type Offer, verifyStatement } from './statement.ts';

export interface Signing {
  /** What is waited for. */
  readonly offer: Offer;
  /** Who says so. */
  readonly person: string;
  readonly signed: SignedStatement | undefined;
  /** The person's enrolled keys. */
  readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  /** Nonces of all statements that this run has seen. */
  readonly nonces: readonly string[];
}

/** Undefined when the approval may count as far as signatures go; else the refusal. */
export function judgeSigning({
  offer,
  person,
  signed,
  keys,
  nonces,
}: Signing): Refusal | undefined {
  if (signed === undefined) {
    if (!needsOwnKey(offer.class)) return undefined;
    const sign = `npm run dr -- approve ${offer.run} --as <you> --key <your key file>`;
    return refusal('APR-OWN-KEY', `The plan is of class ${offer.class}. Sign with: ${sign}`);
  }
  const { statement } = signed;
  const wrong = wrongFields(statement, { ...offer, person, nonce: statement.nonce });
  if (wrong.length > 0) return refusal('APR-STATEMENT', `It differs in ${wrong.join(', ')}.`);
  if (!/^[0-9a-f]{32,64}$/.test(statement.nonce)) {
    return refusal('APR-NONCE', 'Its nonce is not 32 to 64 hex digits.');
  }
  if (nonces.includes(statement.nonce))
    return refusal('APR-NONCE', 'It was used in this run before.');
  const key = keys.find(({ id }) => id === signed.witness);
  if (key === undefined) return refusal('APR-KEY', `${signed.witness} is no key of this person.`);
  if (verifyStatement(signed, key.publicKey)) return undefined;
  return refusal('APR-KEY', `The signature does not verify with key ${key.id}.`);
}

/** Names of fields that are missing, additional or different. */
function wrongFields(statement: Statement, expected: Statement): string[] {
  const [is, should] = [new Map(Object.entries(statement)), new Map(Object.entries(expected))];
  return [...new Set([...is.keys(), ...should.keys()])].filter(
    (name) => textOf(is.get(name)) !== textOf(should.get(name)),
  );
}

const textOf = (value: unknown): string => (value === undefined ? '' : canonical(value));

const refusal = (code: StatementCode, why: string): Refusal => ({
  code,
  what: 'The approval does not count.',
  why,
  next: statementCodes[code].next,
});
