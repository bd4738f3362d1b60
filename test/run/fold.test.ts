/** What a journal adds up to, where a mistake would send something twice. */
import { expect, test } from '@jest/globals';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import { foldRun } from '../../lib/run/fold.ts';

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
  expect(state.calls).toMatchObject({ 'boot.a': { freed: true } });
  expect(state.calls['boot.b']).not.toHaveProperty('freed');
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

const at = (seconds: number, event: NewEvent): JournalEvent => {
  const [first] = journal([event]);
  if (first === undefined) throw new Error('no event');
  return { ...first, ts: new Date(seconds * 1000).toISOString() };
};
const started = (more: object = {}): NewEvent => ({
  type: 'step.started',
  actor,
  data: { step: 'boot', attempt: 1, deadline: 100_000, ...more },
});

test('no limit of a step runs while the run stands still, held or paused', () => {
  const refusal = { code: 'X', what: '', why: '', next: '' };
  const order = { person: 'p', reason: 'wait' };
  const state = foldRun([
    at(1, started()),
    at(10, { type: 'operator.pause', actor, data: order }),
    at(20, { type: 'run.paused', actor, data: { step: 'other', refusal } }),
    at(30, { type: 'operator.resume', actor, data: order }),
    at(50, { type: 'operator.retry', actor, data: { step: 'other', ...order } }),
  ]);
  expect(state.steps['boot']?.deadline).toBe(140_000);
  const going = foldRun([
    at(1, started()),
    at(10, { type: 'operator.pause', actor, data: order }),
    at(50, { type: 'operator.resume', actor, data: order }),
  ]);
  expect(going.steps['boot']?.deadline).toBe(140_000);
  expect(going.stillSince).toBeUndefined();
});

test('a judgement of some items leaves the others as they were; a new try keeps what is done', () => {
  const judged = (verdicts: Record<string, { state: 'done' | 'refuse' }>): NewEvent => ({
    type: 'judged',
    actor,
    data: { step: 'boot', verdicts, part: true },
  });
  const events = [
    at(1, started()),
    at(2, judged({ 'boot.a': { state: 'done' }, 'boot.b': { state: 'refuse' } })),
    at(3, judged({ 'boot.c': { state: 'done' } })),
  ];
  expect(Object.keys(foldRun(events).steps['boot']?.verdicts ?? {})).toHaveLength(3);
  const resumed = foldRun([...events, at(4, started({ attempt: 2, resumes: true }))]);
  expect(resumed.steps['boot']?.verdicts).toEqual({
    'boot.a': { state: 'done' },
    'boot.c': { state: 'done' },
  });
  const anew = foldRun([...events, at(4, started({ attempt: 2 }))]);
  expect(anew.steps['boot']?.verdicts).toEqual({});
});

test('a step that two people skip is over, whatever it was, and the run goes on', () => {
  const refusal = { code: 'X', what: '', why: '', next: '' };
  const skipped: NewEvent = {
    type: 'step.finished',
    actor,
    data: { step: 'boot', result: 'skipped', reason: 'no', durationMs: 0 },
  };
  const paused: NewEvent = { type: 'run.paused', actor, data: { step: 'boot', refusal } };
  const state = foldRun([at(1, started()), at(2, paused), at(3, skipped)]);
  expect(state.paused).toBeUndefined();
  expect(state.steps['boot']?.state).toBe('skipped');
  expect(foldRun([at(1, skipped)]).steps['boot']).toMatchObject({ state: 'skipped', people: [] });
});

test('an abort that undoes may be turned into one that keeps; any other second one ends it', () => {
  const abort = (mode?: 'undo' | 'keep'): NewEvent => ({
    type: 'operator.abort',
    actor,
    data: { person: 'p', reason: 'r', ...(mode === undefined ? {} : { mode }) },
  });
  const again = (...modes: ('undo' | 'keep' | undefined)[]) =>
    foldRun(journal(modes.map(abort))).aborted?.again;
  expect([again(undefined), again('undo')]).toEqual([false, false]);
  expect([again('undo', 'keep'), again('undo', undefined)]).toEqual([false, false]);
  expect([again('undo', 'undo'), again('keep', 'undo')]).toEqual([true, true]);
  expect([again('keep', 'keep'), again('undo', 'keep', 'keep')]).toEqual([true, true]);
});

test('ten thousand calls are added up in a time that grows with them, not with their square', () => {
  const calls = (count: number) =>
    journal(
      Array.from({ length: count }, (_, i) => [intent(`boot.${i}`), lost(`boot.${i}`)]).flat(),
    );
  const [few, many] = [calls(1_000), calls(10_000)];
  const timeOf = (events: JournalEvent[]) => {
    const began = performance.now();
    foldRun(events);
    return performance.now() - began;
  };
  timeOf(many);
  expect(timeOf(many)).toBeLessThan(60 * Math.max(1, timeOf(few)));
});
