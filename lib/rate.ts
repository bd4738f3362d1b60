/** How often something may happen in a while, by name: for doors that know nobody. */
import type { Clock } from './clock.ts';

/** Beyond so many names everybody is counted as one: a flood of names buys nothing. */
const NAMES_MAX = 10_000;

/** True while `name` has had fewer than `max` in the running window of `perMs`. */
export function openRate(
  clock: Clock,
  { max, perMs }: { readonly max: number; readonly perMs: number },
): (name: string) => boolean {
  let counts = new Map<string, number>();
  let window = 0;
  return (name) => {
    const now = Math.floor(clock.now() / perMs);
    if (now !== window) counts = new Map();
    window = now;
    const counted = counts.has(name) || counts.size < NAMES_MAX ? name : '';
    const count = (counts.get(counted) ?? 0) + 1;
    counts.set(counted, count);
    return count <= max;
  };
}
