/**
 * Generations of the conductor. A run is conducted by one execution after the other; the journal
 * says which generation it is at, and the line that says so decides who may start the next.
 */
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { JournalMoved } from './errors.ts';
import type { JournalEvent } from './events.ts';
import { appendEvent, readJournal } from './journal.ts';
import { DRILLBOOK } from './session.ts';

/** Executions by run and generation, as their host keeps them. */
export interface Executions {
  /** Starting a generation twice is starting it once. */
  start(run: string, n: number): Promise<void>;
  /** `absent`: the journal names a generation that was never started. */
  standing(run: string, n: number): Promise<'running' | 'over' | 'absent'>;
  /** Wakes the execution that waits with this token; false when none waits with it any more. */
  signal(token: string): Promise<boolean>;
}

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** 0 for a run that nobody has opened. */
export const generationOf = (events: readonly JournalEvent[]): number =>
  events.findLast((event) => event.type === 'conductor.started')?.data.generation ?? 0;

/**
 * The generation that comes after generation `n`: journaled by whoever is first, found in the
 * journal by everybody else. Its caller may start it; starting it twice is harmless.
 */
export async function nextGeneration(deps: Deps, run: string, n: number): Promise<number> {
  for (;;) {
    const { events, tail } = await readJournal(deps.store, run);
    const there = generationOf(events);
    if (there > n || tail === undefined) return there;
    const data = { generation: n + 1 };
    const event = { type: 'conductor.started', actor: DRILLBOOK, data } as const;
    try {
      await appendEvent(deps, run, { tail, event });
    } catch (error) {
      if (!(error instanceof JournalMoved)) throw error;
    }
  }
}

/**
 * Brings back a run that nobody looked at in time: the engine is called if an execution is there,
 * else the generation that is missing is started, or the one after it.
 */
export async function reviveRun(
  deps: Deps & {
    readonly executions: Pick<Executions, 'start' | 'standing'>;
    /** Calls the engine for the run, as a door does. */
    readonly call: (run: string) => Promise<void>;
  },
  run: string,
): Promise<void> {
  const n = generationOf((await readJournal(deps.store, run)).events);
  const standing = n === 0 ? 'running' : await deps.executions.standing(run, n);
  if (standing === 'running') return deps.call(run);
  const next = standing === 'absent' ? n : await nextGeneration(deps, run, n);
  await deps.executions.start(run, next);
}
