/**
 * Disasters drawn by seeds, each followed by the right runbook: nothing is lost that nobody gave up.
 * DRILLBOOK_DISASTERS says how many (50), DRILLBOOK_FIRST_DISASTER the first; a seed that fails is
 * played again by `npm run scenarios -- --disasters 1 --seed <n>`.
 */
import { expect, test } from '@jest/globals';
import { played } from '../support/played.ts';

const count = process.env['DRILLBOOK_DISASTERS'] ?? '50';
const first = process.env['DRILLBOOK_FIRST_DISASTER'] ?? '1';

test(`${count} disasters from seed ${first} on`, async () => {
  const out = await played('test/matrix/cli.ts', '--disasters', count, '--seed', first);
  const told = out.split('\n').at(-1);
  const right = `${count} of ${count} disasters came out right`;
  expect({ told, story: told === right ? '' : out }).toEqual({ told: right, story: '' });
}, 600_000);
