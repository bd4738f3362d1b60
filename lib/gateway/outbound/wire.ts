/**
 * Outbound-only sites: nobody calls the gateway, it fetches. What is fetched are the very messages of
 * `protocol.ts`, signed as ever; this wrapping adds nothing that anybody has to believe.
 *
 *   POST /gateway/{site}/poll     {seen[]}    -> {messages[]}   waits up to 20 s for one
 *   POST /gateway/{site}/answers  {id, text}  -> {stored}       the first answer stays
 *
 * Both are signed with the gateway's key (RFC 9421).
 */
import * as z from 'zod';

/** Bytes of one message or answer through a mailbox: what a function in AWS can be handed. */
export const MAIL_BYTES_MAX = 4 * 1024 * 1024;
/** A message that nobody fetched by then is of no use: its sender has gone on (ms). */
export const MAIL_LIFE_MS = 90_000;

export const carriedRequestSchema = z.strictObject({
  method: z.string(),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});
export const carriedAnswerSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

const id = z.string().regex(/^\d{14}-[0-9a-f]{16}$/);
/** Ids that were fetched before: a message handed over twice is left out. */
export const pollSchema = z.strictObject({ seen: z.array(id).max(1000) });
export const polledSchema = z.strictObject({
  messages: z.array(z.strictObject({ id, text: z.string() })),
});
export const postedSchema = z.strictObject({ id, text: z.string() });
export const storedSchema = z.strictObject({ stored: z.boolean() });
