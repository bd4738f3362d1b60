/**
 * A drill of two runs: a switch that was exercised is over when the business is home again, however
 * many days lie between. Until then the drill is open, and the run that leads home belongs to it.
 */
import { dataOf, type LedgerLine } from './records.ts';

/** Ended before anything was done: the drill still waits for a run that does it. */
const NEVER_BEGAN: readonly string[] = ['denied', 'expired', 'voided'];

/** The runbook that a drill waits for; undefined when it waits for none. */
export function awaitedBy(lines: readonly LedgerLine[], drill: string): string | undefined {
  const header = dataOf(lines, 'drill.opened').find((data) => data.drill === drill);
  const closed = dataOf(lines, 'run.closed').filter((data) => data.drill === drill);
  const isOver = dataOf(lines, 'drill.closed').some((data) => data.drill === drill);
  if (header?.followedBy === undefined || isOver) return undefined;
  // A switch that did not come to its good end leaves nothing to come home from.
  if (closed.find(({ run }) => run === header.run)?.result !== 'passed') return undefined;
  const came = dataOf(lines, 'run.opened').filter(
    (data) => data.drill === drill && data.runbook === header.followedBy,
  );
  const done = came.some(({ run }) =>
    closed.some((one) => one.run === run && !NEVER_BEGAN.includes(one.result)),
  );
  return done ? undefined : header.followedBy;
}

/** The drill that a run of this runbook for this service brings to its end. */
export function drillAwaiting(
  lines: readonly LedgerLine[],
  { service, runbook }: { readonly service: string; readonly runbook: string },
): string | undefined {
  return dataOf(lines, 'drill.opened').find(
    (data) => data.service === service && awaitedBy(lines, data.drill) === runbook,
  )?.drill;
}
