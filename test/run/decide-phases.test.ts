/** Undo, deviations, skips, holds and the loss of the unit, from any state a run can be in. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { resultOf } from '../../lib/run/decide/result.ts';
import { decide, type Move } from '../../lib/run/decide.ts';
import { emptyRun, type RunState, type StepState } from '../../lib/run/state.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { step } from './steps.ts';

const NOW = 1_000_000;
const refusal = { code: 'RUN-REFUSED', what: 'no', why: 'not well', next: '' };

const call = (of: string, phase: PlanCall['phase'], site = 'dr'): PlanCall => ({
  id: `${of}.x`,
  step: of,
  site,
  target: 'cinder:dr',
  method: 'POST',
  path: '/x',
  phase,
  class: 'copy',
  after: [],
  guards: [],
  holes: [],
  sends: 1,
  words: { ko: of, en: of },
});

const FORWARD = ['a', 'b', 'c'];
const UNDO = ['undo-a', 'undo-b'];
const plan: Plan = {
  v: 1,
  run: 'r-1',
  drillType: 'isolated-copy',
  runbook: { id: 'b', title: { ko: 'b', en: 'b' }, sha256: '' },
  service: { id: 's', name: { ko: 's', en: 's' }, tier: 'gold' },
  unit: 'u',
  approval: { people: 2, role: 'r', expiresMs: 60_000, runWithinMs: 60_000 },
  class: 'copy',
  facts: { bound: {}, classed: {} },
  factsHash: '',
  sites: ['main', 'dr'],
  steps: [
    step('a'),
    step('b', { onFailure: 'undo' }),
    step('c', { onFailure: 'continue', retry: { attempts: 3, backoffMs: 10_000 } }),
    step('undo-a', { phase: 'undo', undoes: 'a' }),
    step('undo-b', { phase: 'undo', undoes: 'b' }),
    step('clean', { phase: 'always' }),
  ],
  calls: [
    call('a', 'forward'),
    call('b', 'forward', 'main'),
    call('undo-a', 'undo'),
    call('undo-b', 'undo'),
  ],
};

const known = (state: StepState['state'], more: Partial<StepState> = {}): StepState => ({
  state,
  attempt: 1,
  startedAt: NOW,
  deadline: NOW + 60_000,
  verdicts: {},
  people: [],
  checks: {},
  ...(state === 'failed' ? { refusal, endedAt: NOW } : {}),
  ...more,
});
const sent = (state: RunState['calls'][string]['state']): RunState['calls'][string] => ({
  attempt: 1,
  key: 'k',
  state,
  at: NOW,
  putBy: NOW,
  refusals: 0,
});
const running: RunState = {
  ...emptyRun,
  opened: {
    drill: 'DR-1',
    runbook: 'b',
    service: 's',
    requester: 'p',
    via: 'cli',
    delivery: 'd',
    at: NOW,
  },
  conductors: 1,
  plan: { hash: 'h', blob: 'b', class: 'copy' },
  locked: true,
  registered: ['main', 'dr'],
  delivered: ['main', 'dr'],
  factsChecked: ['quorum', 'first-call'],
  approval: {
    state: 'complete',
    planHash: 'h',
    people: 2,
    role: 'r',
    expiresAt: NOW + 60_000,
    granted: [],
    diff: [],
  },
};
const undoing = { reason: 'x', at: NOW };
const aborted = (mode: 'undo' | 'keep') =>
  ({ person: 'p', reason: 'x', again: false, mode, at: NOW }) as const;
const skip = (more: object) => ({
  b: { wish: 'w', person: 'p', reason: 'x', at: NOW, delivered: [], ...more },
});

const table: readonly [string, Partial<RunState>, Partial<Move>][] = [
  ['a failure that undoes', { steps: { b: known('failed') } }, { do: 'begin-undo', step: 'b' }],
  [
    'the same with a lost call',
    { steps: { b: known('failed') }, calls: { 'b.x': sent('lost') } },
    { do: 'pause', step: 'b' },
  ],
  [
    'the same while its call is on its way',
    { steps: { b: known('failed') }, calls: { 'b.x': sent('intent') } },
    { do: 'pause', step: 'b' },
  ],
  [
    'a gateway that is not to be believed',
    { steps: { b: known('failed', { refusal: { ...refusal, code: 'RUN-GATEWAY-FORGOT' } }) } },
    { do: 'pause', step: 'b' },
  ],
  [
    'a try that is not due, with others to begin',
    { steps: { c: known('failed') } },
    { do: 'start-step', step: 'a' },
  ],
  [
    'a try that is not due, with nothing else to do',
    { steps: { a: known('done'), b: known('done'), c: known('failed') } },
    { do: 'wait', until: NOW + 10_000, for: 'time' },
  ],
  [
    'the wait before the third try is twice as long',
    { steps: { a: known('done'), b: known('done'), c: known('failed', { attempt: 2 }) } },
    { do: 'wait', until: NOW + 20_000 },
  ],
  [
    'no tries left',
    { steps: { a: known('done'), b: known('done'), c: known('failed', { attempt: 3 }) } },
    { do: 'deviate', step: 'c', reason: 'RUN-REFUSED: no not well' },
  ],
  [
    'undoing: what was begun last comes first',
    {
      undoing,
      steps: { a: known('done', { startedAt: NOW + 1 }), b: known('done') },
      calls: { 'a.x': sent('answered'), 'b.x': sent('answered') },
    },
    { do: 'start-step', step: 'undo-a' },
  ],
  ['undoing with nothing sent', { undoing }, { do: 'skip-step', step: 'undo-b' }],
  [
    'undoing what people did by hand',
    {
      undoing,
      steps: {
        b: known('done', {
          people: [{ person: 'p', role: 'r', part: 'performed', text: '', at: NOW }],
        }),
      },
    },
    { do: 'start-step', step: 'undo-b' },
  ],
  [
    'undoing is over',
    { undoing, steps: { 'undo-a': known('done'), 'undo-b': known('not-needed') } },
    { do: 'start-step', step: 'clean' },
  ],
  ['an abort that undoes', { aborted: aborted('undo') }, { do: 'begin-undo' }],
  [
    'an abort that undoes, but the clean-up has begun',
    { aborted: aborted('undo'), steps: { clean: known('running') } },
    { do: 'work', steps: ['clean'] },
  ],
  ['an abort that keeps', { aborted: aborted('keep') }, { do: 'start-step', step: 'clean' }],
  [
    'undoing, and somebody keeps the rest',
    { undoing, aborted: aborted('keep'), calls: { 'a.x': sent('answered') } },
    { do: 'start-step', step: 'clean' },
  ],
  ['held', { held: { person: 'p', reason: '', at: NOW } }, { do: 'wait', for: 'operator' }],
  [
    'held with a call on its way',
    {
      held: { person: 'p', reason: '', at: NOW },
      steps: { a: known('running') },
      calls: { 'a.x': sent('intent') },
    },
    { do: 'settle', calls: ['a.x'] },
  ],
  ['a skip that one person wants', { skips: skip({}) }, { do: 'start-step', step: 'a' }],
  [
    'a skip that two want: gateways with calls hear it first',
    { skips: skip({ second: 'q' }) },
    { do: 'deliver-skip', step: 'b', site: 'dr' },
  ],
  [
    'a skip of a step with a call on its way: settled first',
    { skips: skip({ second: 'q' }), calls: { 'b.x': sent('intent') } },
    { do: 'settle', calls: ['b.x'] },
  ],
  [
    'a skip that all gateways know',
    { skips: skip({ second: 'q', delivered: ['dr', 'main'] }) },
    { do: 'finish-skip', step: 'b' },
  ],
  [
    'the unit is lost',
    {
      preempted: { unit: 'u', epoch: 2, by: 'r-2', at: NOW },
      undoing,
      calls: { 'a.x': sent('intent') },
    },
    { do: 'end', result: 'pre-empted' },
  ],
];

it.each(table)('%s', (_, state, move) => {
  expect(decide({ ...running, ...state }, plan, NOW)).toMatchObject(move);
});

it('is tried again at the very instant, not before', () => {
  const steps = { a: known('done'), b: known('done'), c: known('failed') };
  expect(decide({ ...running, steps }, plan, NOW + 9_999)).toMatchObject({ do: 'wait' });
  const again = { do: 'start-step', step: 'c', attempt: 2 };
  expect(decide({ ...running, steps }, plan, NOW + 10_000)).toEqual(again);
});

const stepStates = ['running', 'done', 'not-needed', 'failed', 'skipped', 'deviated'] as const;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const callStates = ['intent', 'answered', 'refused', 'lost', 'void', 'not-needed'] as const;
const anyState = fc
  .record({
    steps: fc.tuple(...plan.steps.map(() => maybe(fc.constantFrom(...stepStates)))),
    attempt: fc.integer({ min: 1, max: 4 }),
    calls: fc.tuple(...plan.calls.map(() => maybe(fc.constantFrom(...callStates)))),
    undoing: fc.boolean(),
    held: fc.boolean(),
    preempted: fc.boolean(),
    paused: fc.boolean(),
    mode: maybe(fc.constantFrom('undo' as const, 'keep' as const)),
    second: fc.boolean(),
    delivered: fc.subarray(['main', 'dr']),
  })
  .map(
    (made): RunState => ({
      ...running,
      steps: Object.fromEntries(
        plan.steps.flatMap(({ id }, i) => {
          const state = made.steps[i];
          return state === undefined ? [] : [[id, known(state, { attempt: made.attempt })]];
        }),
      ),
      calls: Object.fromEntries(
        plan.calls.flatMap(({ id }, i) => {
          const state = made.calls[i];
          return state === undefined ? [] : [[id, sent(state)]];
        }),
      ),
      skips: made.second ? skip({ second: 'q', delivered: made.delivered }) : skip({}),
      ...(made.undoing ? { undoing } : {}),
      ...(made.held ? { held: { person: 'p', reason: '', at: NOW } } : {}),
      ...(made.paused ? { paused: { step: 'a', refusal } } : {}),
      ...(made.mode === undefined ? {} : { aborted: aborted(made.mode) }),
      ...(made.preempted ? { preempted: { unit: 'u', epoch: 2, by: 'r-2', at: NOW } } : {}),
    }),
  );

const begins = (move: Move): string[] => {
  if (move.do === 'work') return [...move.steps];
  return move.do === 'start-step' || move.do === 'skip-step' ? [move.step] : [];
};
const OVER = ['done', 'not-needed', 'skipped', 'deviated'];
const always = (property: (state: RunState, move: Move) => void) =>
  fc.assert(
    fc.property(anyState, (state) => property(state, decide(state, plan, NOW))),
    { numRuns: 2_000 },
  );

describe('from any state at all', () => {
  it('a lost unit ends the run, and nothing else', () =>
    always((state, move) => {
      if (state.preempted === undefined) return;
      expect(move).toEqual({ do: 'end', result: 'pre-empted' });
    }));

  it('nothing begins and nothing is handed over while the run is held or paused', () =>
    always((state, move) => {
      if (state.preempted !== undefined) return;
      if (state.held === undefined && state.paused === undefined) return;
      expect(['settle', 'wait', 'deliver-skip', 'finish-skip']).toContain(move.do);
    }));

  it('no forward step begins once undo has (first undo closes forward)', () =>
    always((state, move) => {
      if (state.undoing === undefined && state.aborted === undefined) return;
      expect(begins(move).filter((id) => FORWARD.includes(id))).toEqual([]);
    }));

  it('always begins after undo is over, and undo takes back only what may have been sent', () =>
    always((state, move) => {
      for (const id of begins(move)) {
        if (id === 'clean' && state.undoing !== undefined && state.aborted?.mode !== 'keep') {
          for (const undo of UNDO) expect(OVER).toContain(state.steps[undo]?.state);
        }
        if (move.do !== 'start-step' || !UNDO.includes(id) || move.attempt > 1) continue;
        const outcome = state.calls[`${id.slice(5)}.x`]?.state;
        expect(['intent', 'answered', 'refused', 'lost']).toContain(outcome);
      }
    }));

  it('a lost call is passed over by nobody but people (rules 3 and 7)', () =>
    always((state, move) => {
      if (move.do !== 'deviate' && move.do !== 'begin-undo') return;
      if (move.step === undefined) return;
      expect(['lost', 'intent']).not.toContain(state.calls[`${move.step}.x`]?.state);
    }));

  it('a skip counts when two people want it and every gateway with calls knows', () =>
    always((state, move) => {
      if (move.do !== 'finish-skip') return;
      const wish = state.skips[move.step];
      expect(wish?.second).toBeDefined();
      expect(wish?.delivered).toEqual(expect.arrayContaining(['main', 'dr']));
    }));

  it('a result is passed only when nothing was passed over, and never by default (rule 7)', () =>
    always((state) => {
      const result = resultOf(state, plan);
      const states = plan.steps.map(({ id }) => state.steps[id]?.state ?? 'never');
      const passedOver = states.some((one) => ['skipped', 'deviated'].includes(one));
      if (result === 'passed') expect(passedOver).toBe(false);
      if (result !== 'passed' && result !== 'conditional') return;
      expect(state.undoing ?? state.aborted).toBeUndefined();
      for (const id of FORWARD) {
        expect(['done', 'skipped', 'deviated']).toContain(state.steps[id]?.state);
      }
    }));
});
