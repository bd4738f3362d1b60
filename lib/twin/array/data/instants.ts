/** Small arithmetic of instants: searching time, and jitter that replays. */

/** First instant in [from, to] at which a condition that never turns back holds, else `to`. */
export function firstInstant(holds: (at: number) => boolean, from: number, to: number): number {
  let [before, after] = [from - 1, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** A well spread 32-bit number from a seed and a counter: jitter that replays. */
export function mix(seed: number, n: number): number {
  let x = (seed ^ Math.imul(n | 0, 0x9e3779b1)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  return (x ^ (x >>> 16)) >>> 0;
}

/** A seed from a name, so that two groups or writers do not beat alike. */
export function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const letter of name) seed = mix(seed, letter.codePointAt(0) ?? 0);
  return seed;
}
