/**
 * Putting calls and asking for them. A call is sent at most once: `accepted` is on the disk before
 * it leaves, and whatever was accepted is never sent again, answered or not.
 */
import { canonical } from '../../canonical.ts';
import type { HttpResponse } from '../../http.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { GatewayError } from '../errors.ts';
import type { Asked, Grant, GuardReading, KeyRecord, PutCall } from '../protocol.ts';
import { assertArmed, mayBeForgotten } from './arming.ts';
import { assertMayPut, findCall, type Put } from './checks.ts';
import type { Parts } from './gateway.ts';
import { assertGrantHolds } from './grants.ts';
import { assertAbsent, assertEffect, readGuards } from './guards.ts';
import { assertNoRestore } from './hazards.ts';
import { type Filled, fillHoles } from './holes.ts';
import { type Leave, meetPeers, takeLeave } from './isolation.ts';
import { assertAfter, keepReceipts } from './order.ts';
import { sealReceipt } from './receipts.ts';
import type { Turn } from './targets/target.ts';

export interface Calls {
  /** Resolves once the call is accepted; it is sent afterwards. */
  put(key: string, body: PutCall): Promise<KeyRecord>;
  /** Asking for a key that nobody put makes it void, and only that proves that nothing was sent. */
  ask(question: { key: string; planHash?: string | undefined }): Promise<Asked>;
  settled(): Promise<void>;
  /** Nothing is being checked or on its way. */
  idle(): boolean;
}

/** What an accepted call goes out with. */
interface Ready {
  readonly filled: Extract<Filled, { needed: true }>;
  readonly guards: readonly GuardReading[];
  readonly leave: Leave;
  readonly turn: Turn;
  /** When everything was looked at for the last time (ms). */
  readonly checkedAt: number;
}

/** A disk may stand still; what was looked at longer ago than this is not acted upon, ms. */
const SEND_WITHIN_MS = 30_000;

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

  async function ask({ key, planHash }: Parameters<Calls['ask']>[0]): Promise<Asked> {
    // As it was before this ask: a disk that was put back must not be hidden by its own new line.
    const counter = book.count();
    if (checking.has(key) || sending.has(key)) return { state: 'busy', counter };
    const known = book.sent(key);
    if (known === undefined) {
      assertArmed(parts);
      await voids.add(key);
      // It is never sent from here on; that it never was, an older incarnation would have to say.
      return { state: mayBeForgotten(parts, planHash) ? 'lost' : 'void', counter };
    }
    const { record, receipt } = known;
    const answer = receipt ?? (record.state === 'answered' ? await book.archived(key) : undefined);
    if (answer !== undefined) return { state: 'answered', record, receipt: answer, counter };
    return { state: 'lost', record: { ...record, state: 'lost' }, counter };
  }

  return {
    ...{ put, ask },
    idle: () => checking.size === 0 && sending.size === 0,
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
  await meetPeers(parts, put);
  assertMayPut(parts, put);
  await keepReceipts(parts, put);
  const lost = assertAfter(parts, put);
  for (const one of lost) await assertEffect(parts, put, one);
  const filled = await fillHoles(parts, put);
  if (!filled.needed) {
    await notNeeded(parts, put, filled.why);
    return undefined;
  }
  // A place first: everything below is looked at when it is this call's turn.
  const turn = await parts.targets.find(put.call.target).enter(put.body.putBy);
  try {
    await assertAbsent(parts, put);
    await turn.prove();
    await assertNoRestore(parts, put);
    const leave = await takeLeave(parts, put);
    const read = await readGuards(parts, put);
    const checkedAt = await writeAccepted(parts, put, { leave, lost });
    return { filled, guards: [...read, ...put.looks], leave, turn, checkedAt };
  } catch (error) {
    turn.leave();
    throw error;
  }
}

/**
 * Reading took time: what was true before it is asked once more, then it is on the disk. Resolves with
 * the time of the last look. Nothing is awaited between that and the book.
 */
async function writeAccepted(
  parts: Parts,
  put: Put,
  { leave, lost }: { readonly leave: Leave; readonly lost: readonly PlanCall[] },
): Promise<number> {
  const { retry } = put.body;
  const at = parts.clock.now();
  assertMayPut(parts, put);
  if (assertAfter(parts, put).some((one) => !lost.includes(one))) {
    throw new GatewayError('GW-AFTER', `${put.call.id}: what comes before it was lost meanwhile.`);
  }
  if (leave.grant !== undefined) assertGrantHolds(leave.grant, at);
  const extra = { ...(retry === undefined ? {} : { retry }), ...recordOfLeave(leave) };
  await parts.book.write({ type: 'accepted', ...intentOf(put, at), ...extra });
  return at;
}

/** What is written down of it: never the session. */
function recordOfLeave({ grant, givenUp }: Leave): { grant?: Grant; givenUp?: string[] } {
  return {
    ...(grant === undefined ? {} : { grant }),
    ...(givenUp === undefined ? {} : { givenUp: [...givenUp] }),
  };
}

/** Never rejects: what cannot be written down as answered is lost, here as after a start. */
async function send(parts: Parts, put: Put, ready: Ready): Promise<void> {
  const { book, clock } = parts;
  const { target, method } = put.call;
  const { filled, guards, leave, turn, checkedAt } = ready;
  const { path, body } = filled;
  const request = { target, method, path, ...(body === undefined ? {} : { body }) };
  const sentAt = clock.now();
  try {
    const waitedMs = sentAt - checkedAt;
    if (waitedMs > SEND_WITHIN_MS) {
      const why = `The disk took ${waitedMs} ms: what was checked is too old, and it was not sent.`;
      return await book.write({ type: 'lost', at: sentAt, key: put.key, why });
    }
    const lent = leave.session === undefined ? {} : { peerSession: leave.session };
    const intent = { key: put.key, run: put.plan.run, step: put.call.step };
    const answer = await turn.send({ ...request, ...lent, intent }).catch(silence);
    const at = clock.now();
    if (typeof answer === 'string') {
      return await book.write({ type: 'lost', at, key: put.key, why: answer });
    }
    const exchange = { request, answer, sentAt, receivedAt: at, guards, ...recordOfLeave(leave) };
    const receipt = sealReceipt(parts, { kind: 'call', ...exchange, intent: namedBy(put) });
    await book.write({ type: 'answered', at, key: put.key, receipt });
  } catch (error) {
    book.giveUp(put.key);
    parts.say(`${put.call.id}: the answer could not be kept: ${String(error)}`);
  } finally {
    turn.leave();
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
