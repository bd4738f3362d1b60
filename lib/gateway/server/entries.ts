/** The lines of a gateway's log. A line is written once and never changed. */
import * as z from 'zod';
import {
  approvalsSchema,
  coveredSchema,
  epochSchema,
  grantSchema,
  keyRecordSchema,
  putCallSchema,
  receiptSchema,
  registerSchema,
  skipSchema,
} from '../protocol.ts';
import { peerEpochsSchema } from '../protocol-peers.ts';

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
  /** First line after closed runs went to an archive; `carried` lines follow that stood there too. */
  z.strictObject({
    type: z.literal('segment'),
    at,
    site: z.string(),
    incarnation: z.string(),
    carried: z.int(),
    before: z.strictObject({
      file: z.string(),
      sum: z.string(),
      count: z.int(),
      sha256: z.string(),
    }),
  }),
  /** What stays of a run whose lines are in the archive: enough to refuse what it did before. */
  z.strictObject({
    type: z.literal('closed'),
    at,
    run: z.string(),
    unit: z.string(),
    epoch: z.int(),
    planHash: z.string().optional(),
    /** How far its journal was kept, and the hash of that line. */
    journal: z.strictObject({ have: z.int(), tail: z.string() }).optional(),
    sent: z.array(z.strictObject({ record: keyRecordSchema, retry: putCallSchema.shape.retry })),
  }),
  /** Lines of a run's journal, as its control plane sent them; they chain with those before. */
  z.strictObject({
    type: z.literal('lines'),
    at,
    run: z.string(),
    from: z.int().positive(),
    lines: z.array(z.string()),
  }),
  /** Lines that do not chain with those kept: another history of the same run, kept beside. */
  z.strictObject({
    type: z.literal('fork'),
    at,
    run: z.string(),
    from: z.int().positive(),
    lines: z.array(z.string()),
  }),
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
  z.strictObject({
    type: z.literal('accepted'),
    ...intent,
    retry: putCallSchema.shape.retry,
    grant: grantSchema.optional(),
    givenUp: z.array(z.string()).optional(),
  }),
  /** A yes of this gateway to a call of another one. */
  z.strictObject({ type: z.literal('grant'), at, unit: z.string(), grant: grantSchema }),
  /** What the gateway of another site knows of epochs, where that is newer. */
  z.strictObject({
    type: z.literal('peer-epochs'),
    at,
    from: z.string(),
    ...peerEpochsSchema.shape,
  }),
  /** What calls at other sites came to, verified with their gateways' keys. */
  z.strictObject({ type: z.literal('peer-receipts'), at, receipts: z.array(receiptSchema) }),
  z.strictObject({ type: z.literal('answered'), at, key, receipt: receiptSchema }),
  /** Nothing was sent and nothing need be: what it would undo was never made. */
  z.strictObject({ type: z.literal('not-needed'), ...intent, receipt: receiptSchema }),
  z.strictObject({ type: z.literal('lost'), at, key, why: z.string() }),
  z.strictObject({ type: z.literal('void'), at, key }),
  /** What the gateway trusts from here on; without `order` the file as it was first found. */
  z.strictObject({
    type: z.literal('trust'),
    at,
    hash: z.string(),
    text: z.string(),
    replaces: z.string().optional(),
    order: z.string().optional(),
    people: z.array(z.string()).optional(),
  }),
  /** Somebody had seen more of this gateway than it has. */
  z.strictObject({
    type: z.literal('amnesia'),
    at,
    seen: z.strictObject({ incarnation: z.string(), counter: z.int() }),
    by: z.string(),
  }),
  /** Two people armed it again: incarnation `ends` is void, `has` lines of it are left. */
  z.strictObject({
    type: z.literal('armed'),
    at,
    ends: z.string(),
    has: z.int(),
    seen: z.strictObject({ incarnation: z.string(), counter: z.int() }).optional(),
    begins: z.string(),
    order: z.string(),
    people: z.array(z.string()),
  }),
  /** Two people skip a step: whatever comes after it may go. */
  z.strictObject({ type: z.literal('skip'), at, ...skipSchema.shape }),
  /** A run holds a protection unit from here on; what holds an older epoch is refused. */
  z.strictObject({ type: z.literal('epoch'), at, ...epochSchema.shape }),
]);
export type Entry = z.infer<typeof entrySchema>;
