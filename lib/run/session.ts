/** One worker's view of a run while it advances it: state, plan, and the way to write. */
import { sha256 } from '../canonical.ts';
import { type Gateway, type Receipt, receiptSchema } from '../gateway/protocol.ts';
import { type JournalView, shipping } from '../gateway/shipping.ts';
import { type Plan, planSchema } from '../runbook/plan.ts';
import type { Engine } from './engine.ts';
import type { Actor, Evidence, JournalEvent, NewEvent } from './events.ts';
import { appendEvent, type Tail } from './journal.ts';
import { type Memory, putAside, recall } from './memory.ts';
import type { RunState } from './state.ts';

export const DRILLBOOK: Actor = { id: 'drillbook', kind: 'system' };

export interface Session {
  readonly run: string;
  readonly engine: Engine;
  /** As of the last event; the maps in it go on changing while events are added. */
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
  /** Brings what matters of the journal to the gateways that can be reached. */
  ship(): Promise<void>;
  /** A gateway that was found to keep another history of this run; told once. */
  contested(): Gateway | undefined;
  /** The receipt that an outcome brought. */
  receipt(blob: string): Promise<Receipt>;
  /** Where the items of a `for-each` begin that are not over, by step and try. */
  readonly firstOpen: Map<string, number>;
  /** Leaves what was read to the next session of this process. Nothing is appended afterwards. */
  close(): void;
}

/** Reads the run anew, or what came since this process read it. A run without events has no tail. */
export async function openSession(engine: Engine, run: string): Promise<Session> {
  const memory = await recall(engine, run);
  const view = viewOf(engine, run, memory);
  const { gateways, ship, contested } = shipping(engine.gateways, view, engine.clock);

  async function write(at: Tail, event: NewEvent): Promise<JournalEvent> {
    const written = await appendEvent(engine, run, { tail: at, event });
    memory.tail = written.tail;
    memory.fold.add(written.event);
    memory.events.push(written.event);
    memory.lines.push(written.line);
    return written.event;
  }

  const session: Session = {
    run,
    engine: { ...engine, gateways },
    ...{ ship, contested },
    state: () => memory.fold.state(),
    plan: () => memory.plan,
    events: () => memory.events,
    tail: () => memory.tail,
    open: (prev, event) => write({ seq: 0, hash: prev }, event),
    append: (event) => {
      if (memory.tail === undefined) throw new Error(`run ${run} is not open`);
      return write(memory.tail, event);
    },
    loadPlan: async () => {
      const blob = memory.fold.state().plan?.blob;
      if (blob === undefined || memory.plan !== undefined) return;
      memory.plan = planSchema.parse(JSON.parse((await engine.blobs.get(blob)).toString('utf8')));
    },
    receipt: async (blob) => {
      const known = memory.receipts.get(blob);
      if (known !== undefined) return known;
      const text = (await engine.blobs.get(blob)).toString('utf8');
      const receipt = receiptSchema.parse(JSON.parse(text));
      memory.receipts.set(blob, receipt);
      return receipt;
    },
    firstOpen: memory.firstOpen,
    close: () => putAside(engine, run, memory),
  };
  await session.loadPlan();
  return session;
}

/** Made again by whoever goes on, or known to the gateway itself: these go along with others. */
const LIGHT: ReadonlySet<string> = new Set([
  ...['intent', 'outcome', 'judged', 'step.started', 'clock.checked'],
]);

/** Whether gateways should have this line soon. */
export const isNews = ({ type }: JournalEvent): boolean => !LIGHT.has(type);

/** What gateways are told of the run: its lines as they were stored. */
const viewOf = (engine: Engine, run: string, { lines, events }: Memory): JournalView => ({
  run,
  matters: (from) => events.slice(from - 1).some(isNews),
  named: (from, upTo) => events.slice(from - 1, upTo).flatMap(({ evidence }) => evidence),
  count: () => lines.length,
  lines: (from) => lines.slice(from - 1),
  text: (sha256) =>
    engine.blobs.get(sha256).then(
      (bytes) => bytes.toString('utf8'),
      () => undefined,
    ),
});

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
