/**
 * The events of a run's journal. One event is one canonical line; `prev` is the SHA-256 of the line
 * before it, for the first event the hash of the ledger record that opened the run.
 */
import * as z from 'zod';
import { dangerClasses } from '../runbook/plan.ts';

export const actorSchema = z.strictObject({
  /** Random employee id, `drillbook`, or `gateway:<site>`. */
  id: z.string(),
  kind: z.enum(['human', 'bot', 'system']),
  role: z.string().optional(),
});
export type Actor = z.infer<typeof actorSchema>;

/** A file of the pack bound to this event: blob by SHA-256, written before the event. */
export const evidenceSchema = z.strictObject({
  /** Short file-name label, ASCII: `read-dr-clone-group`. */
  label: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  sha256: z.string(),
  bytes: z.int(),
  media: z.string(),
});
export type Evidence = z.infer<typeof evidenceSchema>;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const refusal = z.strictObject({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  next: z.string(),
});

/** Judgement of one call, or of a step without calls (then the key is the step's id). */
export const verdictSchema = z.strictObject({
  state: z.enum(['done', 'preexisting', 'ready', 'pending', 'refuse']),
  reason: z.string().optional(),
  /** Small facts worth keeping: states, markers, durations. Integers and text only. */
  reading: z.json().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

const data = {
  'run.opened': z.strictObject({
    drill: z.string(),
    runbook: z.string(),
    service: z.string(),
    requester: z.string(),
    via: z.string(),
    delivery: z.string(),
    /** Channel for the root message, if a door gave one. */
    channel: z.string().optional(),
    /** The requester may not ask for it: told, and the run ends at once. */
    refusal: refusal.optional(),
  }),
  'conductor.started': z.strictObject({ generation: z.int() }),
  lock: z.strictObject({ unit: z.string(), epoch: z.int(), state: z.enum(['taken', 'released']) }),
  'plan.resolved': z.strictObject({
    planHash: hash,
    factsHash: hash,
    calls: z.int(),
    class: z.enum(dangerClasses),
  }),
  'plan.registered': z.strictObject({
    planHash: hash,
    site: z.string(),
    class: z.enum(dangerClasses),
  }),
  /** Facts read again: at quorum and before the first call. `diff` is read by people. */
  'facts.checked': z.strictObject({
    at: z.enum(['quorum', 'first-call']),
    factsHash: hash,
    verdict: z.enum(['same', 'better', 'worse']),
    diff: z.array(z.string()),
  }),
  'approval.requested': z.strictObject({
    planHash: hash,
    people: z.int(),
    role: z.string(),
    expiresAt: z.int(),
  }),
  'approval.granted': z.strictObject({
    planHash: hash,
    person: z.string(),
    role: z.string(),
    nonce: z.string(),
    /** Door of the decision: what authenticated the person. */
    via: z.string(),
  }),
  'approval.rejected': z.strictObject({
    planHash: hash,
    person: z.string(),
    role: z.string(),
    reason: z.string(),
    via: z.string(),
  }),
  'approval.expired': z.strictObject({ planHash: hash, expiresAt: z.int() }),
  'approval.voided': z.strictObject({ planHash: hash, diff: z.array(z.string()) }),
  'approval.complete': z.strictObject({ planHash: hash }),
  'approval.delivered': z.strictObject({
    planHash: hash,
    site: z.string(),
    covered: z.enum(dangerClasses),
  }),
  /** Somebody authenticated asked for something the rules refuse. Nothing else changes. */
  refused: z.strictObject({ person: z.string(), verb: z.string(), delivery: z.string(), refusal }),
  'step.started': z.strictObject({ step: z.string(), attempt: z.int(), deadline: z.int() }),
  judged: z.strictObject({ step: z.string(), verdicts: z.record(z.string(), verdictSchema) }),
  'step.finished': z.strictObject({
    step: z.string(),
    result: z.enum(['done', 'not-needed']),
    durationMs: z.int(),
  }),
  'step.failed': z.strictObject({ step: z.string(), refusal, durationMs: z.int() }),
  intent: z.strictObject({
    step: z.string(),
    call: z.string(),
    attempt: z.int(),
    key: z.string(),
    putBy: z.int(),
    epoch: z.int(),
    /** Event id of the person's retry that allows this attempt after `lost`. */
    retry: z.string().optional(),
  }),
  outcome: z.strictObject({
    step: z.string(),
    call: z.string(),
    attempt: z.int(),
    key: z.string(),
    /** `refused`: answered by the target with 4xx or 503. */
    state: z.enum(['answered', 'refused', 'lost', 'void', 'not-needed']),
    status: z.int().optional(),
    refusal: refusal.optional(),
  }),
  'manual.step': z.strictObject({
    step: z.string(),
    person: z.string(),
    role: z.string(),
    part: z.enum(['performed', 'witnessed']),
    text: z.string(),
  }),
  'service.confirmed': z.strictObject({
    step: z.string(),
    person: z.string(),
    role: z.string(),
    text: z.string(),
  }),
  'check.result': z.strictObject({
    step: z.string(),
    check: z.string(),
    kind: z.string(),
    expected: z.string(),
    actual: z.string(),
    verdict: z.enum(['passed', 'failed']),
  }),
  'replication.sample': z.strictObject({ step: z.string(), states: z.array(z.string()) }),
  'clock.checked': z.strictObject({ host: z.string(), offsetMs: z.int() }),
  'run.paused': z.strictObject({ step: z.string(), refusal }),
  'operator.retry': z.strictObject({ step: z.string(), person: z.string(), reason: z.string() }),
  'operator.abort': z.strictObject({ person: z.string(), reason: z.string() }),
  note: z.strictObject({ person: z.string(), text: z.string() }),
  'run.ended': z.strictObject({
    result: z.enum(['passed', 'failed', 'aborted', 'denied', 'expired', 'voided']),
    reasons: z.array(z.string()),
    residue: z.array(z.string()),
  }),
} as const;

export type EventType = keyof typeof data;
export type EventData<T extends EventType> = z.infer<(typeof data)[T]>;

/** What an appender hands over; the journal adds place, time and chain. */
export type NewEvent = {
  [T in EventType]: {
    readonly type: T;
    readonly actor: Actor;
    readonly data: EventData<T>;
    readonly evidence?: readonly Evidence[];
    /** Hash of the delivery that caused it: a delivery is journaled once, however often it comes. */
    readonly cause?: string;
  };
}[EventType];

export type JournalEvent = NewEvent & {
  readonly v: 1;
  readonly run: string;
  /** From 1, no gaps. */
  readonly seq: number;
  /** UTC, RFC 3339 with milliseconds. */
  readonly ts: string;
  /** Random id: a put refused because the seq exists reads that item; same id means mine. */
  readonly id: string;
  readonly prev: string;
  readonly evidence: readonly Evidence[];
};

const envelope = z.strictObject({
  v: z.literal(1),
  run: z.string(),
  seq: z.int().positive(),
  ts: z.string(),
  id: z.string(),
  prev: hash,
  actor: actorSchema,
  evidence: z.array(evidenceSchema),
  cause: z.string().optional(),
  type: z.enum(Object.keys(data) as [EventType, ...EventType[]]),
  data: z.unknown(),
});

/** Parses one journal line. Throws a ZodError naming the path that does not fit. */
export function parseEvent(line: string): JournalEvent {
  const event = envelope.parse(JSON.parse(line));
  return { ...event, data: data[event.type].parse(event.data) } as JournalEvent;
}

/** Checks an event's data before it is written: a wrong event must not enter a chain. */
export function checkEvent(event: NewEvent): void {
  data[event.type].parse(event.data);
}
