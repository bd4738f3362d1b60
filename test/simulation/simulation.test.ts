/** Everything that can break breaks, by seed. `npm run simulate -- --seed N --trace` replays one. */
import { expect, it } from '@jest/globals';
import { played } from '../support/played.ts';
import { playSeed } from './seed.ts';

const SEEDS = process.env['DRILLBOOK_SEEDS'] ?? '20';
const FIRST = process.env['DRILLBOOK_FIRST_SEED'] ?? '1';

it(`${SEEDS} seeds from ${FIRST} on keep all rules`, async () => {
  const out = await played('test/simulation/cli.ts', '--first', FIRST, '--seeds', SEEDS);
  const told = out.split('\n').at(-1);
  const right = `${SEEDS} of ${SEEDS} seeds kept all rules`;
  expect({ told, story: told === right ? '' : out }).toEqual({ told: right, story: '' });
}, 600_000);

it('the same seed is played again to the byte', async () => {
  const [one, other] = [await playSeed(Number(FIRST)), await playSeed(Number(FIRST))];
  expect(other.trace).toEqual(one.trace);
  expect(other.hash).toBe(one.hash);
});
