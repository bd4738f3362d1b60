/** What an action says of a call, as the journal keeps it. */
import * as z from 'zod';

/** Judgement of one call, or of a step without calls (then the key is the step's id). */
export const verdictSchema = z.strictObject({
  state: z.enum(['done', 'preexisting', 'ready', 'pending', 'refuse']),
  reason: z.string().optional(),
  /** Of what is to be sent again: the target said afterwards that it had not carried it out. */
  failed: z.literal(true).optional(),
  /** Small facts worth keeping: states, markers, durations. Integers and text only. */
  reading: z.json().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** It is so, whoever brought it about; whether that will do was judged before. */
export const isDone = (verdict: Verdict | undefined): boolean =>
  verdict?.state === 'done' || verdict?.state === 'preexisting';
