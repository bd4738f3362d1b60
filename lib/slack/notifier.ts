/**
 * Keeps Slack's view of runs fresh without ever holding a run up: one writer per run, the newest
 * state wins, at most one frame every three seconds while steps tick, failures are logged and end
 * here.
 */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../logger.ts';
import type { Store } from '../store/store.ts';
import type { SlackClient } from './client.ts';
import { isLost } from './desk.ts';
import { SlackCallFailed } from './errors.ts';
import { publish, type RunView } from './publish.ts';

export interface NotifierOptions {
  readonly client: SlackClient;
  readonly store: Store;
  /** Read anew for each frame. */
  config(): Promise<Config>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Notifier {
  /** Never rejects. Resolves when this view or a newer one is shown, or given up for now. */
  show(seen: RunView): Promise<void>;
}

/** Slack allows about 50 updates a minute to all runs together. */
const FRAME_MS = 3_000;
const ATTEMPTS = 3;
const LONGEST_WAIT_MS = 30_000;

interface Slot {
  next: RunView | undefined;
  working: Promise<void> | undefined;
  /** Interrupts the wait between two frames. */
  hurry: AbortController;
  shownAt: number;
  shownKey: string;
  ended: boolean;
  readonly shown: Map<string, string>;
}

/** Of one process; what several processes share lies in the store's notes. */
export function createNotifier(options: NotifierOptions): Notifier {
  const slots = new Map<string, Slot>();
  return {
    show: (seen) => {
      const slot = slots.get(seen.head.run) ?? newSlot();
      slots.set(seen.head.run, slot);
      slot.next = newest(slot.next, seen);
      if (keyOf(slot.next) !== slot.shownKey) slot.hurry.abort();
      slot.working ??= drain(slot, options).finally(() => {
        slot.working = undefined;
        if (slot.ended && slot.next === undefined) slots.delete(seen.head.run);
      });
      return slot.working;
    },
  };
}

const newSlot = (): Slot => ({
  next: undefined,
  working: undefined,
  hurry: new AbortController(),
  shownAt: Number.NEGATIVE_INFINITY,
  shownKey: '',
  ended: false,
  shown: new Map(),
});

async function drain(slot: Slot, options: NotifierOptions): Promise<void> {
  const { clock } = options;
  while (slot.next !== undefined) {
    slot.hurry = new AbortController();
    const wait = slot.shownAt + FRAME_MS - clock.now();
    if (wait > 0 && keyOf(slot.next) === slot.shownKey) await clock.sleep(wait, slot.hurry.signal);
    const seen = slot.next;
    slot.next = undefined;
    const done = await attempt(slot, seen, options);
    if (!done) return;
    slot.shownAt = clock.now();
    slot.shownKey = keyOf(seen);
    slot.ended = seen.head.state === 'ended';
  }
}

/** false when Slack is given up for now: the next view brings everything that is missing. */
async function attempt(slot: Slot, first: RunView, options: NotifierOptions): Promise<boolean> {
  const { client, store, log, clock } = options;
  let seen = first;
  for (let tries = 1; ; tries++) {
    try {
      const config = await options.config();
      await publish(seen, { client, store, config, log, shown: slot.shown });
      return true;
    } catch (error) {
      const { run } = seen.head;
      const limited = error instanceof SlackCallFailed && error.kind === 'rate-limited';
      const why = error instanceof Error ? error.message : String(error);
      log.warn('slack.unshown', { run, tries, why });
      if (tries === ATTEMPTS || !(limited || isLost(error))) {
        slot.next = newest(seen, slot.next);
        return false;
      }
      if (limited) await clock.sleep(Math.min(error.retryAfterMs, LONGEST_WAIT_MS));
      seen = newest(seen, slot.next);
      slot.next = undefined;
    }
  }
}

/** The later head with the events of both, each once. */
function newest(one: RunView | undefined, other: RunView): RunView;
function newest(one: RunView, other: RunView | undefined): RunView;
function newest(one: RunView | undefined, other: RunView | undefined): RunView | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const [older, newer] = one.head.seq <= other.head.seq ? [one, other] : [other, one];
  const bySeq = new Map([...older.events, ...newer.events].map((event) => [event.seq, event]));
  const events = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  return { head: newer.head, plan: newer.plan ?? older.plan, events };
}

/** What people wait for; when it differs the frame is not held back. */
function keyOf({ head }: RunView): string {
  const { state, planHash, approval, asks, pause, skips, result } = head;
  const granted = approval?.granted.length;
  return JSON.stringify([state, planHash, granted, asks, pause?.step, skips, result]);
}
