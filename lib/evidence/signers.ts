/**
 * Statements of people in a pack, and `keys/signers.json`: the public keys that they verify with. Who
 * checks compares the keys' fingerprints with a list from outside; a key found only here proves nothing.
 */
import * as z from 'zod';
import { canonical } from '../canonical.ts';
import { type SignedStatement, signedStatementSchema } from '../gateway/protocol.ts';
import type { JournalEvent } from '../run/events.ts';

export const SIGNERS = 'keys/signers.json';

const keySchema = z.strictObject({ id: z.string(), publicKey: z.string() });
export const signersSchema = z.strictObject({
  v: z.literal(1),
  /** Own keys of people, by random employee id: those that signed something in this pack. */
  people: z.array(keySchema.extend({ person: z.string() })),
  /** Keys of control planes, which are witnesses of clicks. */
  witnesses: z.array(keySchema),
});
export type Signers = z.infer<typeof signersSchema>;

/** Statements that stand in the journal because people signed them with their own keys. */
export const personalIn = (events: readonly JournalEvent[]): SignedStatement[] =>
  events.flatMap(({ type, data }) => {
    const signed =
      type === 'approval.granted' || type === 'operator.skip' || type === 'skip.confirmed'
        ? data.signed
        : undefined;
    return signed === undefined ? [] : [signed];
  });

/** What claims to be a list of statements, as it was given to a gateway. Throws for a broken one. */
export function deliveredIn(bytes: Buffer): SignedStatement[] {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  return z.array(signedStatementSchema).parse(value);
}

/** `raw/<run>/NNNN-N-statements-<site>.json` */
export const isStatements = (path: string): boolean =>
  /^raw\/[^/]+\/\d+-\d+-statements-[^/]*\.json$/.test(path);

/** The keys that these statements name, of those that are known; sorted, each once. */
export function signersOf(
  statements: readonly SignedStatement[],
  known: {
    readonly people: readonly {
      readonly id: string;
      readonly keys?: readonly { readonly id: string; readonly publicKey: string }[] | undefined;
    }[];
    readonly witnesses: Readonly<Record<string, string>>;
  },
): Signers {
  const named = (person: string, key: string): boolean =>
    statements.some(({ statement, witness }) => statement.person === person && witness === key);
  const people = known.people.flatMap(({ id: person, keys = [] }) =>
    keys.filter(({ id }) => named(person, id)).map((key) => ({ person, ...key })),
  );
  const witnesses = Object.entries(known.witnesses).map(([id, publicKey]) => ({ id, publicKey }));
  const sorted = <T>(list: readonly T[]): T[] =>
    [...list].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  return { v: 1, people: sorted(people), witnesses: sorted(witnesses) };
}
