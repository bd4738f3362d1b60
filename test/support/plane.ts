/** A second control plane beside the bank's: its own store, the same gateways, orders by inbox. */
import { advance } from '../../lib/run/advance.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Head, headSchema } from '../../lib/run/head.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { readJournal } from '../../lib/run/journal.ts';
import type { Pace } from '../../lib/run/moves/pace.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Worker } from '../../lib/worker.ts';
import type { Bank, WorkerWraps } from './bank.ts';

export interface Plane {
  readonly store: Store;
  readonly worker: Worker;
  /** A person gives an order at this plane's command line. */
  order(run: string, handle: string, ask: Ask): Promise<void>;
  tick(run: string): Promise<Pace>;
  head(run: string): Promise<Head>;
  events(run: string): Promise<JournalEvent[]>;
  /** Lets the run go on, two people approving, until the predicate holds or it ended. */
  drive(run: string, until?: (head: Head) => boolean): Promise<Head>;
}

const TICKS_MAX = 2_000;

export async function openPlane(bank: Bank, wraps: WorkerWraps = {}): Promise<Plane> {
  const store = memoryStore();
  const worker = await bank.newWorker({ ...wraps, store: () => store });
  let deliveries = 0;
  const idOf = (handle: string): string =>
    bank.config.people.find((person) => person.handle === handle)?.id ?? handle;

  const plane: Plane = {
    store,
    worker,
    order: async (run, handle, ask) => {
      const body = JSON.stringify({ v: 1, origin: { via: 'cli' }, ask });
      const delivery = `plane-${deliveries++}`;
      await store.putInbox({ run, delivery, at: bank.clock.now(), person: idOf(handle), body });
    },
    tick: async (run) => (await advance(worker.engine, run, bank.clock.now() + 60_000)).pace,
    head: async (run) => {
      const item = await store.head(run);
      if (item === undefined) throw new Error(`no head of ${run}`);
      return headSchema.parse(JSON.parse(item.json));
    },
    events: async (run) => (await readJournal(store, run)).events,
    drive: async (run, until = () => false) => {
      for (let i = 0; i < TICKS_MAX; i++) {
        const pace = await plane.tick(run);
        const head = await plane.head(run);
        if ((head.state === 'ended' && pace.next === 'end') || until(head)) return head;
        const { approval, planHash = '' } = head;
        if (head.state === 'awaiting-approval' && approval !== undefined) {
          const handle = approval.granted.length === 0 ? 'lee' : 'park';
          await plane.order(run, handle, { verb: 'approve', planHash });
        } else if (pace.next === 'wait') bank.clock.advance(Math.min(pace.ms, 600_000));
      }
      throw new Error(`run ${run} did not come to rest`);
    },
  };
  return plane;
}
