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

/** How far the clock of who signs may be ahead, ms. */
const SKEW_MS = 300_000;

/** Undefined when it may count as far as signatures go; else the refusal. */
export function judgeSigning(signing: Signing): Refusal | undefined {
  const { offer, person, signed, keys, nonces } = signing;
  const refuse = (code: StatementCode, why: string): Refusal => ({
    code,
    what: `The ${offer.decision === 'skip' ? 'skip' : 'approval'} does not count.`,
    why,
    next: statementCodes[code].next,
  });
  if (signed === undefined) {
    if (!needsOwnKey(offer.class)) return undefined;
    return refuse('APR-OWN-KEY', `The plan is of class ${offer.class}. Sign with: ${howTo(offer)}`);
  }
  const { statement } = signed;
  const wrong = wrongFields(statement, { ...offer, person, nonce: statement.nonce });
  if (wrong.length > 0) return refuse('APR-STATEMENT', `It differs in ${wrong.join(', ')}.`);
  if (!/^[0-9a-f]{32,64}$/.test(statement.nonce)) {
    return refuse('APR-NONCE', 'Its nonce is not 32 to 64 hex digits.');
  }
  if (nonces.includes(statement.nonce))
    return refuse('APR-NONCE', 'It was used in this run before.');
  const key = keys.find(({ id }) => id === signed.witness);
  if (key === undefined) return refuse('APR-KEY', `${signed.witness} is no key of this person.`);
  if (verifyStatement(signed, key.publicKey)) return undefined;
  return refuse('APR-KEY', `The signature does not verify with key ${key.id}.`);
}

/** The same for a skip, whose end the person sets: ahead, and not further than the plan allows. */
export function judgeSkip(
  signing: Signing,
  { now, longestMs }: { readonly now: number; readonly longestMs: number },
): Refusal | undefined {
  const { signed, offer } = signing;
  const notAfter = signed?.statement.notAfter ?? offer.notAfter;
  const refusal = judgeSigning({ ...signing, offer: { ...offer, notAfter } });
  if (refusal !== undefined || signed === undefined) return refusal;
  const leftMs = notAfter - now;
  if (leftMs > 0 && leftMs <= longestMs + SKEW_MS) return undefined;
  const why = `It has ${leftMs} ms left; at most ${longestMs} ms are allowed.`;
  return {
    code: 'APR-PERIOD',
    what: 'The skip does not count.',
    why,
    next: statementCodes['APR-PERIOD'].next,
  };
}

function howTo({ decision, run, step }: Offer): string {
  const what = decision === 'skip' ? `skip ${run} ${step}` : `approve ${run}`;
  return `npm run dr -- ${what} --as <you> --key <your key file>`;
}

/** Names of fields that are missing, additional or different. */
function wrongFields(statement: Statement, expected: Statement): string[] {
  const [is, should] = [new Map(Object.entries(statement)), new Map(Object.entries(expected))];
  return [...new Set([...is.keys(), ...should.keys()])].filter(
    (name) => textOf(is.get(name)) !== textOf(should.get(name)),
  );
}

const textOf = (value: unknown): string => (value === undefined ? '' : canonical(value));
