/** What time brings to a ShadowImage group: splits that come true, copying that ends. */
import { historyOf, type Parts } from '../parts.ts';
import { mirroredIn } from '../remote/mirrored.ts';
import type { CloneGroup, ClonePair, SplitOrder } from './clone-pairs.ts';
import { freeze, overwrite, spread } from './copy.ts';

/** Milliseconds that copying takes. */
export interface ClonePace {
  readonly jobMs: number;
  readonly quickCopyMs: number;
  readonly resyncMs: number;
}

interface Around {
  readonly parts: Parts;
  readonly pace: ClonePace;
}

/** Notes it for a group; false when time alone will not change the group any more. */
export function settleGroup(group: CloneGroup, now: number, around: Around): boolean {
  for (const pair of group.pairs) endCopying(pair, { group, now, around });
  if (group.split !== null && !group.endless) splitTogether(group, group.split, { now, around });
  for (const pair of group.pairs) {
    if (pair.split !== null && now >= pair.split.at && !group.endless) {
      const { at } = pair.split;
      carryOut(pair, { order: pair.split, since: at, seen: at }, around);
    }
    endCopying(pair, { group, now, around });
  }
  return (
    (group.split !== null && !group.endless) || group.pairs.some((pair) => moves(pair, group, now))
  );
}

function moves(pair: ClonePair, { endless }: CloneGroup, now: number): boolean {
  return (pair.split !== null || now < pair.copiedAt) && !endless;
}

interface When {
  readonly group: CloneGroup;
  readonly now: number;
  readonly around: Around;
}

function endCopying(pair: ClonePair, { group, now, around }: When): void {
  if (now < pair.copiedAt) return;
  if (pair.phase === 'COPY(SP)') pair.phase = 'PSUS';
  else if (pair.phase === 'COPY' && !group.endless) endCopy(pair, around);
  else if (pair.phase === 'RCPY') endRestore(pair, around);
}

function endCopy(pair: ClonePair, { parts }: Around): void {
  pair.phase = pair.autoSplit ? 'PSUS' : 'PAIR';
  pair.since = pair.copiedAt;
  if (pair.autoSplit) freeze(parts, pair, { at: pair.copiedAt });
}

function endRestore(pair: ClonePair, { parts }: Around): void {
  const at = pair.copiedAt;
  overwrite(parts, pair.pvol, { data: historyOf(parts, pair.svol, at), at });
  pair.phase = 'PAIR';
  pair.since = at;
}

/**
 * All pairs of a consistency group at one point in time: the array restores what main wrote before
 * the split was ordered, then splits. A mirror that is suspended brings nothing more, so its S-VOLs
 * are split as they are.
 */
function splitTogether(
  group: CloneGroup,
  order: SplitOrder,
  { now, around }: Pick<When, 'now' | 'around'>,
): void {
  const since = restoredBy(group, order.at, { now, around });
  if (since === undefined) return;
  for (const pair of group.pairs) carryOut(pair, { order, since, seen: now }, around);
  group.split = null;
}

/** When everything written before `at` was on all P-VOLs; undefined while it is not. */
function restoredBy(
  { pairs }: CloneGroup,
  at: number,
  { now, around }: Pick<When, 'now' | 'around'>,
): number | undefined {
  const mirrors = mirroredIn(around.parts);
  let latest = at;
  const asked = new Set<string>();
  for (const { pvol } of pairs) {
    const followed = mirrors?.restoredUntil(pvol, now);
    const [mirror] = mirrors?.mirrored(pvol, now) ?? [];
    if (followed === undefined || mirror === undefined || asked.has(mirror.group)) continue;
    asked.add(mirror.group);
    const instant = mirrors?.restoredBy(pvol, at, { from: at, now });
    if (instant === undefined) return undefined;
    latest = Math.max(latest, instant);
  }
  return latest;
}

interface Turn {
  readonly order: SplitOrder;
  /** When the pair shows that it is split; never before the order's own instant. */
  readonly since: number;
  /** When the P-VOL is looked at: it holds everything of before the order. */
  readonly seen: number;
}

/** Splits a pair that copies or is paired; its data is that of the order's instant. */
function carryOut(pair: ClonePair, { order, since, seen }: Turn, { parts, pace }: Around): void {
  pair.split = null;
  if (pair.phase !== 'PAIR' && pair.phase !== 'COPY') return;
  const behind = Math.max(0, pair.copiedAt - since);
  freeze(parts, pair, { at: order.at, seen });
  pair.phase = order.quick ? 'PSUS' : 'COPY(SP)';
  pair.since = since;
  pair.copiedAt = since + behind + spread(pace.quickCopyMs, pair.svol);
}
