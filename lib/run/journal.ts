/** The journal of a run: lines in a chain, one conditional put each. */
import { canonical, sha256 } from '../canonical.ts';
import { type Clock, iso } from '../clock.ts';
import type { Random } from '../random.ts';
import type { ChainItem, Store } from '../store/store.ts';
import { JournalMoved, RunError } from './errors.ts';
import { checkEvent, type JournalEvent, type NewEvent, parseEvent } from './events.ts';

export const journalChain = (run: string): string => `run:${run}`;

/** Place of the last line: `hash` is what the next line's `prev` must be. */
export interface Tail {
  readonly seq: number;
  readonly hash: string;
}

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

interface Read {
  readonly events: JournalEvent[];
  /** As they were stored. */
  readonly lines: string[];
  readonly tail: Tail | undefined;
}

/** Reads a run's events and checks the chain; `tail` is undefined for a run without events. */
export async function readJournal(store: Store, run: string): Promise<Read> {
  return chained(run, await store.chain(journalChain(run)), undefined);
}

/** The events behind a line that was read before; undefined when that line is not there. */
export async function readBehind(store: Store, run: string, from: Tail): Promise<Read | undefined> {
  const [last, ...items] = await store.chain(journalChain(run), from.seq);
  if (last?.seq !== from.seq || sha256(last.line) !== from.hash) return undefined;
  return chained(run, items, from);
}

function chained(run: string, items: readonly ChainItem[], from: Tail | undefined): Read {
  const events: JournalEvent[] = [];
  let tail = from;
  for (const item of items) {
    const event = parseEvent(item.line);
    const expected = (tail?.seq ?? 0) + 1;
    if (event.seq !== expected || (tail !== undefined && event.prev !== tail.hash)) {
      throw new Error(`journal of ${run} is broken at line ${expected}`);
    }
    events.push(event);
    tail = { seq: event.seq, hash: sha256(item.line) };
  }
  return { events, lines: items.map(({ line }) => line), tail };
}

/** Bytes of one line: an item of the store holds 400 KB, its keys included. */
const LINE_MAX = 380_000;

/**
 * Writes one event behind `tail`. Throws JournalMoved when another writer was first: nothing was
 * written then, and what was decided may no longer hold. Throws RUN-TOO-LARGE for a line that no
 * store would take.
 */
export async function appendEvent(
  deps: Deps,
  run: string,
  place: { readonly tail: Tail; readonly event: NewEvent },
): Promise<{ event: JournalEvent; line: string; tail: Tail }> {
  const { tail, event } = place;
  checkEvent(event);
  const id = deps.random(12);
  const whole = {
    ...event,
    v: 1,
    run,
    seq: tail.seq + 1,
    ts: iso(deps.clock.now()),
    id,
    prev: tail.hash,
    evidence: event.evidence ?? [],
  };
  const line = canonical(whole);
  const bytes = Buffer.byteLength(line, 'utf8');
  if (bytes > LINE_MAX) {
    const why = `It has ${bytes} bytes; a line of the journal holds ${LINE_MAX}.`;
    throw new RunError('RUN-TOO-LARGE', `The event ${event.type} is too large.`, why);
  }
  // Evidence and actor too: a line that nobody can read must not enter a chain.
  const parsed = parseEvent(line);
  const item = { seq: whole.seq, id, line };
  // A lost answer is no lost line: the very same put says whether it was stored.
  const put = () => deps.store.append(journalChain(run), item);
  const result = await put().catch(put);
  if (result === 'taken') throw new JournalMoved(`line ${whole.seq} of ${run}`);
  return { event: parsed, line, tail: { seq: whole.seq, hash: sha256(line) } };
}
