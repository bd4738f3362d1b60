/** The one thing a door does to a run: an item into its inbox, and the engine woken. */
import { canonical } from '../canonical.ts';
import type { Ask, InboxBody, Origin } from '../run/inbox.ts';
import type { DoorKeeper } from './visit.ts';

export interface Delivery {
  readonly run: string;
  readonly delivery: string;
  readonly person: string;
  readonly origin: Origin;
  readonly ask: Ask;
}

/**
 * `repeated`: this very delivery was put before. `late`: put, but nobody could be woken; the engine
 * finds it at its next tick. Rejects when it could not be put.
 */
export async function deliver(
  door: DoorKeeper,
  wish: Delivery,
): Promise<'taken' | 'late' | 'repeated'> {
  const { run, delivery, person, origin, ask } = wish;
  const body: InboxBody = { v: 1, origin, ask };
  const at = door.clock.now();
  const fresh = await door.store.putInbox({ run, delivery, at, person, body: canonical(body) });
  // Also after a repetition: the first may have been put and then cut off before it woke anybody.
  try {
    await door.signal(run);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    door.log.warn('slack.signal', { run, why });
    return fresh ? 'late' : 'repeated';
  }
  return fresh ? 'taken' : 'repeated';
}
