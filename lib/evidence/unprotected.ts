/** How long the service had no copy elsewhere: after a takeover, until the copy was turned round. */
import { eventsOf, type RunContent } from './content.ts';
import type { ResultFile } from './result.ts';

export function unprotectedIn({ events, plan }: RunContent): ResultFile['unprotected'] {
  const doneAt = (uses: readonly string[]): string | undefined => {
    const steps = plan?.steps.filter((step) => uses.includes(step.uses)).map(({ id }) => id);
    return eventsOf(events, 'step.finished').findLast(
      ({ data }) => data.result === 'done' && steps?.includes(data.step),
    )?.ts;
  };
  const since = doneAt(ALONE);
  if (since === undefined) return undefined;
  const until = doneAt(AGAIN);
  return { since, until: until !== undefined && until > since ? until : null };
}

/** What leaves a service with one copy, and what gives it another one. */
const ALONE = ['replication/takeover', 'servers/evacuate', 'gad/swap-split'];
const AGAIN = ['replication/reverse', 'replication/delta', 'gad/resync'];
