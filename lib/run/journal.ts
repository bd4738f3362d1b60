/** The journal of a run: lines in a chain, one conditional put each. */
import { canonical, sha256 } from '../canonical.ts';
import { type Clock, iso } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { JournalMoved } from './errors.ts';
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

/** Reads a run's events and checks the chain; `tail` is undefined for a run without events. */
export async function readJournal(
  store: Store,
  run: string,
): Promise<{ events: JournalEvent[]; tail: Tail | undefined }> {
  const events: JournalEvent[] = [];
  let tail: Tail | undefined;
  for (const item of await store.chain(journalChain(run))) {
    const event = parseEvent(item.line);
    const expected = (tail?.seq ?? 0) + 1;
    if (event.seq !== expected || (tail !== undefined && event.prev !== tail.hash)) {
      throw new Error(`journal of ${run} is broken at line ${expected}`);
    }
    events.push(event);
    tail = { seq: event.seq, hash: sha256(item.line) };
  }
  return { events, tail };
}

/**
 * Writes one event behind `tail`. Throws JournalMoved when another writer was first: nothing was
 * written then, and what was decided may no longer hold.
 */
export async function appendEvent(
  deps: Deps,
  run: string,
  place: { readonly tail: Tail; readonly event: NewEvent },
): Promise<{ event: JournalEvent; tail: Tail }> {
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
  const item = { seq: whole.seq, id, line };
  // A lost answer is no lost line: the very same put says whether it was stored.
  const put = () => deps.store.append(journalChain(run), item);
  const result = await put().catch(put);
  if (result === 'taken') throw new JournalMoved(`line ${whole.seq} of ${run}`);
  return { event: parseEvent(line), tail: { seq: whole.seq, hash: sha256(line) } };
}
