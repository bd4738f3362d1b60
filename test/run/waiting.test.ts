/** Every run that has not ended says what it waits for, and so that people can act on it. */
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decide } from '../../lib/run/decide.ts';
import { headSchema } from '../../lib/run/head.ts';
import { headOf } from '../../lib/run/show.ts';
import { emptyRun, type RunState } from '../../lib/run/state.ts';
import type { Stage } from '../../lib/run/verbs.ts';
import { waitingOf } from '../../lib/run/waiting.ts';
import { actions, planOf, refusal, runIn } from './stages.ts';

const NOW = 1_000_000;
const plan = planOf();
const opened = {
  drill: 'D',
  runbook: 'b',
  service: 's',
  requester: 'kim',
  via: 'cli',
  delivery: 'd',
  at: NOW,
};

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const sitesIn = fc.subarray(['main', 'dr']);

const stepState = fc.record({
  state: fc.constantFrom('running', 'done', 'not-needed', 'failed', 'skipped', 'deviated'),
  attempt: fc.constant(1),
  startedAt: fc.constant(NOW),
  deadline: fc.constant(NOW + 5),
  endedAt: fc.constant(NOW + 1),
  verdicts: fc.constant({}),
  people: fc.constant([]),
  checks: fc.constant({}),
  refusal: fc.constant(refusal),
});

const callState = fc.record({
  attempt: fc.constant(1),
  key: fc.constant('k'),
  state: fc.constantFrom('intent', 'answered', 'refused', 'lost', 'void', 'not-needed'),
  at: fc.constant(NOW),
  putBy: fc.constant(NOW),
  refusals: fc.constant(0),
});

const approval = fc.record({
  state: fc.constantFrom('requested', 'complete', 'rejected', 'expired', 'voided'),
  planHash: fc.constant('h'),
  people: fc.constant(2),
  role: fc.constant('approver'),
  expiresAt: fc.constant(NOW + 9),
  granted: fc.subarray([
    { person: 'lee', role: 'approver', nonce: 'n', at: NOW },
    { person: 'park', role: 'approver', nonce: 'n', at: NOW },
  ]),
  diff: fc.constant([]),
});

const anyOf = <T>(ids: readonly string[], value: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...ids), value, { noNullPrototype: true });
const steps = plan.steps.map(({ id }) => id);
const calls = plan.calls.map(({ id }) => id);
const aborted = fc.record({
  person: fc.constant('kim'),
  reason: fc.constant('r'),
  again: fc.boolean(),
  mode: fc.constantFrom('undo', 'keep'),
  at: fc.constant(NOW),
});
const skip = fc.record({
  wish: fc.constant('w'),
  person: fc.constant('han'),
  reason: fc.constant('r'),
  at: fc.constant(NOW),
  delivered: sitesIn,
});

/** Any state, also such as no journal leads to. */
const anyState: fc.Arbitrary<RunState> = fc
  .record({
    conductors: fc.nat(1),
    locked: fc.boolean(),
    registered: sitesIn,
    delivered: sitesIn,
    approval: maybe(approval),
    steps: anyOf(steps, stepState),
    calls: anyOf(calls, callState),
    skips: anyOf(steps, skip),
    held: maybe(fc.constant({ person: 'han', reason: 'r', at: NOW })),
    paused: maybe(fc.constant({ step: 'split', refusal })),
    undoing: maybe(fc.constant({ reason: 'r', at: NOW })),
    aborted: maybe(aborted),
    preempted: maybe(fc.constant({ unit: 'u', epoch: 2, by: 'r-2', at: NOW })),
  })
  .map((drawn) => {
    const given = Object.entries(drawn).filter(([, value]) => value !== undefined);
    return { ...emptyRun, opened, ...Object.fromEntries(given) } as RunState;
  });

describe('before the first call', () => {
  const base: RunState = {
    ...{ ...emptyRun, opened, conductors: 1, registered: ['main', 'dr'] },
    plan: { hash: 'h', blob: 'b', class: 'copy' },
  };
  const complete = { state: 'complete', planHash: 'h', people: 2, role: 'approver' } as const;
  const approved: RunState = {
    ...{ ...base, locked: true, announces: true, delivered: ['main', 'dr'] },
    approval: { ...complete, expiresAt: NOW + 9, granted: [], diff: [], completeAt: NOW + 3 },
  };
  const wave = { id: 'w', place: 2, of: 2 };
  const followed = { ...opened, wave };
  const list = { id: 'w', hash: 'h', members: [] };
  const seen = (state: RunState) => waitingOf({ state, plan, actions });

  it('a gateway that does not take plan, approvals or epoch is named', () => {
    const wanted = { ...base, locked: false, wanted: 'r-2', registered: ['main'] };
    expect(seen(wanted)).toMatchObject({ for: 'gateway', who: ['dr'] });
    expect(seen({ ...approved, delivered: [] })).toMatchObject({ who: ['main', 'dr'] });
    expect(seen({ ...approved, announced: ['dr'] })).toMatchObject({
      ...{ for: 'gateway', who: ['main'], since: NOW + 3, until: NOW + 9 },
    });
    expect(seen({ ...approved, announced: ['dr', 'main'] })?.for).not.toBe('gateway');
  });

  it.each<[string, RunState]>([
    ['once every run', { ...base, locked: true, opened: followed }],
    ['counts for this one', { ...base, locked: true, opened: followed, wave: list }],
    ['the run before it', { ...approved, opened: followed, wave: list, announced: ['main', 'dr'] }],
  ])('a follower of a wave says what it waits for: %s', (words, state) => {
    expect(seen(state)?.after.en).toContain(words);
  });

  it('a follower that stands behind a failed one waits for an operator', () => {
    const state = { ...approved, opened: followed, wave: list, announced: ['main', 'dr'] };
    const paused = { ...state, paused: { step: 'look', refusal } };
    expect(seen(paused)).toMatchObject({ for: 'operator' });
  });
});

