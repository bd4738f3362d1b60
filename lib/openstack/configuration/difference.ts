/** What differs between the two controllers, as plans bind it and people read it. */
import * as z from 'zod';
import { configurationKinds } from '../../mapping.ts';

export type Json = z.infer<ReturnType<typeof z.json>>;

/**
 *   add     at main only: to be made at DR
 *   change  at both, not the same
 *   extra   at DR only
 */
export const differenceSchema = z.strictObject({
  sign: z.enum(['add', 'change', 'extra']),
  kind: z.enum(configurationKinds),
  name: z.string(),
  /** As it should be at DR; of what is only there, as it is. */
  value: z.record(z.string(), z.json()),
  /** The object at DR; empty where there is none, or none with an id of its own. */
  id: z.string(),
  /** Fields that are not the same. */
  fields: z.array(z.strictObject({ field: z.string(), main: z.json(), dr: z.json() })),
});
export type Difference = z.infer<typeof differenceSchema>;
