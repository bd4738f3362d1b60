/** Never done without an intent of this run; lost is a state of its own. Every cell of the table. */

import type { Mine } from '../../lib/actions/action.ts';
import { type Effect, JOB_LIMIT_MS, judgeCall } from '../../lib/actions/judging.ts';

const at = 1_000_000;
const cases: [Mine['state'], Effect['seen'], string][] = [
  ['none', 'there', 'preexisting'],
  ['none', 'absent', 'ready'],
  ['none', 'blocked', 'pending'],
  ['none', 'moving', 'pending'],
  ['none', 'unknown', 'pending'],
  ['none', 'broken', 'refuse'],
  ['void', 'there', 'preexisting'],
  ['void', 'absent', 'ready'],
  ['void', 'blocked', 'pending'],
  ['void', 'moving', 'pending'],
  ['void', 'unknown', 'pending'],
  ['void', 'broken', 'refuse'],
  ['refused', 'there', 'preexisting'],
  ['refused', 'absent', 'ready'],
  ['refused', 'blocked', 'pending'],
  ['refused', 'moving', 'pending'],
  ['refused', 'unknown', 'pending'],
  ['refused', 'broken', 'refuse'],
  ['intent', 'there', 'pending'],
  ['intent', 'absent', 'pending'],
  ['intent', 'blocked', 'pending'],
  ['intent', 'moving', 'pending'],
  ['intent', 'unknown', 'pending'],
  ['intent', 'broken', 'refuse'],
  ['answered', 'there', 'done'],
  ['answered', 'absent', 'pending'],
  ['answered', 'blocked', 'pending'],
  ['answered', 'moving', 'pending'],
  ['answered', 'unknown', 'pending'],
  ['answered', 'broken', 'refuse'],
  ['lost', 'there', 'done'],
  ['lost', 'absent', 'pending'],
  ['lost', 'blocked', 'pending'],
  ['lost', 'moving', 'pending'],
  ['lost', 'unknown', 'pending'],
  ['lost', 'broken', 'refuse'],
  ['not-needed', 'there', 'refuse'],
  ['not-needed', 'absent', 'refuse'],
  ['not-needed', 'blocked', 'refuse'],
];

test.each(cases)('%s and %s: %s', (state, seen, wanted) => {
  const mine: Mine = { attempt: 1, state, at };
  expect(judgeCall({ mine, now: at + 1, effect: { seen } }).state).toBe(wanted);
});

test('lost and nothing seen: a person after the limit, and only a retry makes it ready', () => {
  const mine: Mine = { attempt: 1, state: 'lost', at };
  const effect: Effect = { seen: 'absent', why: 'The copies are PAIR.' };
  const judge = (now: number, retry?: boolean) =>
    judgeCall({ mine: retry ? { ...mine, retry } : mine, now, effect });
  expect(judge(at + JOB_LIMIT_MS - 1).state).toBe('pending');
  expect(judge(at + JOB_LIMIT_MS)).toMatchObject({
    state: 'refuse',
    reason: expect.stringMatching(/The copies are PAIR.*retry sends it again/),
  });
  expect(judge(at + JOB_LIMIT_MS - 1, true).state).toBe('pending');
  expect(judge(at + JOB_LIMIT_MS, true).state).toBe('ready');
});

test('an answer of 500 says nothing: done if it shows, a person if it does not', () => {
  const mine: Mine = { attempt: 1, state: 'answered', at, status: 500 };
  const judge = (now: number, seen: Effect['seen']) =>
    judgeCall({ mine, now, effect: { seen } }).state;
  expect(judge(at + JOB_LIMIT_MS, 'there')).toBe('done');
  expect(judge(at + JOB_LIMIT_MS - 1, 'absent')).toBe('pending');
  expect(judge(at + JOB_LIMIT_MS, 'absent')).toBe('refuse');
});

test('no call at all is judged as never sent', () => {
  expect(judgeCall({ mine: undefined, now: at, effect: { seen: 'there' } }).state).toBe(
    'preexisting',
  );
});
