/** Hazard 15 in every runbook that has to do with pairs: another kind of array answers than gateway.yml names. */
import { expect, test } from '@jest/globals';
import type { Http } from '../../lib/http.ts';
import { hazardText } from '../../lib/vsp/hazards.ts';
import { courses } from '../matrix/courses.ts';
import { openBank } from '../support/bank.ts';
import { shareOf } from './share.ts';
import { hazardsByRunbook } from './table.ts';

const concerned = [...hazardsByRunbook()].flatMap(([name, hazards]) =>
  hazards.includes(15) && courses[name] !== undefined ? [name] : [],
);

test.each(shareOf(concerned))('%s', async (runbook) => {
  const course = courses[runbook];
  if (course === undefined) throw new Error(`no course for ${runbook}`);
  let real = false;
  // What is real does not say that it is simulated.
  const unmarked =
    (http: Http): Http =>
    async (request) => {
      const answer = await http(request);
      const { 'x-simulator': _mark, ...headers } = answer.headers;
      return real ? { ...answer, headers } : answer;
    };
  const { edit = {} } = course;
  const bank = await openBank({ sparing: true, edit, between: (_, http) => unmarked(http) });
  try {
    await course.furnish?.(bank);
    await course.prelude(bank);
    real = true;
    const before = bank.world.effects.length;
    const { state, result } = await bank.head(await bank.ask(`run ${runbook} ${course.service}`));
    expect([state, result?.result]).toEqual(['ended', 'failed']);
    expect(result?.reasons.join()).toContain(hazardText(15));
    expect(bank.world.effects.length).toBe(before);
  } finally {
    await bank.close();
  }
});
