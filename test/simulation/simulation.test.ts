/** Everything that can break breaks, by seed. `npm run simulate -- --seed N --trace` replays one. */
import { describe, expect, it } from '@jest/globals';
import { playSeed } from './seed.ts';

const SEEDS = Number(process.env['DRILLBOOK_SEEDS'] ?? 20);
const FIRST = Number(process.env['DRILLBOOK_FIRST_SEED'] ?? 1);

/** How the first was played, to be played again. */
let first: Awaited<ReturnType<typeof playSeed>> | undefined;

describe(`seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => FIRST + i))('seed %i', async (seed) => {
    const played = await playSeed(seed);
    first ??= played;
    const { violations, results } = played;
    expect([seed, results, violations]).toEqual([seed, expect.any(Array), []]);
  });
});

it('the same seed is played again to the byte', async () => {
  const [one, other] = [first ?? (await playSeed(FIRST)), await playSeed(FIRST)];
  expect(other.trace).toEqual(one.trace);
  expect(other.hash).toBe(one.hash);
});
