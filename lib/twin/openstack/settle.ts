/**
 * Asynchronous states without timers: before each request everything that should have happened by
 * now is made to have happened, at the instants at which it was due.
 */
import { settleBlock } from './block/settle.ts';
import { settleCompute } from './compute/settle.ts';
import { settleIdentity } from './identity/settle.ts';
import type { CloudContext } from './state.ts';

/** Returns true if anything changed, so that it can be written down. */
export function settle(context: CloudContext): boolean {
  const now = context.clock.now();
  const before = JSON.stringify(context.state);
  settleCompute(context, now);
  settleBlock(context, now);
  settleIdentity(context, now);
  return JSON.stringify(context.state) !== before;
}
