/**
 * One time for everybody in a simulation. It stands still until all who could go on have gone on;
 * then it jumps to where the first sleeper wakes. Nothing in it waits for the machine: a seed gives
 * the same order of everything, always.
 */
import { setImmediate as everybodyWent } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';

export interface SimTime {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Moves on from sleeper to sleeper until the predicate holds or nobody sleeps. */
  run(until: () => boolean): Promise<void>;
}

interface Sleeper {
  readonly wake: number;
  readonly order: number;
  readonly go: () => void;
}

export function simTime(startMs = Date.UTC(2026, 10, 22, 1, 0, 0)): SimTime {
  let now = startMs;
  let order = 0;
  const sleepers: Sleeper[] = [];

  function next(): Sleeper | undefined {
    let first = 0;
    for (const [i, one] of sleepers.entries()) {
      const best = sleepers[first];
      if (best === undefined || before(one, best)) first = i;
    }
    return sleepers.splice(first, 1)[0];
  }

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = { wake: now + Math.max(0, Math.ceil(ms)), order: order++, go: resolve };
        sleepers.push(sleeper);
        const up = () => {
          const at = sleepers.indexOf(sleeper);
          if (at >= 0) sleepers.splice(at, 1);
          resolve();
        };
        signal?.addEventListener('abort', up, { once: true });
      }),
    run: async (until) => {
      for (;;) {
        // All that is under way here is microtasks: after one turn of the loop they have run.
        await everybodyWent();
        if (until()) return;
        const sleeper = next();
        if (sleeper === undefined) return;
        now = Math.max(now, sleeper.wake);
        sleeper.go();
      }
    },
  };
}

const before = (a: Sleeper, b: Sleeper): boolean =>
  a.wake < b.wake || (a.wake === b.wake && a.order < b.order);

/** What one process takes for the time: its clock may be off, and may jump. */
export interface SkewedClock extends Clock {
  jump(ms: number): void;
}

export function skewed(time: SimTime): SkewedClock {
  let offset = 0;
  return {
    now: () => time.now() + offset,
    sleep: (ms, signal) => time.sleep(ms, signal),
    jump: (ms) => {
      offset += ms;
    },
  };
}
