/**
 * A wish signed with a person's own key: an order, an approval or a look at the runs, for a door that
 * knows nobody. The signature is who it is.
 */
import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { canonical } from '../canonical.ts';
import { signBytes } from '../ecdsa.ts';
import { type Ask, inboxBodySchema } from './inbox.ts';

const askSchema = inboxBodySchema.shape.ask.refine(
  ({ verb }) => verb !== 'open',
  'a run is asked for in Slack',
);

/** `kind` keeps it apart from every other thing that a person's key signs. */
export const wishSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('wish'),
  /** Random employee id. */
  person: z.string(),
  /** When it was signed, ms. */
  at: z.int(),
  nonce: z.string().regex(/^[0-9a-f]{32,64}$/),
  /** Of one run; without it a look at all that are open. */
  order: z.strictObject({ run: z.string(), ask: askSchema }).optional(),
});
export type WishOf = z.infer<typeof wishSchema>;

/** `key` is the id in people.yml; the signature is DER ECDSA P-256 over the canonical wish, base64. */
export const signedWishSchema = z.strictObject({
  wish: wishSchema,
  key: z.string(),
  signature: z.string(),
});
export type SignedWish = z.infer<typeof signedWishSchema>;

/** `privateKey` is PEM (P-256). */
export function signWish(
  wish: WishOf,
  own: { readonly key: string; readonly privateKey: string },
): SignedWish {
  const bytes = Buffer.from(canonical(wish), 'utf8');
  return { wish, key: own.key, signature: signBytes(bytes, own.privateKey) };
}

/** False for anything that does not verify. */
export function verifyWish({ wish, signature }: SignedWish, publicKey: string): boolean {
  const bytes = Buffer.from(canonical(wish), 'utf8');
  try {
    const key = createPublicKey(publicKey);
    return verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** What a statement that a person signed asks of its run. */
export function askOfStatement(
  {
    verb,
    reason,
  }: { readonly verb: 'approve' | 'skip' | 'confirm-skip'; readonly reason?: string },
  signed: NonNullable<Extract<Ask, { readonly verb: 'approve' }>['signed']>,
): Ask {
  const { planHash, step = '' } = signed.statement;
  if (verb === 'approve') return { verb, planHash, signed };
  return verb === 'skip' ? { verb, step, reason: reason ?? '', signed } : { verb, step, signed };
}
