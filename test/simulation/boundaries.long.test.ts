/**
 * Killed at every boundary: each line of a journal or of a gateway's disk, each other write, and both
 * sides of every message. One place of each course here; DRILLBOOK_BOUNDARIES takes more, and
 * `npm run simulate -- --boundaries <runbook>` takes all.
 */
import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { courses, withoutCourse } from './boundaries.ts';
import { playCourse } from './boundaries-play.ts';
import { openStates } from './boundaries-states.ts';

const wanted = process.env['DRILLBOOK_BOUNDARIES'];
const states = Number(wanted ?? 1);

/** A place of each kind of run; with a number it is all of them. */
const USUAL = ['drill-copy', 'takeover'];
const played = Object.entries(courses).filter(
  ([name]) => wanted !== undefined || USUAL.includes(name),
);

it.each(played)(
  '%s ends as if nothing had been, wherever a process is killed',
  async (_, course) => {
    const { bad, played: places } = await playCourse(course, {
      states,
      equal: states,
      seed: 'test',
    });
    expect(bad).toEqual([]);
    expect(places).toBe(states);
  },
  3_600_000,
);

it('has a course for every runbook we ship, or says why not', () => {
  const shipped = readdirSync('runbooks').filter((name) => name.endsWith('.yml'));
  const known = [...Object.keys(courses), ...Object.keys(withoutCourse)];
  expect(known.sort()).toEqual(shipped.map((name) => name.slice(0, -4)).sort());
});

it('counts two kills as one only while nothing that lasts has changed', () => {
  let people = 0;
  const states = openStates(() => people);
  const operation = (process: string, label: string, text = '[]') => ({
    ...{ process, label },
    detail: () => text,
  });
  const done = (label: string, text?: string) => {
    const one = operation('plane-0', label, text);
    states.began(one);
    states.ended(one);
  };
  const [plane, gateway] = [() => states.at('plane-0'), () => states.at('gateway-dr')];
  const changed = (what: () => void, of = plane): boolean => {
    const before = of();
    what();
    return of() !== before;
  };
  expect(changed(() => done('store.chain'))).toBe(false);
  expect(changed(() => done('store.append'))).toBe(true);
  expect(changed(() => done('disk'))).toBe(true);
  expect(changed(() => done('PUT array.dr.twin/x'))).toBe(true);
  expect(changed(() => done('slack.post'))).toBe(true);
  expect(changed(() => done('store.putNote', '["r","a","1"]'))).toBe(true);
  expect(changed(() => done('store.putNote', '["r","a","1"]'))).toBe(false);
  expect(changed(() => done('store.putNote', '["r","b","1"]'))).toBe(true);
  expect(changed(() => people++)).toBe(true);
  // Under way: a change counts for everybody, a question only for who is asked and dies.
  const put = operation('plane-0', 'PUT 127.0.0.1:4720/v1/calls/1');
  const ask = operation('plane-0', 'POST 127.0.0.1:4720/v1/reads');
  expect(changed(() => states.began(put))).toBe(true);
  expect(changed(() => states.began(ask))).toBe(false);
  expect(changed(() => states.ended(ask), gateway)).toBe(true);
  expect(plane()).not.toBe(gateway());
});
