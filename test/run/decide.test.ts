/** What may happen next, from every state a run can be in. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anythingSent } from '../../lib/run/decide/known.ts';
import { decide, type Move, SETTLE_LIMIT_MS } from '../../lib/run/decide.ts';
import { emptyRun, type RunState } from '../../lib/run/state.ts';
import type { Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { step } from './steps.ts';

const NOW = 1_000_000;
const EXPIRES = NOW + 60_000;

type StepState = RunState['steps'][string];
type CallState = RunState['calls'][string];

const call = (id: string, of: string): PlanCall => ({
  id,
  step: of,
  site: 'dr',
  target: 'array:1',
  method: 'POST',
  path: '/x',
  phase: of === 'resync' ? 'always' : 'forward',
  class: 'copy',
  after: [],
  guards: [],
  holes: [],
  sends: 1,
  words: { ko: id, en: id },
});

/** look -> split -> check, then resync (undoes split) and clean. */
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
    step('look'),
    step('split', { needs: ['look'] }),
    step('check', { needs: ['split'] }),
    step('resync', { phase: 'always', undoes: 'split' }),
    step('clean', { phase: 'always' }),
  ],
  calls: [call('split.split', 'split'), call('resync.resync', 'resync')],
};

const of = (state: StepState['state']): StepState => ({
  state,
  attempt: 1,
  startedAt: NOW,
  deadline: NOW + 60_000,
  verdicts: {},
  people: [],
  checks: {},
});

const sent = (state: CallState['state']): CallState => ({
  attempt: 1,
  key: 'k',
  state,
  at: NOW,
  putBy: NOW,
  refusals: 0,
});

const opened = {
  drill: 'DR-1',
  runbook: 'b',
  service: 's',
  requester: 'p',
  via: 'slack',
  delivery: 'd',
  at: NOW,
};
const resolved: RunState = {
  ...emptyRun,
  opened,
  conductors: 1,
  plan: { hash: 'h', blob: 'b', class: 'copy' },
  locked: true,
};
const approval = (
  state: NonNullable<RunState['approval']>['state'],
  people: readonly string[] = [],
): NonNullable<RunState['approval']> => ({
  state,
  planHash: 'h',
  people: 2,
  role: 'r',
  expiresAt: EXPIRES,
  granted: people.map((person) => ({ person, role: 'r', nonce: 'n', at: NOW })),
  diff: [],
});
const registered: RunState = { ...resolved, registered: ['main', 'dr'] };
const running: RunState = {
  ...registered,
  approval: approval('complete', ['a', 'b']),
  factsChecked: ['quorum'],
  delivered: ['main', 'dr'],
};
const steps = (states: Readonly<Record<string, StepState['state']>>): RunState['steps'] =>
  Object.fromEntries(Object.entries(states).map(([id, state]) => [id, of(state)]));
const refusal = { code: 'X', what: '', why: '', next: '' };
const retried = (id: string): StepState => ({
  ...of('failed'),
  endedAt: NOW,
  refusal,
  freed: true,
  retry: { event: id, person: 'p' },
});
const forwardDone = steps({ look: 'done', split: 'done', check: 'done' });

