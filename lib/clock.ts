/**
 * The only place that reads the machine's clock. Everybody else is given a `Clock`, so that a drill
 * of an hour takes a minute on a laptop and a moment in a test.
 */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` of this clock's time, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What a launcher hands to every process so that all of them live in one time. */
export interface ClockSettings {
  readonly realStartMs: number;
  readonly virtualStartMs: number;
  readonly factor: number;
}

export function scaledClock(settings: ClockSettings): Clock {
  const { realStartMs, virtualStartMs, factor } = settings;
  return {
    now: () => Math.round(virtualStartMs + (Date.now() - realStartMs) * factor),
    sleep: (ms, signal) => realSleep(ms / factor, signal),
  };
}

export function systemClock(): Clock {
  return { now: () => Date.now(), sleep: realSleep };
}

/** A clock that stands still until a test moves it; a sleep moves it at once. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

export function manualClock(startMs = Date.UTC(2026, 10, 22, 1, 0, 0)): ManualClock {
  let now = startMs;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    // A breath of real time, so that files and sockets get on while nobody waits for the clock.
    sleep: async (ms) => {
      now += ms;
      await realSleep(1);
    },
  };
}

export const iso = (ms: number): string => new Date(ms).toISOString();

function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, Math.max(0, ms));
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
