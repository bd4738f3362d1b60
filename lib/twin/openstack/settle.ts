/**
 * Asynchronous states without timers: before each request everything that should have happened by
 * now is made to have happened, at the instants at which it was due.
 */
import { settleBlock } from './block/settle.ts';
import { settleCompute } from './compute/settle.ts';
import { settleIdentity } from './identity/settle.ts';
import type { CloudContext } from './state.ts';

/** Returns true if anything changed and has to be written down. */
export function settle(context: CloudContext): boolean {
  if (!context.kept) {
    settleAll(context);
    return false;
  }
  const before = JSON.stringify(context.state);
  settleAll(context);
  return JSON.stringify(context.state) !== before;
}

function settleAll(context: CloudContext): void {
  const now = context.clock.now();
  settleCompute(context, now);
  settleBlock(context, now);
  settleIdentity(context, now);
}
