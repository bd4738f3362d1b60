/** Which array a volume lies on: the one below its back end. */
import { TwinError } from '../../errors.ts';
import type { ArrayPort } from '../../seams.ts';
import type { CloudContext } from '../state.ts';
import type { Volume } from './state.ts';

/** The array below `host@backend` or `host@backend#pool`. */
export function arrayBelow(context: CloudContext, host: string | null): ArrayPort {
  const array = context.arrays[arrayIdOf(context, host)];
  if (array !== undefined) return array;
  throw new TwinError('TW-NAME-UNKNOWN', `Cloud ${context.seed.name} has no array below ${host}.`);
}

const arrayIdOf = ({ seed }: CloudContext, host: string | null): string =>
  seed.backends.find((one) => one.host === host?.split('#')[0])?.arrayId ?? '';

/** A volume where hosts reach it: its LDEV, or the half that is left of an active-active device. */
export function reached(context: CloudContext, volume: Volume): Reached {
  const [array, ldevId] = [arrayBelow(context, volume.host), ldevOf(volume)];
  const home = { array, arrayId: arrayIdOf(context, volume.host), ldevId };
  const half = array.otherHalf(ldevId);
  const other = context.arrays[half?.arrayId ?? ''];
  if (half === undefined || !other?.serves()) return home;
  const away = { array: other, arrayId: half.arrayId, ldevId: half.ldevId };
  return half.alone || !array.serves() ? away : home;
}
interface Reached {
  readonly array: ArrayPort;
  readonly arrayId: string;
  readonly ldevId: number;
}

/** Number of the LDEV of a volume that has one. */
export function ldevOf(volume: Pick<Volume, 'id' | 'ldevId'>): number {
  if (volume.ldevId !== null) return volume.ldevId;
  throw new TwinError('TW-LDEV-UNKNOWN', `Volume ${volume.id} has no LDEV.`);
}
