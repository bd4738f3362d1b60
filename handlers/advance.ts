/**
 * The engine as a function: takes a run as far as it can go and says when to come back. Called by
 * the conductor with {run, n} and by doors with {run}; safe at any time, and twice at once.
 */
import { setTimeout as realSleep } from 'node:timers/promises';
import { openFunction, remembered } from '../lib/function.ts';
import { type Beat, tick, tickOrderSchema } from '../lib/run/tick.ts';
import { awsExecutions } from '../lib/store/conductor.ts';

/** Slack is a view: a run does not wait longer than this for it (real ms). */
const SHOW_LIMIT_MS = 3_000;

const parts = remembered(() => openFunction(process.env));

export async function handler(event: unknown): Promise<Beat> {
  const order = tickOrderSchema.parse(event);
  const { worker, env, notifier } = await parts();
  return tick(
    {
      engine: worker.engine,
      executions: env.conductor === undefined ? undefined : awsExecutions(env),
      show: async (shown) => {
        const limit = realSleep(SHOW_LIMIT_MS, undefined, { ref: false });
        await Promise.race([notifier.show(shown), limit]);
      },
    },
    order,
  );
}
