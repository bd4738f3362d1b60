/**
 * Putting calls and asking for them. A call is sent at most once: `accepted` is on the disk before
 * it leaves, and whatever was accepted is never sent again, answered or not.
 */
import { canonical } from '../../canonical.ts';
import type { HttpResponse } from '../../http.ts';
import { GatewayError } from '../errors.ts';
import type { Asked, GuardReading, KeyRecord, PutCall } from '../protocol.ts';
import { assertAfter, assertMayPut, findCall, type Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { assertAbsent, assertEffect, readGuards } from './guards.ts';
import { type Filled, fillHoles } from './holes.ts';
import { sealReceipt } from './receipts.ts';

export interface Calls {
  /** Resolves once the call is accepted; it is sent afterwards. */
  put(key: string, body: PutCall): Promise<KeyRecord>;
  /** Asking for a key that nobody put makes it void, and only that proves that nothing was sent. */
  ask(key: string): Promise<Asked>;
  settled(): Promise<void>;
}

/** What an accepted call goes out with. */
interface Ready {
  readonly filled: Extract<Filled, { needed: true }>;
  readonly guards: readonly GuardReading[];
}

export function openCalls(parts: Parts): Calls {
  const { book } = parts;
  /** Keys being checked or sent are `busy` to everybody. */
  const checking = new Map<string, Promise<KeyRecord>>();
  const sending = new Map<string, Promise<void>>();
  const voids = openVoids(parts);

  async function begin(put: Put): Promise<KeyRecord> {
    const ready = await accept(parts, put);
    if (ready !== undefined) {
      const { key } = put;
      sending.set(
        key,
        send(parts, put, ready).finally(() => sending.delete(key)),
      );
    }
    return recordOf(parts, put.key);
  }

  async function put(key: string, body: PutCall): Promise<KeyRecord> {
    const known = book.sent(key);
    if (known !== undefined) return sameIntent(known.record, body);
    const found = findCall(parts, key, body);
    if (voids.has(key)) {
      throw new GatewayError('GW-KEY-VOID', `Attempt ${body.attempt} of ${body.callId} is void.`);
    }
    const running = checking.get(key);
    if (running !== undefined) return running;
    const begun = begin(found).finally(() => checking.delete(key));
    checking.set(key, begun);
    return begun;
  }

  async function ask(key: string): Promise<Asked> {
    // As it was before this ask: a disk that was put back must not be hidden by its own new line.
    const counter = book.count();
    if (checking.has(key) || sending.has(key)) return { state: 'busy', counter };
    const known = book.sent(key);
    if (known === undefined) {
      await voids.add(key);
      return { state: 'void', counter };
    }
    const { record, receipt } = known;
    if (receipt !== undefined) return { state: 'answered', record, receipt, counter };
    return { state: 'lost', record: { ...record, state: 'lost' }, counter };
  }

  return {
    put,
    ask,
    settled: async () => {
      await Promise.allSettled(checking.values());
      await Promise.allSettled(sending.values());
    },
  };
}

/** Void keys; one counts from the moment that somebody began to write it. */
function openVoids({ book, clock }: Parts) {
  const writing = new Map<string, Promise<void>>();
  return {
    has: (key: string) => writing.has(key) || book.isVoid(key),
    add: async (key: string) => {
      if (book.isVoid(key)) return;
      const entry = { type: 'void', at: clock.now(), key } as const;
      const written = writing.get(key) ?? book.write(entry).finally(() => writing.delete(key));
      writing.set(key, written);
      await written;
    },
  };
}

/** Resolves when `accepted` is on the disk; with undefined when there is nothing to send. */
async function accept(parts: Parts, put: Put): Promise<Ready | undefined> {
  const { book, clock, targets } = parts;
  assertMayPut(parts, put);
  for (const lost of assertAfter(book, put)) await assertEffect(parts, put, lost);
  const filled = await fillHoles(parts, put);
  if (!filled.needed) {
    await notNeeded(parts, put, filled.why);
    return undefined;
  }
  await assertAbsent(parts, put);
  await targets.find(put.call.target).prove();
  const guards = await readGuards(parts, put);
  // Reading took time: what was true before it is asked once more.
  assertMayPut(parts, put);
  const { retry } = put.body;
  const extra = retry === undefined ? {} : { retry };
  await book.write({ type: 'accepted', ...intentOf(put, clock.now()), ...extra });
  return { filled, guards };
}

/** Never rejects: what cannot be written down as answered stays accepted, and that means lost. */
async function send(parts: Parts, put: Put, { filled, guards }: Ready): Promise<void> {
  const { book, clock, targets } = parts;
  const { target, method } = put.call;
  const { path, body } = filled;
  const request = { target, method, path, ...(body === undefined ? {} : { body }) };
  const sentAt = clock.now();
  try {
    const answer = await targets.find(target).send(request).catch(silence);
    const at = clock.now();
    if (typeof answer === 'string') {
      return await book.write({ type: 'lost', at, key: put.key, why: answer });
    }
    const exchange = { request, answer, sentAt, receivedAt: at, guards };
    const receipt = sealReceipt(parts, { kind: 'call', ...exchange, intent: namedBy(put) });
    await book.write({ type: 'answered', at, key: put.key, receipt });
  } catch (error) {
    parts.say(`${put.call.id}: the answer could not be kept: ${String(error)}`);
  }
}

const silence = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The receipt of a call that was not sent says why in its body; status 0 is no answer of a target. */
async function notNeeded(parts: Parts, put: Put, why: string): Promise<void> {
  const { target, method, path } = put.call;
  const at = parts.clock.now();
  const answer: HttpResponse = { status: 0, headers: {}, body: canonical({ notNeeded: why }) };
  const receipt = sealReceipt(parts, {
    kind: 'not-needed',
    request: { target, method, path },
    answer,
    sentAt: at,
    receivedAt: at,
    intent: namedBy(put),
  });
  await parts.book.write({ type: 'not-needed', ...intentOf(put, at), receipt });
}

function intentOf({ key, body }: Put, at: number) {
  const { planHash, callId, attempt, epoch } = body;
  return { at, key, planHash, callId, attempt, epoch };
}

const namedBy = ({ key, body: { planHash, callId } }: Put) => ({ planHash, callId, key });

function recordOf({ book }: Parts, key: string): KeyRecord {
  const sent = book.sent(key);
  if (sent === undefined) throw new GatewayError('GW-DISK', 'An accepted call is not in the book.');
  return sent.record;
}

/** The record, provided that the same key means the same intent. */
function sameIntent(record: KeyRecord, { planHash, callId, attempt }: PutCall): KeyRecord {
  const same = record.planHash === planHash && record.callId === callId;
  if (same && record.attempt === attempt) return record;
  const what = `The key belongs to attempt ${record.attempt} of ${record.callId}.`;
  throw new GatewayError('GW-KEY', what);
}
