/**
 * Disasters drawn by seeds, each followed by the right runbook: nothing is lost that nobody gave up.
 * DRILLBOOK_DISASTERS says how many (50), DRILLBOOK_FIRST_DISASTER the first; a seed that fails is
 * played again by `npm run scenarios -- --disasters 1 --seed <n>`.
 */
import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';

const count = process.env['DRILLBOOK_DISASTERS'] ?? '50';
const first = process.env['DRILLBOOK_FIRST_DISASTER'] ?? '1';

/** What somebody would type: outside the tests' own loader a seed takes two thirds of the time. */
const played = (): Promise<string> =>
  new Promise((resolve) => {
    const command = ['--import', 'tsx', 'test/matrix/cli.ts'];
    const args = [...command, '--disasters', count, '--seed', first];
    const settings = { env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, args, settings, (_error, out, err) =>
      resolve(`${out}${err}`.trim()),
    );
  });

test(`${count} disasters from seed ${first} on`, async () => {
  const out = await played();
  const told = out.split('\n').at(-1);
  const right = `${count} of ${count} disasters came out right`;
  expect({ told, story: told === right ? '' : out }).toEqual({ told: right, story: '' });
}, 600_000);
