/** How long the service had no copy elsewhere: after a takeover, until the copy was turned round. */
import { eventsOf, type RunContent } from './content.ts';
import type { ResultFile } from './result.ts';

export function unprotectedIn({ events, plan }: RunContent): ResultFile['unprotected'] {
  const doneAt = (uses: string): string | undefined => {
    const steps = plan?.steps.filter((step) => step.uses === uses).map(({ id }) => id);
    return eventsOf(events, 'step.finished').findLast(
      ({ data }) => data.result === 'done' && steps?.includes(data.step),
    )?.ts;
  };
  const since = doneAt('replication/takeover');
  if (since === undefined) return undefined;
  const until = doneAt('replication/reverse');
  return { since, until: until !== undefined && until > since ? until : null };
}
