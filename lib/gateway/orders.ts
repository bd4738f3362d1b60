/**
 * What two people may order of a gateway, and only at the gateway: another `trust.yml`, or that it
 * is armed again after it lost its memory. A proposal is a file; it counts with two signatures.
 */
import { verify } from 'node:crypto';
import * as z from 'zod';
import { canonical, hashOf } from '../canonical.ts';
import { signBytes } from '../ecdsa.ts';
import { GatewayError } from './errors.ts';
import { publicKeyOf } from './keys.ts';
import { officersOf, type Trust } from './trust.ts';

export const trustOrderSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('trust'),
  site: z.string(),
  /** Hash of what the gateway trusts now, and of what it shall trust. */
  from: z.string(),
  to: z.string(),
  /** The new trust.yml as written. */
  text: z.string(),
});

export const armOrderSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal('arm'),
  site: z.string(),
  /** The incarnation that ends: whatever it was given and does not remember stays unsent for ever. */
  ends: z.string(),
  /** Lines it has, and the highest that others have seen of it, if they told. */
  has: z.int(),
  seen: z.strictObject({ incarnation: z.string(), counter: z.int() }).optional(),
  begins: z.string(),
});

export const orderSchema = z.discriminatedUnion('kind', [trustOrderSchema, armOrderSchema]);
export type Order = z.infer<typeof orderSchema>;

/** `order` is the hash of the order; DER ECDSA P-256 over everything but `signature`, base64. */
export const orderSignatureSchema = z.strictObject({
  v: z.literal(1),
  order: z.string(),
  person: z.string(),
  key: z.string(),
  signature: z.string(),
});
export type OrderSignature = z.infer<typeof orderSignatureSchema>;

export const signedOrderSchema = z.strictObject({
  order: orderSchema,
  signatures: z.array(orderSignatureSchema),
});
export type SignedOrder = z.infer<typeof signedOrderSchema>;

export const orderHash = (order: Order): string => hashOf(order);

export interface OrderSigner {
  readonly person: string;
  /** Id of the key in trust.yml, and its private half in PEM. */
  readonly key: string;
  readonly privateKey: string;
}

export function signOrder(order: Order, { person, key, privateKey }: OrderSigner): OrderSignature {
  const said = { v: 1, order: orderHash(order), person, key } as const;
  return { ...said, signature: signBytes(bytesOf(said), privateKey) };
}

const NEEDED = 2;

/** The people who signed, as `trust` knows them now. Throws GW-ORDER-PEOPLE for fewer than two. */
export function signersOf({ order, signatures }: SignedOrder, trust: Trust): string[] {
  const hash = orderHash(order);
  const good = signatures.filter((one) => one.order === hash && isBy(one, trust));
  const people = [...new Set(good.map(({ person }) => person))];
  if (people.length >= NEEDED) return people;
  const why = `Valid are the signatures of ${people.join(', ') || 'nobody'}.`;
  throw new GatewayError('GW-ORDER-PEOPLE', 'Two different people must sign.', { why });
}

function isBy({ signature, ...said }: OrderSignature, trust: Trust): boolean {
  const officer = officersOf(trust).find(({ id }) => id === said.person);
  const key = officer?.keys?.find(({ id }) => id === said.key);
  if (key === undefined) return false;
  const bytes = Buffer.from(signature, 'base64');
  return verify('sha256', bytesOf(said), publicKeyOf(key.publicKey), bytes);
}

const bytesOf = (said: Omit<OrderSignature, 'signature'>): Buffer =>
  Buffer.from(canonical(said), 'utf8');
