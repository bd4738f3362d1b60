/**
 * One tick: what the conductor, a door or the sweeper has the engine do for a run. The conductor
 * ticks with its generation; doors and the sweeper call without one and wake the conductor after it.
 */
import * as z from 'zod';
import type { Store } from '../store/store.ts';
import { advance, type Shown } from './advance.ts';
import type { Engine } from './engine.ts';
import { type Executions, generationOf, nextGeneration } from './generation.ts';
import { journalChain } from './journal.ts';
import type { Pace } from './moves/pace.ts';

export const tickOrderSchema = z.strictObject({
  run: z.string().min(1),
  /** Generation of the conductor that asks. */
  n: z.int().positive().optional(),
  /** It waits with this task token from now on, having seen the journal up to line `seq`. */
  token: z.string().min(1).optional(),
  seq: z.int().nonnegative().optional(),
  /** Its history is nearly full: the next generation takes over. */
  handOver: z.literal(true).optional(),
});
export type TickOrder = z.infer<typeof tickOrderSchema>;

/** `replaced`: a later generation conducts this run. `seq`: last line of the journal. */
export type Beat = (Pace | { readonly next: 'replaced' }) & { readonly seq?: number };

export interface TickParts {
  readonly engine: Engine;
  /** Absent on one machine, where a loop conducts. */
  readonly executions: Executions | undefined;
  readonly show: (shown: Shown) => Promise<void>;
}

/** One call works for this long at most (ms of the engine's clock), far below its own limit. */
const BUDGET_MS = 25_000;
/** Note beside a run: the token of the execution that waits for a signal. */
const TOKEN = 'token';
const tokenSchema = z.strictObject({ token: z.string() });

export async function tick(parts: TickParts, order: TickOrder): Promise<Beat> {
  const { engine, executions } = parts;
  const { run, n, token } = order;
  if (executions !== undefined && token !== undefined) {
    return waitForSignal(engine.store, executions, { ...order, token });
  }
  if (executions !== undefined && n !== undefined && order.handOver === true) {
    await executions.start(run, await nextGeneration(engine, run, n));
    return { next: 'replaced' };
  }
  const { pace, shown } = await work(engine, run);
  if (shown !== undefined) await parts.show(shown);
  if (shown === undefined) return pace;
  const generation = generationOf(shown.events);
  if (n === undefined && executions !== undefined) {
    await wake(engine.store, executions, { run: shown.head.run, generation });
  }
  if (n !== undefined && generation > n) return { next: 'replaced' };
  return { ...pace, seq: shown.head.seq };
}

/** Short waits are waited here: a conductor has a limited number of ticks in its life. */
async function work(engine: Engine, run: string) {
  const { clock } = engine;
  const until = clock.now() + BUDGET_MS;
  let { pace, shown } = await advance(engine, run, until);
  while (pace.next === 'wait' && isAtWork(shown) && clock.now() + pace.ms < until) {
    await clock.sleep(pace.ms);
    ({ pace, shown } = await advance(engine, run, until));
  }
  return { pace, shown };
}

/** Nobody is asked for anything: what is waited for is an array or a cloud. */
const isAtWork = (shown: Shown | undefined): boolean =>
  shown !== undefined &&
  ['running', 'cleaning-up'].includes(shown.head.state) &&
  shown.head.asks.length === 0;

/**
 * Keeps the token, then looks once more: a wish that came in between, or a line that somebody wrote
 * meanwhile, found no token to wake. The execution is then woken here.
 */
async function waitForSignal(
  store: Store,
  executions: Executions,
  order: TickOrder & { readonly token: string },
): Promise<Beat> {
  const { run, token, seq = 0 } = order;
  await store.putNote(run, TOKEN, JSON.stringify({ token }));
  const wishes = await store.inbox(run);
  const lines = await store.chain(journalChain(run), seq + 1);
  if (wishes.length > 0 || lines.length > 0) await executions.signal(token);
  return { next: 'again' };
}

/**
 * The generation the journal names is started, which does nothing if it ever was; then the one that
 * waits is woken. A token that is stale, used or timed out wakes nobody and harms nobody.
 */
async function wake(
  store: Store,
  executions: Executions,
  { run, generation }: { readonly run: string; readonly generation: number },
): Promise<void> {
  if (generation > 0) await executions.start(run, generation);
  const kept = await store.note(run, TOKEN);
  if (kept !== undefined) await executions.signal(tokenSchema.parse(JSON.parse(kept)).token);
}
