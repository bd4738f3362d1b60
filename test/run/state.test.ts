/** What a journal adds up to, where a mistake would send something twice. */
import { expect, test } from '@jest/globals';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import { foldRun } from '../../lib/run/state.ts';

const KEY = 'k';
const actor = { id: 'drillbook', kind: 'system' } as const;

function journal(events: readonly NewEvent[]): JournalEvent[] {
  return events.map((event, i) => ({
    evidence: [],
    ...event,
    v: 1,
    run: 'r-1',
    seq: i + 1,
    ts: new Date(i * 1000).toISOString(),
    id: `e${i + 1}`,
    prev: '0'.repeat(64),
  }));
}

const intent = (call: string): NewEvent => ({
  type: 'intent',
  actor,
  data: { step: 'boot', call, attempt: 1, key: KEY, putBy: 1, epoch: 1 },
});
const lost = (call: string): NewEvent => ({
  type: 'outcome',
  actor,
  data: { step: 'boot', call, attempt: 1, key: KEY, state: 'lost' },
});

test('a retry frees the lost calls the pause had shown, and no other (rule 3)', () => {
  const state = foldRun(
    journal([
      { type: 'step.started', actor, data: { step: 'boot', attempt: 1, deadline: 9 } },
      intent('boot.a'),
      intent('boot.b'),
      lost('boot.a'),
      lost('boot.b'),
      {
        type: 'judged',
        actor,
        data: {
          step: 'boot',
          verdicts: { 'boot.a': { state: 'refuse' }, 'boot.b': { state: 'pending' } },
        },
      },
      { type: 'operator.retry', actor, data: { step: 'boot', person: 'p', reason: '' } },
    ]),
  );
  expect(state.steps['boot']?.retry?.frees).toEqual(['boot.a']);
});

test('an outcome of an older attempt changes nothing', () => {
  const again: NewEvent = {
    type: 'intent',
    actor,
    data: { step: 'boot', call: 'boot.a', attempt: 2, key: 'k2', putBy: 1, epoch: 1 },
  };
  const state = foldRun(journal([intent('boot.a'), again, lost('boot.a')]));
  expect(state.calls['boot.a']).toMatchObject({ attempt: 2, state: 'intent' });
});

test('a retry before anything reached a target lets the facts be read again (rule 2)', () => {
  const checked: NewEvent = {
    type: 'facts.checked',
    actor,
    data: { at: 'first-call', factsHash: 'a'.repeat(64), verdict: 'same', diff: [] },
  };
  const outcome = (state: 'void' | 'answered'): NewEvent => ({
    type: 'outcome',
    actor,
    data: { step: 'boot', call: 'boot.a', attempt: 1, key: KEY, state },
  });
  const started: NewEvent = {
    type: 'step.started',
    actor,
    data: { step: 'boot', attempt: 1, deadline: 9 },
  };
  const retry: NewEvent = {
    type: 'operator.retry',
    actor,
    data: { step: 'boot', person: 'p', reason: '' },
  };
  const after = (state: 'void' | 'answered') =>
    foldRun(journal([checked, started, intent('boot.a'), outcome(state), retry])).factsChecked;
  expect(after('void')).toEqual([]);
  expect(after('answered')).toEqual(['first-call']);
});
