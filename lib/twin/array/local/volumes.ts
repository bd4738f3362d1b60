/** What two volumes must be like before a local copy can pair them. */
import type { Ldev } from '../ldevs.ts';
import type { Parts } from '../parts.ts';
import { type ErrorWords, refusedWith } from '../wire.ts';
import type { Volumes } from './copy.ts';

interface Wish {
  /** Data reduction volumes are copied only when this was said. */
  readonly forced: boolean;
}

/** Volumes with a role of their own; they cannot be copied. */
const RESERVED = ['CMD', 'JNL', 'POOL'];

/** Why a pair cannot be made of these volumes, or undefined when it can. */
export function pairBarrier(
  parts: Parts,
  { pvol, svol }: Volumes,
  { forced }: Wish,
): ErrorWords | undefined {
  const [source, copy] = [parts.ldevs.find(pvol), parts.ldevs.find(svol)];
  if (source === undefined) return undefinedLdev(pvol);
  if (copy === undefined) return undefinedLdev(svol);
  if (pvol === svol) return cannot('P-VOL and S-VOL are the same LDEV.');
  const unfit = volumeBarrier(source, forced) ?? volumeBarrier(copy, forced);
  if (unfit !== undefined) return unfit;
  if (source.blocks !== copy.blocks) {
    return cannot(`LDEV ${pvol} has ${source.blocks} blocks, LDEV ${svol} has ${copy.blocks}.`);
  }
  return bondBarrier(parts, svol);
}

/** Why an LDEV cannot become an S-VOL: a pair of some kind binds it already. */
function bondBarrier({ rooms }: Parts, svol: number): ErrorWords | undefined {
  for (const room of rooms) {
    const bond = room.bound(svol);
    if (bond !== undefined) return cannot(`LDEV ${svol} is ${bond}.`);
  }
  return undefined;
}

/** Why one LDEV cannot be copied at all. */
export function volumeBarrier(ldev: Ldev, forced: boolean): ErrorWords | undefined {
  const { ldevId, status, attributes, dataReductionMode } = ldev;
  if (status !== 'NML') return cannot(`LDEV ${ldevId} is ${status}.`);
  const role = RESERVED.find((word) => attributes.includes(word));
  if (role !== undefined) return cannot(`LDEV ${ldevId} has the attribute ${role}.`);
  if (dataReductionMode !== 'disabled' && !forced) {
    return cannot(`LDEV ${ldevId} has data reduction; isDataReductionForceCopy must be true.`);
  }
  return undefined;
}

export const undefinedLdev = (ldevId: number): ErrorWords =>
  refusedWith('EX_ENOOBJ', 'The operation cannot be performed.', `LDEV ${ldevId} is not defined.`);

export const cannot = (cause: string): ErrorWords => ({
  message: 'The operation cannot be performed.',
  cause,
});
