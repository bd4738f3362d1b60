/** One worker's view of a run while it advances it: state, plan, and the way to write. */
import { sha256 } from '../canonical.ts';
import { type Plan, planSchema } from '../runbook/plan.ts';
import type { Engine } from './engine.ts';
import type { Actor, Evidence, JournalEvent, NewEvent } from './events.ts';
import { appendEvent, readJournal, type Tail } from './journal.ts';
import { applyEvent, foldRun, type RunState } from './state.ts';

export const DRILLBOOK: Actor = { id: 'drillbook', kind: 'system' };

export interface Session {
  readonly run: string;
  readonly engine: Engine;
  state(): RunState;
  plan(): Plan | undefined;
  events(): readonly JournalEvent[];
  /** undefined until the run was opened. */
  tail(): Tail | undefined;
  /** Appends behind what this session has seen; throws JournalMoved when somebody was faster. */
  append(event: NewEvent): Promise<JournalEvent>;
  /** The first event of a run; `prev` is the hash of the ledger record that opened it. */
  open(prev: string, event: NewEvent): Promise<JournalEvent>;
  /** Loads the plan a `plan.resolved` event named. */
  loadPlan(): Promise<void>;
}

/** Reads the run anew. A run without events has no tail. */
export async function openSession(engine: Engine, run: string): Promise<Session> {
  const read = await readJournal(engine.store, run);
  let tail = read.tail;
  let state = foldRun(read.events);
  let plan: Plan | undefined;
  const events = [...read.events];

  async function write(at: Tail, event: NewEvent): Promise<JournalEvent> {
    const written = await appendEvent(engine, run, { tail: at, event });
    tail = written.tail;
    state = applyEvent(state, written.event);
    events.push(written.event);
    return written.event;
  }

  const session: Session = {
    run,
    engine,
    state: () => state,
    plan: () => plan,
    events: () => events,
    tail: () => tail,
    open: (prev, event) => write({ seq: 0, hash: prev }, event),
    append: (event) => {
      if (tail === undefined) throw new Error(`run ${run} is not open`);
      return write(tail, event);
    },
    loadPlan: async () => {
      const blob = state.plan?.blob;
      if (blob === undefined || plan !== undefined) return;
      plan = planSchema.parse(JSON.parse((await engine.blobs.get(blob)).toString('utf8')));
    },
  };
  await session.loadPlan();
  return session;
}

/** Stores a document as a blob and names it for the event that will point to it. */
export async function keep(
  engine: Engine,
  document: { readonly label: string; readonly text: string; readonly media?: string },
): Promise<Evidence> {
  const hash = await engine.blobs.put(document.text);
  return {
    label: document.label,
    sha256: hash,
    bytes: Buffer.byteLength(document.text, 'utf8'),
    media: document.media ?? 'application/json',
  };
}

/** Deliveries are journaled by hash: a trigger id is nobody's business. */
export const causeOf = (delivery: string): string => sha256(delivery).slice(0, 16);
