/** What Hitachi's driver does on the array when a task of cinder-volume ends. */
import type { ArrayPort, LdevFacts } from '../../seams.ts';
import type { CloudContext } from '../state.ts';
import { arrayBelow, ldevOf } from './backends.ts';
import type { Snapshot, Volume } from './state.ts';

/** The label of an LDEV is the only link back to what Cinder made it for. */
export const labelOf = (id: string): string => id.replaceAll('-', '');

const BLOCKS_PER_GIB = 2_097_152;

/** A new LDEV, empty or with the data of another one. */
export function make(array: ArrayPort, { id, sizeGiB }: Volume | Snapshot, from?: number): number {
  const wish = { sizeGiB, label: labelOf(id) };
  return from === undefined ? array.create(wish) : array.copy(from, wish);
}

/** A volume that never got an LDEV is gone without the array. */
export function discard(context: CloudContext, host: string | null, ldevId: number | null): void {
  if (ldevId !== null) arrayBelow(context, host).remove(ldevId);
}

export function grow(context: CloudContext, volume: Volume, sizeGiB: number): void {
  arrayBelow(context, volume.host).expand(ldevOf(volume), sizeGiB);
}

/** What a reference of `manage` names: a number in decimal or `00:09:C4`, or a label. */
export function referenced(array: ArrayPort, reference: string): LdevFacts | undefined {
  const [kind = '', ...rest] = reference.split('=');
  const value = rest.join('=');
  if (kind === 'source-name') return array.labelled(labelOf(value));
  if (kind !== 'source-id') return undefined;
  const hex = /^([0-9a-f]{2}):([0-9a-f]{2}):([0-9a-f]{2})$/i.exec(value);
  if (hex !== null) return array.facts(Number.parseInt(hex.slice(1).join(''), 16));
  return /^\d+$/.test(value) ? array.facts(Number(value)) : undefined;
}

const PLAIN = ['CVS', 'HDP', 'HDT'];

/** Why the driver will not adopt an LDEV; undefined = it will. Cinder shows none of it. */
export function adoptionRefusal(ldev: LdevFacts | undefined): string | undefined {
  if (ldev === undefined) return 'the LDEV does not exist';
  if (ldev.status !== 'NML') return 'the LDEV is not NML';
  const plain = ldev.attributes.filter((one) => PLAIN.includes(one));
  // Any pair shows as HORC, GAD, MRCF or HTI among the attributes, after a takeover too.
  if (plain.length < 2 || plain.length < ldev.attributes.length)
    return 'must be an unpaired DP-VOL';
  if (!ldev.emulationType.startsWith('OPEN-V')) return 'must be an unpaired DP-VOL';
  if (ldev.blockCapacity % BLOCKS_PER_GIB !== 0) return 'must be a whole number of GiB';
  if (ldev.numOfPorts !== 0) return 'must not be mapped';
  return undefined;
}

export const sizeOf = ({ blockCapacity }: LdevFacts): number => blockCapacity / BLOCKS_PER_GIB;