const table: readonly [string, RunState, Partial<Move>][] = [
  ['nothing was opened', emptyRun, { do: 'nothing' }],
  ['opened', { ...emptyRun, opened }, { do: 'start-conductor' }],
  ['conducted', { ...emptyRun, opened, conductors: 1 }, { do: 'resolve' }],
  [
    'asked for by somebody who may not',
    { ...emptyRun, opened: { ...opened, refusal }, conductors: 1 },
    { do: 'turn-away' },
  ],
  ['planned', { ...resolved, locked: false }, { do: 'lock' }],
  ['resolved', resolved, { do: 'register', site: 'main' }],
  ['registered at one', { ...resolved, registered: ['main'] }, { do: 'register', site: 'dr' }],
  ['registered', registered, { do: 'request-approval' }],
  [
    'requested',
    { ...registered, approval: approval('requested', ['a']) },
    { do: 'wait', until: EXPIRES, for: 'people' },
  ],
  [
    'one person twice is one',
    { ...registered, approval: approval('requested', ['a', 'a']) },
    { do: 'wait', until: EXPIRES, for: 'people' },
  ],
  [
    'quorum',
    { ...registered, approval: approval('requested', ['a', 'b']) },
    { do: 'check-facts', at: 'quorum' },
  ],
  [
    'quorum and facts',
    { ...registered, approval: approval('requested', ['a', 'b']), factsChecked: ['quorum'] },
    { do: 'complete-approval' },
  ],
  ['denied', { ...registered, approval: approval('rejected') }, { do: 'end', result: 'denied' }],
  ['expired', { ...registered, approval: approval('expired') }, { do: 'end', result: 'expired' }],
  ['voided', { ...registered, approval: approval('voided') }, { do: 'end', result: 'voided' }],
  ['complete', { ...running, delivered: [] }, { do: 'deliver', site: 'main' }],
  ['delivered', running, { do: 'start-step', step: 'look' }],
  ['at work', { ...running, steps: steps({ look: 'running' }) }, { do: 'work', steps: ['look'] }],
  [
    'before the first call',
    { ...running, steps: steps({ look: 'done' }) },
    { do: 'check-facts', at: 'first-call' },
  ],
  [
    'before the second call',
    { ...running, steps: steps({ look: 'done' }), factsChecked: ['quorum', 'first-call'] },
    { do: 'start-step', step: 'split' },
  ],
  [
    'stopped before anything was sent',
    { ...running, steps: steps({ look: 'failed' }), paused: { step: 'look', refusal } },
    { do: 'check-facts', at: 'first-call' },
  ],
  [
    'stopped later',
    {
      ...running,
      steps: steps({ look: 'done', split: 'failed' }),
      calls: { 'split.split': sent('lost') },
      paused: { step: 'split', refusal },
    },
    { do: 'wait', for: 'operator' },
  ],
  [
    'retried',
    { ...running, steps: { look: retried('look') } },
    { do: 'start-step', step: 'look', attempt: 2 },
  ],
  [
    'retried, and the step sends: the facts come first (rule 2)',
    { ...running, steps: { ...steps({ look: 'done' }), split: retried('split') } },
    { do: 'check-facts', at: 'first-call' },
  ],
  [
    'failed, and its writer died before the pause: nobody restarts it by itself',
    { ...running, steps: { look: { ...of('failed'), endedAt: NOW, refusal } } },
    { do: 'pause', step: 'look' },
  ],
  [
    'a clean-up step that failed waits for a person too',
    {
      ...running,
      steps: { ...forwardDone, resync: { ...of('failed'), endedAt: NOW, refusal } },
      calls: { 'split.split': sent('answered') },
    },
    { do: 'pause', step: 'resync' },
  ],
  [
    'an abort in its pause tries the clean-up once more',
    {
      ...running,
      steps: { ...forwardDone, resync: { ...of('failed'), endedAt: NOW, refusal, freed: true } },
      calls: { 'split.split': sent('answered') },
      aborted: { person: 'p', reason: '', again: false, mode: 'keep', at: NOW + 1 },
    },
    { do: 'start-step', step: 'resync', attempt: 2 },
  ],
  [
    'aborted, and a gateway stays silent for minutes',
    {
      ...running,
      calls: { 'split.split': { ...sent('intent'), at: NOW - SETTLE_LIMIT_MS } },
      aborted: { person: 'p', reason: '', again: false, mode: 'keep', at: NOW - SETTLE_LIMIT_MS },
      orderedAt: NOW - SETTLE_LIMIT_MS,
    },
    { do: 'give-up-settling', calls: ['split.split'] },
  ],
  [
    'expired with something sent: there is something to clean up',
    { ...running, approval: approval('expired'), calls: { 'split.split': sent('answered') } },
    { do: 'start-step', step: 'resync' },
  ],
  [
    'an intent whose step nobody works on',
    {
      ...running,
      calls: { 'split.split': sent('intent') },
      aborted: { person: 'p', reason: '', again: false, mode: 'keep', at: NOW },
    },
    { do: 'settle', calls: ['split.split'] },
  ],
  [
    'aborted with nothing sent',
    { ...running, aborted: { person: 'p', reason: '', again: false, mode: 'keep', at: NOW } },
    { do: 'skip-step', step: 'resync' },
  ],
  [
    'aborted with a split that may have been',
    {
      ...running,
      calls: { 'split.split': sent('lost') },
      aborted: { person: 'p', reason: '', again: false, mode: 'keep', at: NOW },
    },
    { do: 'start-step', step: 'resync' },
  ],
  [
    'aborted again',
    { ...running, aborted: { person: 'p', reason: '', again: true, mode: 'keep', at: NOW } },
    { do: 'end', result: 'failed' },
  ],
  [
    'forward is over',
    { ...running, steps: forwardDone, calls: { 'split.split': sent('answered') } },
    { do: 'start-step', step: 'resync' },
  ],
  [
    'all is over',
    { ...running, steps: { ...forwardDone, ...steps({ resync: 'done', clean: 'done' }) } },
    { do: 'end', result: 'passed' },
  ],
  [
    'all is over but a check failed',
    {
      ...running,
      steps: {
        ...forwardDone,
        ...steps({ resync: 'done', clean: 'done' }),
        check: {
          ...of('done'),
          checks: {
            c: { check: 'c', kind: 'http', expected: '200', actual: '500', verdict: 'failed' },
          },
        },
      },
    },
    { do: 'end', result: 'failed' },
  ],
  [
    'all is over but a forward step was not done',
    {
      ...running,
      steps: {
        ...steps({ look: 'done', split: 'not-needed', check: 'done' }),
        ...steps({ resync: 'done', clean: 'done' }),
      },
    },
    { do: 'end', result: 'failed' },
  ],
  [
    'ended',
    { ...running, ended: { result: 'passed', reasons: [], residue: [], at: NOW } },
    { do: 'nothing' },
  ],
];

