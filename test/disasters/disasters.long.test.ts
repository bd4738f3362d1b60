/**
 * Disasters drawn by seeds, each followed by the right runbook: nothing is lost that nobody gave up.
 * DRILLBOOK_DISASTERS says how many (12), DRILLBOOK_FIRST_DISASTER the first; a seed that fails is
 * played again by `npm run scenarios -- --disasters 1 --seed <n>`.
 */
import { expect, test } from '@jest/globals';
import { playSeed } from './play.ts';
import { told } from './story.ts';

const count = Number(process.env['DRILLBOOK_DISASTERS'] ?? 12);
const first = Number(process.env['DRILLBOOK_FIRST_DISASTER'] ?? 1);

test.each(Array.from({ length: count }, (_, i) => first + i))(
  'seed %i',
  async (seed) => {
    const { story, course, harm } = await playSeed(seed);
    expect({ story: told(story), course, harm }).toEqual({ story: told(story), course, harm: [] });
  },
  120_000,
);
