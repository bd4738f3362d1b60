/** Reads without which there is no plan. */
import type * as z from 'zod';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { type Place, see } from '../reads.ts';

/** The answer in its shape. Throws ACT-UNREAD. */
export async function need<T>(read: Reader, at: Place, schema: z.ZodType<T>): Promise<T> {
  const seen = await see(read, at, schema);
  if (seen.ok) return seen.value;
  throw new ActionError('ACT-UNREAD', `No facts from ${at.target} at ${at.site}.`, `${seen.why}.`);
}
