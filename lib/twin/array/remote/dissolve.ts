/** Deletion of pairs, one by one or a group at a time. */
import type { Call, Parts } from '../parts.ts';
import type { Changed } from '../room.ts';
import { refusedWith } from '../wire.ts';
import type { Fabric } from './fabric.ts';
import type { Named } from './ids.ts';
import { operate, type Wish, wouldRefuse } from './operate.ts';

interface Asked {
  readonly fabric: Fabric;
  readonly parts: Parts;
  readonly call: Call;
  readonly objects: string;
}

/**
 * Dissolves pairs on both arrays; or on this one alone, when the other cannot be reached or the id
 * is of the local form: there the other half stays, suspended, and must be dissolved there, too. From
 * the S-VOL's side this is a measure of disaster.
 */
export function dissolve(
  { group, pairs, peer }: Named,
  { fabric, parts, call, objects }: Asked,
): Changed {
  const affected = [`${objects}/${call.ids.join(',')}`];
  const array = parts.spec.id;
  const wish: Wish = { operation: 'delete', array, pairs, now: call.now };
  // The local form touches this array alone, although the other one could be reached.
  const refused = peer === undefined ? wouldRefuse(group, wish) : operate(group, wish).refused;
  if (refused === undefined && peer === undefined) {
    for (const pair of pairs) fabric.endHalf(group, pair, { array, now: call.now });
  }
  if (refused === undefined) return { affected };
  return {
    affected,
    refused: refusedWith('2E40-0000', 'The pair operation was rejected.', refused),
  };
}
