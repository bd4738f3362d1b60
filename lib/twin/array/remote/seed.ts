/** The copy groups a topology starts with. */
import type { Pace, Topology, TopologyGroup } from '../../topology.ts';
import { freshPair, type GroupState, LIVE, type PairState } from './state.ts';

export function groupsOf({ groups, pace }: Topology, startedAt: number): GroupState[] {
  return groups.map((spec) => groupOf(spec, { pace, startedAt }));
}

interface When {
  readonly pace: Pace;
  readonly startedAt: number;
}

function groupOf(spec: TopologyGroup, when: When): GroupState {
  const { name, type, from, to, journals, delta } = spec;
  const own = spec.deviceGroups ?? { from: `${name}P_`, to: `${name}S_` };
  return {
    name,
    type,
    deviceGroups: { [from]: own.from, [to]: own.to },
    muNumber: spec.muNumber ?? usualMu(type, delta),
    ...(spec.consistencyGroupId === undefined
      ? {}
      : { consistencyGroupId: spec.consistencyGroupId }),
    fenceLevel: spec.fenceLevel ?? usualFence(type),
    pathGroupId: spec.pathGroupId,
    journals: journals === undefined ? {} : { [from]: journals.from, [to]: journals.to },
    ...(spec.quorumDiskId === undefined ? {} : { quorumDiskId: spec.quorumDiskId }),
    delta,
    incarnation: 1,
    transfer: LIVE,
    restore: LIVE,
    held: { transfer: false, restore: false },
    stoppedAt: when.startedAt,
    closedAt: { p: when.startedAt, s: when.startedAt },
    pairs: [...spec.pairs, ...rangeOf(spec)].map((pair) => pairOf(pair, spec, when)),
  };
}

/** What the server takes when a request leaves it out. */
export const usualMu = (type: GroupState['type'], delta: boolean): number =>
  type === 'UR' ? (delta ? 2 : 1) : 0;
export const usualFence = (type: GroupState['type']): GroupState['fenceLevel'] =>
  type === 'UR' ? 'ASYNC' : 'NEVER';

type SeedPair = TopologyGroup['pairs'][number];

function rangeOf({ name, pairRange }: TopologyGroup): SeedPair[] {
  if (pairRange === undefined) return [];
  const { count, firstPvol, firstSvol } = pairRange;
  return Array.from({ length: count }, (_, i) => ({
    name: `${name}-${String(i + 1).padStart(4, '0')}`,
    pvol: firstPvol + i,
    svol: firstSvol + i,
  }));
}

/** Pairs of a group in COPY have begun at the start and end after the pace of a first copy. */
function pairOf(pair: SeedPair, spec: TopologyGroup, { pace, startedAt }: When): PairState {
  const { from, to, delta, state } = spec;
  const until = startedAt + pace.mirrorCopyMs;
  const copy = state === 'COPY' && !delta ? { from: startedAt, until } : null;
  const made = freshPair({ ...pair, from, to }, { copy, delta });
  return delta ? { ...made, p: 'HOLD', s: 'HOLD' } : made;
}
