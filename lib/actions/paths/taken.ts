/** Which host paths are away once a plan has removed those that it knows. */
import type { Bound, BoundPath } from '../../runbook/bound.ts';

interface Place {
  readonly site: string;
  /** Where the servers are kept when the service leaves; elsewhere they are made anew, with new paths. */
  readonly home: string;
}

/**
 * Those of the plan, and those that an earlier run took away at home and nobody gave back: a run that
 * stopped half-way leaves the next one only the rest to find.
 */
export function pathsTaken(
  { paths, fenced }: Pick<Bound, 'paths' | 'fenced'>,
  { site, home }: Place,
): readonly BoundPath[] {
  const found = paths?.[site] ?? [];
  if (site !== home) return found;
  const earlier = (fenced?.[site] ?? []).filter((old) => !found.some((one) => isSameWay(one, old)));
  return [...found, ...earlier];
}

/** Whoever gave a volume back to a host group may have done so under another number. */
const isSameWay = (one: BoundPath, other: BoundPath): boolean =>
  one.ldev === other.ldev && one.port === other.port && one.hostGroup === other.hostGroup;