const shape = headSchema.shape.waiting.unwrap();

describe('in any state', () => {
  it('a run that has not ended says what it waits for or does, in both languages', () => {
    void fc.assert(
      fc.property(anyState, fc.boolean(), (state, resolved) => {
        const seen = waitingOf({ state, plan: resolved ? plan : undefined, actions });
        const waiting = shape.parse(seen);
        expect(Number.isFinite(waiting.since)).toBe(true);
        // Who is named wherever somebody can be.
        if (['approvals', 'person', 'array'].includes(waiting.for)) {
          expect(waiting.who.length).toBeGreaterThan(0);
        }
        if (['approvals', 'person', 'array', 'gateway'].includes(waiting.for)) {
          expect(waiting.until).toBeDefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('it agrees with what the engine waits for', () => {
    void fc.assert(
      fc.property(anyState, (drawn) => {
        const state = { ...drawn, conductors: 1, plan: { hash: 'h', blob: 'b', class: 'copy' } };
        const move = decide(state as RunState, plan, NOW + 2);
        const kind = waitingOf({ state: state as RunState, plan, actions })?.for;
        if (move.do !== 'wait') return;
        if (move.for === 'operator') expect(['operator', 'second-person']).toContain(kind);
        if (move.for === 'people') expect(kind).toBe('approvals');
      }),
      { numRuns: 300 },
    );
  });

  it('one that has ended waits for nothing', () => {
    const ended = { result: 'passed' as const, reasons: [], residue: [], at: NOW };
    expect(waitingOf({ state: { ...emptyRun, opened, ended }, plan, actions })).toBeUndefined();
    expect(waitingOf({ state: emptyRun, plan, actions })).toBeUndefined();
  });
});

describe('in each state of a run', () => {
  it.each<[Stage, object]>([
    ['opening', { for: 'nothing' }],
    ['awaiting-approval', { for: 'approvals', who: ['approver'] }],
    ['running', { for: 'person', who: ['dba'], step: 'ask' }],
    ['held', { for: 'operator' }],
    ['paused', { for: 'operator' }],
    ['undoing', { for: 'nothing' }],
    ['cleaning-up', { for: 'nothing' }],
  ])('%s', async (stage, wanted) => {
    const session = await runIn(stage);
    const head = headSchema.parse(headOf(session));
    expect(head.state).toBe(stage);
    expect(head.waiting).toMatchObject(wanted);
    if (stage === 'awaiting-approval') {
      expect(head.waiting?.until).toBe(head.approval?.expiresAt);
      expect(head.waiting?.after.en).toMatch(/expire/);
    }
  });

  it('a wish to skip waits for a second person and is seen', async () => {
    const session = await runIn('paused', planOf('data'));
    const data = { step: 'split', person: 'han', reason: 'no use' };
    await session.append({ type: 'operator.skip', actor: { id: 'han', kind: 'human' }, data });
    const head = headSchema.parse(headOf(session));
    expect(head.waiting).toMatchObject({ for: 'second-person', who: ['approver'] });
    expect(head.skipping).toMatchObject({
      roles: { skip: 'operator', 'confirm-skip': 'approver' },
    });
    expect(head.skips).toMatchObject([{ step: 'split', person: 'han', reason: 'no use' }]);
  });

  it('a call on its way waits for its gateway, until the limit of the step', async () => {
    const session = await runIn('undoing');
    const actor = { id: 'drillbook', kind: 'system' } as const;
    const step = { step: 'undo-split', attempt: 1, deadline: 77 };
    await session.append({ type: 'step.started', actor, data: step });
    const call = { step: 'undo-split', call: 'undo-split.go', attempt: 1, epoch: 1 };
    await session.append({ type: 'intent', actor, data: { ...call, key: 'k', putBy: 0 } });
    expect(headOf(session)?.waiting).toMatchObject({ for: 'gateway', who: ['dr'], until: 77 });
  });
});
