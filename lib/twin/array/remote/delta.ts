/** The delta-resync mirror of three centres: when it can no longer send differences only. */
import { firstInstant } from '../data/instants.ts';
import type { Event } from './events.ts';
import type { RemoteGroup } from './group.ts';
import { usageSince } from './positions.ts';
import { journalRules } from './rules.ts';

/**
 * HOLD turns to HLDE when its paths are down for longer than the watch, or when what the far centre
 * lacks would fill the near journal above its ceiling. Other reasons that guides name (no update
 * since it was made, resynchronisations of the two other mirrors) are not simulated, but for a
 * resynchronised mirror to the far centre, which `lostDelta` is told of.
 */
export function deltaLost(group: RemoteGroup, now: number): Event | undefined {
  const holding = group.pairs.filter(({ p }) => p === 'HOLD');
  if (!group.state.delta || holding.length === 0) return undefined;
  const { from, to } = group.direction;
  const { up, since } = group.field.reach(from, to);
  const { blockadeMs = 0, changedAt = 0 } = group.journal() ?? {};
  const given = Math.max(since + blockadeMs, changedAt);
  if (!up && given <= now) return { at: given, apply: () => loseDelta(group) };
  const behind = holding.flatMap(
    ({ svol }) => group.field.reachedBy({ array: to, ldevId: svol }, group.state.name, now) ?? [],
  );
  const far = Math.min(...behind);
  const over = (at: number) => usageSince(group.track, far, at) > journalRules.limits.deltaPercent;
  if (behind.length === 0 || !over(now)) return undefined;
  return { at: firstInstant(over, far, now), apply: () => loseDelta(group) };
}

/** Differences alone will not do any more: the next resync copies everything. */
export function loseDelta(group: RemoteGroup): void {
  for (const pair of group.pairs) {
    if (pair.p !== 'HOLD' && pair.p !== 'HOLDING') continue;
    pair.p = 'HLDE';
    pair.s = 'HLDE';
    pair.copy = null;
  }
}
