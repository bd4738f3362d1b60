/** What any conductor must do, done by both: Step Functions as deployed, and the loop of one machine. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { doubleIntents, repeated, residue } from '../support/proof.ts';
import { ask, type Course, type CourseOptions, openAws, openHouse } from './course.ts';

const conductors: readonly (readonly [string, (options?: CourseOptions) => Promise<Course>])[] = [
  ['Step Functions', openAws],
  ['the loop of one machine', openHouse],
];
/** By day one whole drill, and a short run of one step for the rest; at night whole drills only. */
const NIGHT = process.env['DRILLBOOK_CONDUCTORS'] === 'all' ? 'drill loans' : undefined;

let course: Course;
afterEach(() => course.bank.close());

async function passedOnce(run: string): Promise<void> {
  const { bank } = course;
  expect((await bank.head(run)).result).toMatchObject({ result: 'passed', reasons: [] });
  expect(repeated(bank)).toEqual([]);
  expect(await doubleIntents(bank, run)).toEqual([]);
  expect(await bank.store.dues()).toEqual([]);
}

describe.each(conductors)('%s', (name, open) => {
  it('conducts a run from the wish to the pack; the engine fails, once and twenty times', async () => {
    const bad = (nth: number) => nth === 1 || (nth >= 3 && nth < 23);
    course = await open({ fault: (nth) => (bad(nth) ? 'fails' : undefined) });
    const whole = name === 'Step Functions' ? 'drill loans' : NIGHT;
    const run = await ask(course, whole);
    course.signal(run);
    await course.toTheEnd(run, { sweeps: true });
    expect(course.calls()).toBeGreaterThan(23);
    await passedOnce(run);
    expect(course.sealed(run)).toBe(1);
    if (whole !== undefined) expect(await residue(course.bank, run)).toEqual([]);
  });

  it('finds wishes whose signals were all lost: the first, and the approvals', async () => {
    course = await open({ hears: () => false });
    const run = await ask(course, NIGHT);
    await course.toTheEnd(run, { sweeps: true });
    await passedOnce(run);
  });

  it('beside a second one, both die; two sweeps bring it back, every effect once (rule 3)', async () => {
    course = await open();
    const run = await ask(course, NIGHT);
    course.signal(run);
    await course.play(run, (head) => head?.state === 'awaiting-approval');
    course.second(run);
    await course.play(run, (head) => head?.approval?.granted.length === 1);
    course.crash();
    course.bank.clock.advance(4_000_000);
    const found = { open: 1, late: 1, unheard: 0, failed: 0 };
    expect(await Promise.all([course.sweep(), course.sweep()])).toEqual([found, found]);
    course.second(run);
    await course.toTheEnd(run);
    await passedOnce(run);
  });
});
