/**
 * The conductor of one machine: calls `advance` for a run, waits as long as it says, is woken by a
 * signal, and begins again. It keeps nothing: what was under way when it died is found by a sweep.
 */
import type { Clock } from '../clock.ts';
import type { Pace } from './moves/pace.ts';

export interface Conductor {
  /** Something came for this run: look now. Starts conducting a run it did not know. */
  wake(run: string): void;
  /** Resolves when the run needs nobody any more. */
  ended(run: string): Promise<void>;
  stop(): void;
}

interface Conducted {
  alarm: AbortController;
  /** A signal that came while `advance` was at work must not be lost. */
  woken: boolean;
  readonly ended: Promise<void>;
}

/** Longest sleep (ms of the clock), so that a lost signal costs little. */
const LONGEST_WAIT_MS = 60_000;
const AFTER_ERROR_MS = 5_000;

export function createConductor(deps: {
  readonly clock: Clock;
  readonly tick: (run: string) => Promise<Pace>;
  readonly onError: (run: string, error: unknown) => void;
}): Conductor {
  const runs = new Map<string, Conducted>();
  let stopped = false;

  async function conduct(run: string, me: () => Conducted): Promise<void> {
    while (!stopped) {
      me().woken = false;
      const pace = await tickOnce(run);
      if (pace.next === 'end' && !me().woken) return;
      if (pace.next !== 'wait' || me().woken) continue;
      me().alarm = new AbortController();
      await deps.clock.sleep(Math.min(pace.ms, LONGEST_WAIT_MS), me().alarm.signal);
    }
  }

  async function tickOnce(run: string): Promise<Pace> {
    try {
      return await deps.tick(run);
    } catch (error) {
      deps.onError(run, error);
      return { next: 'wait', ms: AFTER_ERROR_MS };
    }
  }

  function start(run: string): Conducted {
    const known: { self?: Conducted } = {};
    const me = (): Conducted => {
      if (known.self === undefined) throw new Error(`run ${run} is conducted before it is known`);
      return known.self;
    };
    const ended = Promise.resolve()
      .then(() => conduct(run, me))
      .finally(() => runs.delete(run));
    known.self = { alarm: new AbortController(), woken: false, ended };
    runs.set(run, known.self);
    return known.self;
  }

  return {
    wake: (run) => {
      const known = runs.get(run) ?? start(run);
      known.woken = true;
      known.alarm.abort();
    },
    ended: async (run) => {
      await (runs.get(run) ?? start(run)).ended;
    },
    stop: () => {
      stopped = true;
      for (const known of runs.values()) known.alarm.abort();
    },
  };
}
