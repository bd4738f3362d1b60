/**
 * The events of a run's journal. One event is one canonical line; `prev` is the SHA-256 of the line
 * before it, for the first event the hash of the ledger record that opened the run.
 */
import * as z from 'zod';
import { eventData } from './event-data.ts';

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

export type EventType = keyof typeof eventData;
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

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
  type: z.enum(Object.keys(eventData) as [EventType, ...EventType[]]),
  data: z.unknown(),
});

/** Parses one journal line. Throws a ZodError naming the path that does not fit. */
export function parseEvent(line: string): JournalEvent {
  const event = envelope.parse(JSON.parse(line));
  return { ...event, data: eventData[event.type].parse(event.data) } as JournalEvent;
}

/** Checks an event's data before it is written: a wrong event must not enter a chain. */
export function checkEvent(event: NewEvent): void {
  eventData[event.type].parse(event.data);
}
