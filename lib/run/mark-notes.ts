/** Marks as the store keeps them: small enough for a door to read. */
import * as z from 'zod';
import type { Mark } from '../actions/action.ts';

/** Notes beside no run in particular. */
export const MARKS = 'marks';

const markSchema = z
  .object({ run: z.string(), drill: z.string(), at: z.int(), site: z.string().optional() })
  .nullable();

/** undefined for a mark that was never set or is taken back. */
export const parseMark = (json: string | undefined): Mark | undefined =>
  markSchema.parse(JSON.parse(json ?? 'null')) ?? undefined;
