/**
 * What a process remembers of the journals it read, so that each look at a long run reads only the
 * lines that are new. A cache: whoever takes it takes it away, so no two sessions share one.
 */
import type { Receipt } from '../gateway/protocol.ts';
import type { Plan } from '../runbook/plan.ts';
import type { Engine } from './engine.ts';
import type { JournalEvent } from './events.ts';
import { openFold } from './fold.ts';
import { readBehind, readJournal, type Tail } from './journal.ts';

export interface Memory {
  readonly events: JournalEvent[];
  /** The same events as they were stored. */
  readonly lines: string[];
  readonly fold: ReturnType<typeof openFold>;
  tail: Tail | undefined;
  plan: Plan | undefined;
  readonly receipts: Map<string, Receipt>;
  /** Per try of a `for-each`: all items before this one are over. */
  readonly firstOpen: Map<string, number>;
}

/** Journals one engine remembers, and receipts of each. */
const RUNS_MAX = 8;
const RECEIPTS_MAX = 512;

const memories = new WeakMap<Engine, Map<string, Memory>>();

/** The run as it is in the store now. Throws when the journal is broken. */
export async function recall(engine: Engine, run: string): Promise<Memory> {
  const known = memories.get(engine)?.get(run);
  memories.get(engine)?.delete(run);
  const news =
    known?.tail === undefined ? undefined : await readBehind(engine.store, run, known.tail);
  // A store that does not hold the last line we saw has another history: all of it is read.
  const memory = known !== undefined && news !== undefined ? known : nothingYet();
  const { events, lines, tail } = news ?? (await readJournal(engine.store, run));
  for (const line of lines) memory.lines.push(line);
  for (const event of events) {
    memory.fold.add(event);
    memory.events.push(event);
  }
  memory.tail = tail;
  return memory;
}

const nothingYet = (): Memory => ({
  events: [],
  lines: [],
  fold: openFold(),
  tail: undefined,
  plan: undefined,
  receipts: new Map(),
  firstOpen: new Map(),
});

export function putAside(engine: Engine, run: string, memory: Memory): void {
  if (memory.fold.state().ended !== undefined) return;
  const runs = memories.get(engine) ?? new Map<string, Memory>();
  memories.set(engine, runs);
  runs.delete(run);
  runs.set(run, memory);
  const oldest = runs.keys().next().value;
  if (runs.size > RUNS_MAX && oldest !== undefined) runs.delete(oldest);
  for (const blob of memory.receipts.keys()) {
    if (memory.receipts.size <= RECEIPTS_MAX) break;
    memory.receipts.delete(blob);
  }
}
