/**
 * What control plane and gateway say to each other. Bodies are canonical JSON; requests and answers
 * are signed (RFC 9421). A refusal is `{code, what, why, next}` with a 4xx status.
 *
 *   POST /v1/plans      {plan, runbook, config}      -> {planHash, class, words}
 *   POST /v1/approvals  {planHash, statements[]}     -> {covered}
 *   PUT  /v1/calls/{key} {planHash, callId, attempt, epoch, putBy, retry?} -> 202 KeyRecord
 *   POST /v1/skips      {planHash, step, statements[]} -> {step}
 *   POST /v1/asks       {key}                        -> {state, receipt?}
 *   POST /v1/epochs     {unit, epoch, planHash, run} -> {unit, epoch, run}
 *   POST /v1/journal    {run, from, lines[], blobs?} -> {have, wants[]}
 *   POST /v1/reads      {target, path}               -> Receipt
 *   GET  /v1/health                                  -> Health
 *   GET  /v1/clock                                   -> {nowMs}
 *
 * What two gateways say to each other is in protocol-peers.ts.
 */
import * as z from 'zod';
import { dangerClasses, planSchema } from '../runbook/plan.ts';
import { siteTaskSchema } from '../runbook/tasks.ts';

/** One person's signed decision; JCS of `statement` is what is signed (DER ECDSA P-256, base64). */
export const statementSchema = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  planHash: z.string(),
  factsHash: z.string(),
  decision: z.enum(['approve', 'deny', 'skip']),
  /** The step that a `skip` is about. */
  step: z.string().optional(),
  /** A wave: `planHash` is then the hash of this list, which names the plans in their order. */
  wave: z.array(z.strictObject({ run: z.string(), planHash: z.string() })).optional(),
  /** Random employee id, never a Slack id. */
  person: z.string(),
  role: z.string(),
  class: z.enum(dangerClasses),
  gateways: z.array(z.string()),
  /** After this instant (ms) no first forward call is accepted under this statement. */
  notAfter: z.int(),
  nonce: z.string(),
});
export type Statement = z.infer<typeof statementSchema>;

/**
 * `witness` = key id of the control plane that saw a Slack click, enough up to class `copy`; or the
 * id of the person's own key, which any class above takes.
 */
export const signedStatementSchema = z.strictObject({
  statement: statementSchema,
  witness: z.string(),
  signature: z.string(),
});
export type SignedStatement = z.infer<typeof signedStatementSchema>;

/** What the gateway publishes as touchable in a drill; a bound fact of every plan. */
export const drillableSchema = z.strictObject({
  copyGroups: z.array(z.string()),
  ldevs: z.array(z.int()),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
});
export type Drillable = z.infer<typeof drillableSchema>;

export const registerSchema = z.strictObject({
  plan: planSchema,
  /** The runbook's YAML as written, and the configuration it was compiled with. */
  runbook: z.string(),
  config: z.json(),
});
export const registeredSchema = z.strictObject({
  planHash: z.string(),
  class: z.enum(dangerClasses),
  /** The word code this gateway computed; people compare it with what they are shown. */
  words: z.strictObject({ ko: z.string(), en: z.string() }).optional(),
});

export const approvalsSchema = z.strictObject({
  planHash: z.string(),
  statements: z.array(signedStatementSchema),
});
export const coveredSchema = z.strictObject({ covered: z.enum(dangerClasses) });

/** A step that two people skip; none of its calls may have been accepted. */
export const skipSchema = z.strictObject({
  planHash: z.string(),
  step: z.string(),
  statements: z.array(signedStatementSchema),
});
export const skippedSchema = z.strictObject({ step: z.string() });

export const putCallSchema = z.strictObject({
  planHash: z.string(),
  callId: z.string(),
  attempt: z.int().positive(),
  epoch: z.int().positive(),
  /** ms; a put that arrives later is refused, so that its writer may be presumed dead. */
  putBy: z.int(),
  /** Journal event id of the person's retry that allows a new attempt after `lost`. */
  retry: z.strictObject({ event: z.string(), person: z.string() }).optional(),
  /** What calls of other sites came to, which this one follows or takes a value from. */
  get receipts() {
    return z.array(receiptSchema).optional();
  },
});
export type PutCall = z.infer<typeof putCallSchema>;

export const keyStates = ['accepted', 'answered', 'lost', 'void'] as const;
export const keyRecordSchema = z.strictObject({
  key: z.string(),
  planHash: z.string(),
  callId: z.string(),
  attempt: z.int(),
  epoch: z.int(),
  state: z.enum(keyStates),
  acceptedAt: z.int().optional(),
  answeredAt: z.int().optional(),
});
export type KeyRecord = z.infer<typeof keyRecordSchema>;

export const guardReadingSchema = z.strictObject({
  id: z.string(),
  path: z.string(),
  status: z.int(),
  answerHash: z.string(),
  holds: z.boolean(),
  reading: z.json(),
});
export type GuardReading = z.infer<typeof guardReadingSchema>;

/**
 * A yes of the other gateway to one key, signed (as a receipt is, over everything but `signature`).
 * It is used once and before `notAfter` (ms); its guards were read at that site.
 */
export const grantSchema = z.strictObject({
  v: z.literal(1),
  key: z.string(),
  planHash: z.string(),
  callId: z.string(),
  epoch: z.int(),
  /** Who gives it, and to whom. */
  site: z.string(),
  to: z.string(),
  notAfter: z.int(),
  guards: z.array(guardReadingSchema),
  signature: z.string(),
});
export type Grant = z.infer<typeof grantSchema>;