describe('decide', () => {
  it.each(table)('%s', (_, state, move) => {
    expect(decide(state, state.plan === undefined ? undefined : plan, NOW)).toMatchObject(move);
  });

  it('expires at the very instant, even with the quorum reached (rule 12)', () => {
    const state = { ...registered, approval: approval('requested', ['a', 'b']) };
    expect(decide(state, plan, EXPIRES - 1)).toMatchObject({ do: 'check-facts' });
    expect(decide(state, plan, EXPIRES)).toEqual({ do: 'expire' });
    const late = { ...running, steps: steps({ look: 'done' }) };
    expect(decide(late, plan, EXPIRES)).toEqual({ do: 'expire' });
  });
});

const stepState = fc.constantFrom('running', 'done', 'not-needed', 'failed', undefined);
const callState = fc.constantFrom(
  'intent',
  'answered',
  'refused',
  'lost',
  'void',
  'not-needed',
  undefined,
);
const anyState = fc
  .record({
    approval: fc.option(fc.constantFrom('requested', 'complete', 'rejected', 'expired', 'voided'), {
      nil: undefined,
    }),
    people: fc.subarray(['a', 'b', 'c']),
    checked: fc.subarray(['quorum', 'first-call'] as const),
    sites: fc.subarray(['main', 'dr']),
    delivered: fc.subarray(['main', 'dr']),
    steps: fc.tuple(stepState, stepState, stepState, stepState, stepState),
    split: callState,
    resync: callState,
    paused: fc.boolean(),
    aborted: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map((made): RunState => {
    const ids = ['look', 'split', 'check', 'resync', 'clean'];
    const known = ids.flatMap((id, i) => {
      const state = made.steps[i];
      return state === undefined ? [] : [[id, of(state)] as const];
    });
    const calls = Object.entries({ 'split.split': made.split, 'resync.resync': made.resync });
    return {
      ...resolved,
      registered: made.sites,
      delivered: made.delivered,
      factsChecked: made.checked,
      steps: Object.fromEntries(known),
      calls: Object.fromEntries(
        calls.flatMap(([id, state]) => (state === undefined ? [] : [[id, sent(state)]])),
      ),
      ...(made.approval === undefined ? {} : { approval: approval(made.approval, made.people) }),
      ...(made.paused ? { paused: { step: 'look', refusal } } : {}),
      ...(made.aborted === undefined
        ? {}
        : { aborted: { person: 'p', reason: '', again: made.aborted, mode: 'keep', at: NOW } }),
    };
  });

const works = (move: Move): string[] => {
  if (move.do === 'work') return [...move.steps];
  return move.do === 'start-step' ? [move.step] : [];
};
const isForward = (id: string) => ['look', 'split', 'check'].includes(id);

describe('decide, from any state at all', () => {
  it('begins no forward step before the approval is complete and delivered (rules 1, 2, 11)', async () => {
    await fc.assert(
      fc.property(anyState, (state) => {
        if (!works(decide(state, plan, NOW)).some(isForward)) return;
        expect(state.approval?.state).toBe('complete');
        expect(state.delivered).toEqual(expect.arrayContaining([...plan.sites]));
        expect(state.aborted).toBeUndefined();
        expect(state.paused).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('begins no step that sends before the facts were read again (rule 2)', async () => {
    await fc.assert(
      fc.property(anyState, (state) => {
        const move = decide(state, plan, NOW);
        if (move.do !== 'start-step' || move.step !== 'split') return;
        // Once something was sent the world is not what it was, and must not be.
        if (anythingSent(state)) return;
        expect(state.factsChecked).toContain('first-call');
      }),
      { numRuns: 2_000 },
    );
  });

  it('cleans up only after forward is over, and never passes what is not (rule 7)', async () => {
    await fc.assert(
      fc.property(anyState, (state) => {
        const move = decide(state, plan, NOW);
        const over = ['look', 'split', 'check'].every((id) =>
          ['done', 'not-needed'].includes(state.steps[id]?.state ?? ''),
        );
        const given = state.approval?.state ?? '';
        const ended = state.aborted !== undefined || ['voided', 'expired'].includes(given);
        if (works(move).some((id) => !isForward(id))) expect(over || ended).toBe(true);
        if (move.do !== 'end' || move.result !== 'passed') return;
        for (const { id } of plan.steps) {
          expect(['done', 'not-needed']).toContain(state.steps[id]?.state);
        }
        expect(state.aborted).toBeUndefined();
        expect(state.approval?.state).toBe('complete');
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes back only what this run may have sent (rule 6)', async () => {
    await fc.assert(
      fc.property(anyState, (state) => {
        const move = decide(state, plan, NOW);
        if (move.do !== 'start-step' || move.step !== 'resync' || move.attempt > 1) return;
        expect(['answered', 'refused', 'lost', 'intent']).toContain(
          state.calls['split.split']?.state,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

it('a gateway that stays silent about a call nobody ordered anything for asks a person in the end', () => {
  const ended = NOW + 10_000;
  const split = { ...of('failed'), endedAt: ended, refusal };
  const state: RunState = {
    ...running,
    approval: approval('voided'),
    steps: { ...steps({ look: 'done' }), split },
    calls: { 'split.split': sent('intent') },
  };
  expect(decide(state, plan, ended + SETTLE_LIMIT_MS - 1)).toMatchObject({ do: 'settle' });
  expect(decide(state, plan, ended + SETTLE_LIMIT_MS)).toMatchObject({ do: 'give-up-settling' });
  const paused = { ...state, paused: { step: 'split', refusal } };
  expect(decide(paused, plan, ended + SETTLE_LIMIT_MS)).toMatchObject({ do: 'settle' });
});

it('a retried step whose gateway stays silent asks a person again, abort or not', () => {
  const state: RunState = {
    ...running,
    steps: { ...steps({ look: 'done' }), split: retried('split') },
    calls: { 'split.split': sent('intent') },
    orderedAt: NOW,
  };
  expect(decide(state, plan, NOW + SETTLE_LIMIT_MS - 1)).toMatchObject({ do: 'settle' });
  expect(decide(state, plan, NOW + SETTLE_LIMIT_MS)).toMatchObject({ do: 'give-up-settling' });
});
