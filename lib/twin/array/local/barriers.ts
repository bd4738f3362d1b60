/** What remote copy and other local copies forbid, beyond the state of the pair itself. */
import type { Parts } from '../parts.ts';
import { type Mirrored, mirroredIn } from '../remote/mirrored.ts';
import type { ErrorWords } from '../wire.ts';
import { type Judged, refusal } from './clone-operate.ts';
import type { Target } from './clone-target.ts';
import type { CloneRegister } from './register.ts';

export interface Known {
  readonly parts: Parts;
  readonly register: CloneRegister;
}

const PAIRED = new Set(['PAIR', 'PFUL']);

/** Consistency groups of ShadowImage that one journal can serve. */
const GROUPS_PER_JOURNAL = 3;

/** The remote mirror that a volume is the S-VOL of, if there is one that is not only waiting. */
function asSvol(parts: Parts, ldevId: number, now: number): Mirrored | undefined {
  const mirrors = mirroredIn(parts)?.mirrored(ldevId, now) ?? [];
  return mirrors.find(({ role, delta }) => role === 'S-VOL' && !delta);
}

/** The remote mirror that is being copied or is paired, whichever side this volume is on. */
export function runningMirror(parts: Parts, ldevId: number, now: number): Mirrored | undefined {
  const mirrors = mirroredIn(parts)?.mirrored(ldevId, now) ?? [];
  return mirrors.find(({ status }) => status === 'COPY' || PAIRED.has(status));
}

/** Why the P-VOLs must not be overwritten: remote copy runs, or another copy follows them. */
export function restoreBarrier(
  { acts }: Judged,
  now: number,
  known: Known,
): ErrorWords | undefined {
  for (const act of acts) {
    const { pvol, name } = act;
    const running = runningMirror(known.parts, pvol, now);
    if (running !== undefined) {
      return refusal(
        `The P-VOL of ${name} is ${running.role} of a remote mirror in ${running.status}; ` +
          'reverse copy needs it suspended.',
      );
    }
    const others = known.register.asPvol(pvol).filter(({ pair }) => pair !== act);
    const following = others.find(({ pair }) => pair.phase !== 'PSUS' && pair.phase !== 'PSUE');
    if (following !== undefined) {
      return refusal(`${following.pair.name} copies the same P-VOL; it must be split first.`);
    }
  }
  return undefined;
}

/**
 * Why a consistency group cannot be split at one point in time: its P-VOLs must all be S-VOLs in the
 * same state, or none of them.
 */
export function splitBarrier(
  { group, whole }: Target,
  now: number,
  { parts }: Known,
): ErrorWords | undefined {
  if (!whole || group.consistencyGroupId === null) return undefined;
  const found = group.pairs.map(({ pvol }) => asSvol(parts, pvol, now));
  const states = new Set(found.map((mirror) => stateOf(mirror)));
  if (states.has('COPY')) return refusal('The remote mirror is COPY; its S-VOLs are incomplete.');
  if (states.size > 1) return refusal('The P-VOLs are not in the same state of remote copy.');
  return undefined;
}

function stateOf(mirror: Mirrored | undefined): string {
  if (mirror === undefined) return 'none';
  if (mirror.status === 'COPY') return 'COPY';
  return PAIRED.has(mirror.status) ? 'PAIR' : 'suspended';
}

/** Why no further consistency group may copy this P-VOL: its journal serves three already. */
export function journalBarrier(
  pvol: number,
  now: number,
  { parts, register }: Known,
): ErrorWords | undefined {
  const journalOf = (ldevId: number) => asSvol(parts, ldevId, now)?.journalId;
  const journal = journalOf(pvol);
  if (journal === undefined) return undefined;
  const served = register.groups.filter(
    (one) =>
      one.consistencyGroupId !== null && one.pairs.some((pair) => journalOf(pair.pvol) === journal),
  );
  if (served.length < GROUPS_PER_JOURNAL) return undefined;
  return refusal(`Journal ${journal} serves ${GROUPS_PER_JOURNAL} consistency groups already.`);
}
