/**
 * Finds runs that somebody should have looked at: a conductor that died, a signal that was lost.
 * Each advance leaves a mark that says when the next one is due; a wish marks its run as well.
 */
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Pace } from './moves/pace.ts';

/** The longest time nobody looks at an open run (ms). */
export const LONGEST_WAIT_MS = 3_600_000;
/** A mark older than this is nobody's business any more: its conductor would have come (ms). */
const LATE_MS = 120_000;
/** A wish that nobody has taken for this long has lost its signal (ms). */
const WISH_MS = 60_000;
const SWEEP_EVERY_MS = 60_000;

/** When a run must be looked at again after an advance ended with this pace. */
export const dueAt = (pace: Pace, now: number): number =>
  pace.next === 'wait' ? now + Math.min(pace.ms, LONGEST_WAIT_MS) : now;

export interface Swept {
  /** Runs that need somebody at all. */
  readonly open: number;
  readonly late: number;
  /** Runs with a wish that nobody took. */
  readonly unheard: number;
  /** Runs that could not be brought back; the next sweep tries again. */
  readonly failed: number;
}

export interface SweepParts {
  readonly store: Pick<Store, 'dues' | 'inbox'>;
  readonly clock: Clock;
  readonly revive: (run: string) => Promise<void>;
  /** `run` is `all` when the marks themselves could not be read. */
  readonly onError: (run: string, error: unknown) => void;
}

/** One sweep. Two at once do the same twice, which is harmless as long as `revive` is. */
export async function sweep(parts: SweepParts): Promise<Swept> {
  const { store, clock, revive, onError } = parts;
  const dues = await store.dues();
  const count = { open: dues.length, late: 0, unheard: 0, failed: 0 };
  for (const { run, at } of dues) {
    try {
      const late = clock.now() - at > LATE_MS;
      const wishes = late ? [] : await store.inbox(run);
      const unheard = wishes.some((wish) => clock.now() - wish.at > WISH_MS);
      if (late) count.late++;
      if (unheard) count.unheard++;
      if (late || unheard) await revive(run);
    } catch (error) {
      count.failed++;
      onError(run, error);
    }
  }
  return count;
}

/** On one machine: a sweep now and each minute until `end`. */
export async function sweepEachMinute(parts: SweepParts, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await sweep(parts).catch((error: unknown) => parts.onError('all', error));
    await parts.clock.sleep(SWEEP_EVERY_MS, end);
  }
}