/**
 * What the gateway saw, signed with its key: the second witness. The signature (DER ECDSA P-256,
 * base64) covers the canonical form of everything but `body` and `signature`; `answerHash` binds
 * the body. Times are the gateway's clock in ms; `date` is the target's own `Date` header.
 */
export const receiptSchema = z.strictObject({
  v: z.literal(1),
  gateway: z.string(),
  incarnation: z.string(),
  counter: z.int(),
  /** `not-needed`: a call whose hole names an object that was provably never made. */
  kind: z.enum(['call', 'read', 'not-needed']),
  planHash: z.string().optional(),
  callId: z.string().optional(),
  key: z.string().optional(),
  target: z.string(),
  method: z.string(),
  path: z.string(),
  requestHash: z.string(),
  status: z.int(),
  answerHash: z.string(),
  sentAt: z.int(),
  receivedAt: z.int(),
  date: z.string().optional(),
  simulated: z.boolean(),
  guards: z.array(guardReadingSchema),
  /** The other gateway's yes, or the sites the plan went ahead without. */
  grant: grantSchema.optional(),
  givenUp: z.array(z.string()).optional(),
  body: z.string(),
  signature: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Who holds a protection unit from now on; two people's approvals of the plan stand behind it. */
export const epochSchema = z.strictObject({
  unit: z.string(),
  epoch: z.int().positive(),
  planHash: z.string(),
  run: z.string(),
});
export type EpochAnnouncement = z.infer<typeof epochSchema>;
export const announcedSchema = epochSchema.omit({ planHash: true });

export const askSchema = z.strictObject({
  key: z.string(),
  /** The plan of the intent: one older than the gateway's last arming is `lost`, not `void`. */
  planHash: z.string().optional(),
});
export const askedSchema = z.strictObject({
  state: z.enum(['busy', 'answered', 'lost', 'void']),
  record: keyRecordSchema.optional(),
  receipt: receiptSchema.optional(),
  /** Receipt counter now; one below the last seen means the gateway lost its memory. */
  counter: z.int(),
});
export type Asked = z.infer<typeof askedSchema>;

/**
 * Lines `from` … of a run's journal, for this gateway's disk; texts that they name may come along.
 * No lines: only how far it is.
 */
export const journalSchema = z.strictObject({
  run: z.string(),
  from: z.int().positive(),
  lines: z.array(z.string()),
  blobs: z.array(z.string()).optional(),
});
export type JournalLines = z.infer<typeof journalSchema>;

export const journalKeptSchema = z.strictObject({
  /** Number of the last line on its disk, 0 for none. */
  have: z.int(),
  /** SHA-256 of texts that kept lines name and that are not on its disk. */
  wants: z.array(z.string()),
  /** The same of large ones: not before a call, one in a message. */
  large: z.array(z.string()).optional(),
});
export type JournalKept = z.infer<typeof journalKeptSchema>;

export const readSchema = z.strictObject({ target: z.string(), path: z.string() });

export const healthSchema = z.strictObject({
  site: z.string(),
  version: z.literal(1),
  incarnation: z.string(),
  counter: z.int(),
  nowMs: z.int(),
  keyId: z.string(),
  drillable: drillableSchema,
  targets: z.array(z.string()),
  /** The programs of its site that plans may run, where its owner allows any. */
  tasks: z.array(siteTaskSchema).optional(),
  /** Versions of the protocol that it serves (`versions.ts`). */
  versions: z.array(z.int()).optional(),
  /** Its TLS certificate: whose, and until when (ms). */
  certificate: z.strictObject({ name: z.string(), until: z.int() }).optional(),
  /** False while it changes nothing because it lost its memory, with the reason. */
  armed: z.boolean().optional(),
  why: z.string().optional(),
  /** Incarnations that two people ended when they armed it again. */
  ended: z.array(z.string()).optional(),
  /** Why its disk takes no lines, while it takes none: GW-DISK-FULL, GW-DISK-READONLY, GW-DISK. */
  disk: z.string().optional(),
  /** The units whose epoch was announced here, with the run that holds each. */
  epochs: z
    .record(z.string(), z.strictObject({ epoch: z.int(), run: z.string(), drillType: z.string() }))
    .optional(),
});
export type Health = z.infer<typeof healthSchema>;

/** Key = hash(run, call id, attempt): the same intent always has the same key. */
export interface KeyParts {
  readonly run: string;
  readonly callId: string;
  readonly attempt: number;
}

/**
 * The engine's view of one gateway: an argument of the engine, implemented by `client.ts` over HTTP.
 * Every method rejects with a `GatewayRefused` for a signed refusal and with `GatewayUnreachable`
 * when no answer that verifies came back (what the gateway did is then unknown).
 */
export interface Gateway {
  readonly site: string;
  register(body: z.infer<typeof registerSchema>): Promise<z.infer<typeof registeredSchema>>;
  approve(body: z.infer<typeof approvalsSchema>): Promise<z.infer<typeof coveredSchema>>;
  put(key: string, body: PutCall): Promise<KeyRecord>;
  /** Two people skip a step; refused once one of its calls was accepted. */
  skip(body: z.infer<typeof skipSchema>): Promise<z.infer<typeof skippedSchema>>;
  ask(key: string, intent?: { readonly planHash: string }): Promise<Asked>;
  /** Refused with GW-EPOCH when another run holds the unit under this epoch or a newer one. */
  announce(body: EpochAnnouncement): Promise<z.infer<typeof announcedSchema>>;
  /** Refused with GW-JOURNAL when the lines do not chain; both histories are then on its disk. */
  journal(body: JournalLines): Promise<JournalKept>;
  read(target: string, path: string): Promise<Receipt>;
  health(): Promise<Health>;
}
