/** The lines of a gateway's log. A line is written once and never changed. */
import * as z from 'zod';
import {
  approvalsSchema,
  coveredSchema,
  keyRecordSchema,
  putCallSchema,
  receiptSchema,
  registerSchema,
} from '../protocol.ts';

const at = z.int();
const key = z.string();
const intent = {
  at,
  key,
  ...keyRecordSchema.pick({ planHash: true, callId: true, attempt: true, epoch: true }).shape,
};

export const entrySchema = z.discriminatedUnion('type', [
  /** First line: a new disk is a new incarnation. */
  z.strictObject({ type: z.literal('born'), at, site: z.string(), incarnation: z.string() }),
  z.strictObject({ type: z.literal('plan'), at, planHash: z.string(), ...registerSchema.shape }),
  z.strictObject({
    type: z.literal('approvals'),
    at,
    ...approvalsSchema.shape,
    ...coveredSchema.shape,
    /** Earliest end (ms) among the statements. */
    notAfter: z.int(),
  }),
  /** Written before the call leaves: from here on it counts as sent. */
  z.strictObject({ type: z.literal('accepted'), ...intent, retry: putCallSchema.shape.retry }),
  z.strictObject({ type: z.literal('answered'), at, key, receipt: receiptSchema }),
  /** Nothing was sent and nothing need be: what it would undo was never made. */
  z.strictObject({ type: z.literal('not-needed'), ...intent, receipt: receiptSchema }),
  z.strictObject({ type: z.literal('lost'), at, key, why: z.string() }),
  z.strictObject({ type: z.literal('void'), at, key }),
]);
export type Entry = z.infer<typeof entrySchema>;
