/** Time that moves only when nobody has anything left to do: to where the first sleeper wakes. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, ManualClock } from '../../lib/clock.ts';

export interface VirtualTime extends Clock {
  /** Counts as work until it settles: time stands still meanwhile. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits until everybody sleeps; then the first sleeper wakes. False when nobody sleeps. */
  next(): Promise<boolean>;
  /** Waits until everybody sleeps. */
  rest(): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop in which what was just woken can begin to work. */
const TURNS = 3;

export function virtualTime(clock: ManualClock): VirtualTime {
  const sleepers = new Set<Sleeper>();
  let working = 0;

  async function rest(): Promise<void> {
    for (let idle = 0; idle < TURNS; idle = working > 0 ? 0 : idle + 1) await turn();
  }

  return {
    now: clock.now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: clock.now() + Math.max(0, ms), wake };
        function wake() {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        }
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', wake, { once: true });
        sleepers.add(sleeper);
      }),
    during: async (work) => {
      working++;
      try {
        return await work;
      } finally {
        working--;
      }
    },
    rest,
    next: async () => {
      await rest();
      const [first] = [...sleepers].sort((a, b) => a.at - b.at);
      if (first === undefined) return false;
      clock.advance(Math.max(0, first.at - clock.now()));
      first.wake();
      return true;
    },
  };
}
