/** Rows that no API made: what the restore of a database leaves. */
import type { CloudSeed } from '../seed.ts';
import { settle } from '../settle.ts';
import type { CloudContext } from '../state.ts';
import { volumeOf } from './state.ts';

/** In place of rows of the same id, if there are any. */
export function replaceRows(context: CloudContext, volumes: CloudSeed['volumes']): void {
  settle(context);
  const { block } = context.state;
  const made = volumes.map((volume) => volumeOf(context.seed, volume, context.clock.now()));
  const kept = block.volumes.filter(({ id }) => made.every((one) => one.id !== id));
  block.volumes = [...kept, ...made];
}
