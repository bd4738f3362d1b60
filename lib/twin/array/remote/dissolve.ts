/** Deletion of pairs, one by one or a group at a time. */
import type { Call, Parts } from '../parts.ts';
import type { Changed } from '../room.ts';
import { refusedWith } from '../wire.ts';
import type { Named } from './ids.ts';
import { operate } from './operate.ts';

interface Asked {
  readonly parts: Parts;
  readonly call: Call;
  readonly objects: string;
}

/**
 * Dissolves pairs on both arrays, or on this one alone when the other cannot be reached: there the
 * other half stays and shows PSUS later. From the S-VOL's side this is a measure of disaster.
 */
export function dissolve({ group, pairs }: Named, { parts, call, objects }: Asked): Changed {
  const affected = [`${objects}/${call.ids.join(',')}`];
  const array = parts.spec.id;
  const { refused } = operate(group, { operation: 'delete', array, pairs, now: call.now });
  if (refused === undefined) return { affected };
  return {
    affected,
    refused: refusedWith('2E40-0000', 'The pair operation was rejected.', refused),
  };
}
