/** What Thin Image may do now: by the table, and by the remote mirrors of its P-VOLs. */
import { mirroredIn } from '../remote/mirrored.ts';
import type { ErrorWords } from '../wire.ts';
import { runningMirror } from './barriers.ts';
import { refusal } from './clone-operate.ts';
import type { SnapPair } from './snap-pairs.ts';
import type { SnapDesk } from './snap-phases.ts';
import { type TiOperation, tiTable } from './tables.ts';

interface SnapJudged {
  /** Pairs that change; those that are there already are left out. */
  readonly acts: readonly SnapPair[];
  readonly refused?: ErrorWords;
}

/** Decides for all pairs; one that rejects refuses them all. */
export function judgeSnapshots(
  pairs: readonly SnapPair[],
  operation: TiOperation,
  { now, desk }: { readonly now: number; readonly desk: SnapDesk },
): SnapJudged {
  const acts: SnapPair[] = [];
  for (const pair of pairs) {
    const { does } = tiTable[pair.phase][operation];
    if (does === 'none') continue;
    const name = `${pair.pvol},${pair.muNumber}`;
    if (does === 'reject' || (does === 'act-clone' && !pair.isClone)) {
      return {
        acts: [],
        refused: refusal(`Pair ${name} is ${pair.phase}: ${operation} is refused.`),
      };
    }
    const barrier = barrierOf(operation, pair, { now, desk });
    if (barrier !== undefined) return { acts: [], refused: barrier };
    acts.push(pair);
  }
  return { acts };
}

function barrierOf(
  operation: TiOperation,
  { pvol }: SnapPair,
  { now, desk }: { readonly now: number; readonly desk: SnapDesk },
): ErrorWords | undefined {
  if (operation === 'split' || operation === 'clone') return storeBarrier(pvol, now, desk);
  return operation === 'restore' ? restoreBarrier(pvol, now, desk) : undefined;
}

/** Data of a volume that remote copy is still filling is worth nothing. */
export function storeBarrier(
  pvol: number,
  now: number,
  { parts }: SnapDesk,
): ErrorWords | undefined {
  const mirrors = mirroredIn(parts)?.mirrored(pvol, now) ?? [];
  const filling = mirrors.some(({ role, status }) => role === 'S-VOL' && status === 'COPY');
  return filling ? refusal(`LDEV ${pvol} is the S-VOL of a remote mirror in COPY.`) : undefined;
}

/** Never onto the S-VOL of a remote mirror, nor onto a P-VOL while its mirror runs. */
function restoreBarrier(pvol: number, now: number, { parts }: SnapDesk): ErrorWords | undefined {
  const mirrors = mirroredIn(parts)?.mirrored(pvol, now) ?? [];
  const asSvol = mirrors.some(({ role, delta }) => role === 'S-VOL' && !delta);
  if (asSvol) return refusal(`LDEV ${pvol} is the S-VOL of a remote mirror.`);
  const running = runningMirror(parts, pvol, now);
  if (running === undefined) return undefined;
  return refusal(`LDEV ${pvol} is ${running.role} of a remote mirror in ${running.status}.`);
}
