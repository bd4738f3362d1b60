/**
 * What doors put for the engine. A door never appends to a journal: it puts one item keyed by the
 * delivery, wakes the engine and answers. The engine journals items in order of arrival.
 */
import * as z from 'zod';
import { signedStatementSchema } from '../gateway/protocol.ts';

/** Where a person acted; compared with the message that was recorded (stale buttons). */
export const originSchema = z.strictObject({
  via: z.enum(['slack', 'cli', 'api']),
  channel: z.string().optional(),
  messageTs: z.string().optional(),
  /** Slack ids, for the ephemeral answer only; never journaled. */
  team: z.string().optional(),
  user: z.string().optional(),
});
export type Origin = z.infer<typeof originSchema>;

const verbs = [
  z.strictObject({
    verb: z.literal('open'),
    runbook: z.string(),
    service: z.string(),
    /** Number of an open drill that this run joins. */
    drill: z.string().optional(),
    wave: z.strictObject({ id: z.string(), place: z.int(), of: z.int() }).optional(),
  }),
  z.strictObject({
    verb: z.literal('approve'),
    planHash: z.string(),
    /** Signed with the person's own key. */
    signed: signedStatementSchema.optional(),
  }),
  z.strictObject({ verb: z.literal('withdraw'), planHash: z.string(), reason: z.string() }),
  z.strictObject({ verb: z.literal('deny'), planHash: z.string(), reason: z.string() }),
  /** A person's part of a step people do. */
  z.strictObject({
    verb: z.literal('answer'),
    step: z.string(),
    part: z.enum(['performed', 'witnessed', 'confirmed']),
    text: z.string(),
  }),
  /** A disaster: when it happened, and how that is known. */
  z.strictObject({ verb: z.literal('declare'), text: z.string() }),
  z.strictObject({ verb: z.literal('pause'), reason: z.string() }),
  z.strictObject({ verb: z.literal('resume'), reason: z.string() }),
  z.strictObject({
    verb: z.literal('skip'),
    step: z.string(),
    reason: z.string(),
    /** Needed from class `data` on, as for an approval. */
    signed: signedStatementSchema.optional(),
  }),
  z.strictObject({
    verb: z.literal('confirm-skip'),
    step: z.string(),
    signed: signedStatementSchema.optional(),
  }),
  z.strictObject({ verb: z.literal('decline-skip'), step: z.string(), reason: z.string() }),
  z.strictObject({ verb: z.literal('retry'), step: z.string().optional(), reason: z.string() }),
  z.strictObject({
    verb: z.literal('abort'),
    reason: z.string(),
    mode: z.enum(['undo', 'keep']).optional(),
  }),
  z.strictObject({ verb: z.literal('note'), text: z.string() }),
] as const;

export const inboxBodySchema = z.strictObject({
  v: z.literal(1),
  origin: originSchema,
  ask: z.discriminatedUnion('verb', verbs),
});
export type InboxBody = z.infer<typeof inboxBodySchema>;
export type Ask = InboxBody['ask'];
export type Verb = Ask['verb'];

/** Person of an inbox item whose Slack account nobody enrolled. */
export const UNMAPPED = 'unmapped';
