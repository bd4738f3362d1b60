/** Thin Image pairs and snapshot groups, field by field as REST names them. */
import { HOST } from '../data/history.ts';
import { type Parts, skewOf } from '../parts.ts';
import { arrayTime } from '../wire.ts';
import type { SnapPair } from './snap-pairs.ts';
import { tiTable } from './tables.ts';

export interface Shown {
  readonly parts: Parts;
  readonly now: number;
  /** Which of its volumes the pair was asked for by. */
  readonly by?: 'P-VOL' | 'S-VOL';
}

export function snapView(pair: SnapPair, { parts, now, by = 'P-VOL' }: Shown) {
  const { pvol, svol, muNumber, phase, splitAt } = pair;
  return {
    snapshotGroupName: pair.group,
    primaryOrSecondary: by,
    status: tiTable[phase].shows.status,
    pvolLdevId: pvol,
    muNumber,
    ...(svol === null ? {} : { svolLdevId: svol }),
    snapshotPoolId: pair.poolId,
    concordanceRate: percent(pair, now),
    isConsistencyGroup: pair.isConsistencyGroup,
    isWrittenInSvol: isWritten(pair, parts),
    isClone: pair.isClone,
    canCascade: pair.canCascade,
    // Without a zone, as the guide's examples show it.
    ...(splitAt === null ? {} : { splitTime: arrayTime(splitAt + skewOf(parts)).slice(0, 19) }),
    snapshotId: `${pvol},${muNumber}`,
    pvolProcessingStatus: 'N',
    snapshotDataReadOnly: false,
  };
}

/** While something is copied how far it is; else everything agrees. */
function percent({ phase, since, endsAt }: SnapPair, now: number): number {
  if ((phase !== 'RCPY' && phase !== 'CPYP') || endsAt === null) return 100;
  return Math.max(0, Math.min(100, Math.floor(((now - since) * 100) / (endsAt - since))));
}

function isWritten({ svol, splitAt }: SnapPair, { histories }: Parts): boolean {
  if (svol === null || splitAt === null) return false;
  const own = histories.get(svol) ?? [];
  return own.some(({ writer, since }) => writer === HOST && since >= splitAt);
}

export const groupLine = (name: string) => ({ snapshotGroupName: name, snapshotGroupId: name });
