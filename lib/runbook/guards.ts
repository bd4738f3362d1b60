/** Guards of a call: conditions on GETs at its own site, the instant before it is sent. */
import { cloudPredicates } from '../openstack/predicates.ts';
import type { Finding, Predicate } from '../predicate.ts';
import { arrayPredicates } from '../vsp/predicates.ts';
import type { Guard } from './plan.ts';

/** An array guard asks an array, a cloud guard a cloud: names mean nothing elsewhere. */
function predicateOf(guard: Pick<Guard, 'target' | 'predicate'>): Predicate | undefined {
  const table = guard.target.startsWith('array:') ? arrayPredicates : cloudPredicates;
  return Object.hasOwn(table, guard.predicate) ? table[guard.predicate] : undefined;
}

/** Never throws. Only a 200 whose body is of the right shape can hold. */
export function evaluateGuard(
  guard: Guard,
  answer: { readonly status: number; readonly body: unknown },
): Finding {
  if (answer.status !== 200) return { holds: false, reading: { status: answer.status } };
  const test = predicateOf(guard);
  if (test === undefined) return { holds: false, reading: { unknownPredicate: guard.predicate } };
  return test(answer.body, guard.args);
}
