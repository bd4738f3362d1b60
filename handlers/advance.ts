/**
 * The engine as a function: takes a run as far as it can go and says when to come back. Called by
 * the conductor with {run, n} and by doors with {run}; safe at any time, and twice at once.
 */
import { setTimeout as realSleep } from 'node:timers/promises';
import * as z from 'zod';
import { openFunction, remembered } from '../lib/function.ts';
import { advance, type Shown } from '../lib/run/advance.ts';
import type { Pace } from '../lib/run/moves/pace.ts';
import { startConductor } from '../lib/store/conductor.ts';

const eventSchema = z.object({ run: z.string(), n: z.int().positive().optional() });

/** One call works for this long at most (ms of the engine's clock), far below its own limit. */
const BUDGET_MS = 25_000;
/** Slack is a view: a run does not wait longer than this for it (real ms). */
const SHOW_LIMIT_MS = 3_000;

const parts = remembered(() => openFunction(process.env));

export async function handler(event: unknown): Promise<Pace> {
  const { run, n } = eventSchema.parse(event);
  const { worker, clock, env, notifier } = await parts();
  const until = clock.now() + BUDGET_MS;
  let { pace, shown } = await advance(worker.engine, run, until);
  // Short waits are waited here: a conductor has a limited number of ticks in its life.
  while (pace.next === 'wait' && isAtWork(shown) && clock.now() + pace.ms < until) {
    await clock.sleep(pace.ms);
    ({ pace, shown } = await advance(worker.engine, run, until));
  }
  // A wish may have been handed to the run that is open; and a run that ended at once (refused, no
  // plan) is conducted too: its end makes the evidence pack. Starting twice is starting once.
  if (n === undefined && shown !== undefined && env.conductor !== undefined) {
    await startConductor(env, { run: shown.head.run, n: 1 });
  }
  if (shown !== undefined) {
    await Promise.race([notifier.show(shown), realSleep(SHOW_LIMIT_MS, undefined, { ref: false })]);
  }
  return pace;
}

/** Nobody is asked for anything: what is waited for is an array or a cloud. */
const isAtWork = (shown: Shown | undefined): boolean =>
  shown !== undefined &&
  ['running', 'cleaning-up'].includes(shown.head.state) &&
  shown.head.asks.length === 0;
