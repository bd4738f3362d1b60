/** Whether the volumes of the service are writable at the site where servers are to be started. */
import type { Finding } from '../../predicate.ts';
import { evaluateGuard } from '../../runbook/guards.ts';
import type { Reader, StepView } from '../action.ts';
import type { Effect } from '../judging.ts';
import type { Seen } from '../reads.ts';

/**
 * The gateway asks the same before each call; here it says why nothing is started yet. Undefined:
 * nothing in this step depends on it.
 */
export async function seeSide(read: Reader, view: StepView): Promise<Seen<Finding> | undefined> {
  for (const call of view.calls) {
    const guard = call.guards.find(({ predicate }) => predicate === 'side-writable');
    if (guard === undefined) continue;
    const reading = await read(call.site, guard.target, guard.path);
    if (reading.ok) return { ok: true, value: evaluateGuard(guard, reading) };
    const why = `${guard.target} ${guard.path} at ${call.site} does not answer: ${reading.why}`;
    return { ok: false, why, gone: false };
  }
  return undefined;
}

/** Why nothing may start there; undefined when nothing stands in the way. */
export function closedSide(side: Seen<Finding> | undefined): Effect | undefined {
  if (side === undefined) return undefined;
  if (!side.ok) return { seen: 'blocked', why: side.why };
  if (side.value.holds) return undefined;
  const why = `The volumes are not writable there: ${JSON.stringify(side.value.reading)}.`;
  return { seen: 'blocked', why };
}
