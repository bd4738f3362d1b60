/** What clocks that jump, crowds and strange words do to a run that nobody meant to break. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, test } from '@jest/globals';
import type { Gateway } from '../../lib/gateway/protocol.ts';
import { decide } from '../../lib/run/decide.ts';
import { RunError } from '../../lib/run/errors.ts';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import { foldRun } from '../../lib/run/fold.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { endRun } from '../../lib/run/moves/end.ts';
import { announceEpoch } from '../../lib/run/moves/epochs.ts';
import { passOver } from '../../lib/run/moves/passing.ts';
import { workOn } from '../../lib/run/moves/steps.ts';
import { DRILLBOOK, openSession, type Session } from '../../lib/run/session.ts';
import { headOf } from '../../lib/run/show.ts';
import { stageOf } from '../../lib/run/stage.ts';
import { actions, order, planOf, runIn } from './stages.ts';
import { step } from './steps.ts';

const by = DRILLBOOK;
const HASH = 'a'.repeat(64);
const T = Date.UTC(2026, 0, 2);

/** Events at their times (seconds after T), whatever order the clock gave them. */
const folded = (...events: readonly (readonly [number, NewEvent])[]) =>
  foldRun(
    events.map(([seconds, event], i): JournalEvent => {
      const ts = new Date(T + seconds * 1_000).toISOString();
      return { ...event, v: 1, run: 'r', seq: i + 1, ts, id: `e${i}`, prev: '', evidence: [] };
    }),
  );
const started = (attempt: number): NewEvent => ({
  type: 'step.started',
  actor: by,
  data: { step: 's', attempt, deadline: T + 60_000 },
});
const intent = (attempt: number): NewEvent => ({
  type: 'intent',
  actor: by,
  data: { step: 's', call: 's.go', attempt, key: `k${attempt}`, putBy: T, epoch: 1 },
});
const outcome = (attempt: number, state: 'lost' | 'void' | 'refused'): NewEvent => ({
  type: 'outcome',
  actor: by,
  data: { step: 's', call: 's.go', attempt, key: `k${attempt}`, state },
});
const shown: NewEvent = {
  type: 'judged',
  actor: by,
  data: { step: 's', verdicts: { 's.go': { state: 'refuse' } } },
};
const retried: NewEvent = {
  type: 'operator.retry',
  actor: by,
  data: { step: 's', person: 'p', reason: 'r' },
};

describe('a clock that was set back', () => {
  const lost = [
    [0, started(1)],
    [1, intent(1)],
    [2, outcome(1, 'lost')],
    [3, shown],
  ] as const;

  it('lets one retry free one attempt, never the one after it (rule 3)', () => {
    const once = folded(...lost, [100, retried], [50, started(2)]);
    expect(once.calls['s.go']).toMatchObject({ attempt: 1, freed: true });
    const twice = folded(...lost, [100, retried], [50, intent(2)], [50, outcome(2, 'lost')]);
    expect(twice.calls['s.go']).toMatchObject({ attempt: 2, state: 'lost' });
    expect(twice.calls['s.go']).not.toHaveProperty('freed');
  });

  it('does not make a retry count for nothing', () => {
    const state = folded(
      [9_000, started(1)],
      [9_001, intent(1)],
      [9_002, outcome(1, 'refused')],
      [5, retried],
    );
    expect(state.calls['s.go']).toMatchObject({ freed: true });
  });

  it('takes no time from a step while the run is held', () => {
    const held: NewEvent = {
      type: 'operator.pause',
      actor: by,
      data: { person: 'p', reason: 'r' },
    };
    const resumed: NewEvent = { ...held, type: 'operator.resume' };
    const deadline = (back: number) =>
      folded([0, started(1)], [50, held], [back, resumed]).steps['s']?.deadline;
    expect(deadline(80)).toBe(T + 90_000);
    expect(deadline(10)).toBe(T + 60_000);
  });
});

test('a call on its way while somebody retries is lost to nobody: it is not set free (rule 3)', () => {
  const before = [
    [0, started(1)],
    [1, intent(1)],
    [2, retried],
  ] as const;
  expect(folded(...before, [3, outcome(1, 'lost')]).calls['s.go']).not.toHaveProperty('freed');
  expect(folded(...before, [3, outcome(1, 'void')]).calls['s.go']).toHaveProperty('freed');
});

test('a step that two people skipped is not begun again by a retry of the pause behind it', () => {
  const skipped: NewEvent = {
    type: 'step.finished',
    actor: by,
    data: { step: 's', result: 'skipped', durationMs: 0 },
  };
  const refusal = { code: 'RUN-WAVE', what: '', why: '', next: '' };
  const paused: NewEvent = { type: 'run.paused', actor: by, data: { step: 's', refusal } };
  const state = folded([0, paused], [1, skipped], [2, paused], [3, retried]);
  expect(state.paused).toBeUndefined();
  expect(state.steps['s']).toMatchObject({ state: 'skipped' });
});

test('a step that is tried again has not ended', async () => {
  const session = await runIn('running');
  const data = { step: 'ask', refusal: { code: 'X', what: '', why: '', next: '' }, durationMs: 1 };
  await session.append({ type: 'step.failed', actor: by, data });
  const ended = () => headOf(session)?.steps.find(({ id }) => id === 'ask')?.endedAt;
  expect(ended()).toBeDefined();
  const again = { step: 'ask', attempt: 2, deadline: T };
  await session.append({ type: 'step.started', actor: by, data: again });
  expect(ended()).toBeUndefined();
});

test('what people did by hand and nobody took back is left behind, and the end says so', async () => {
  const plan = planOf();
  const undo = step('undo-ask', { uses: 'test/ask', phase: 'undo', undoes: 'ask' });
  const session = await runIn('running', { ...plan, steps: [...plan.steps, undo] });
  await order(session, 'choi', { verb: 'answer', step: 'ask', part: 'performed', text: 'done' });
  await session.append({ type: 'undo.started', actor: by, data: { reason: 'r' } });
  await endRun(session, 'aborted', []);
  expect(session.state().ended?.residue).toEqual(['undo-ask (undo-ask) did not finish']);
});

const codeOf = async (session: Session, person: string, ask: Ask): Promise<string> => {
  const came = await order(session, person, ask);
  return came.type === 'refused' ? came.data.refusal.code : came.type;
};
const stop: Ask = { verb: 'pause', reason: 'r' };

test('a wish of another version is refused and keeps no other from being heard', async () => {
  const session = await runIn('running');
  const strange = { run: session.run, at: 0, person: 'han' };
  const bodies = ['{"v":2,"ask":{"verb":"dance"}}', 'no JSON', ''];
  for (const [i, body] of bodies.entries()) {
    await session.engine.store.putInbox({ ...strange, delivery: `d${i}`, body });
  }
  expect(await codeOf(session, 'han', stop)).toBe('operator.pause');
  const told = session.events().filter(({ type }) => type === 'refused');
  expect(told).toHaveLength(bodies.length);
  expect(told[0]).toMatchObject({ data: { refusal: { code: 'RUN-UNREADABLE' }, person: 'han' } });
  expect(await session.engine.store.inbox(session.run)).toEqual([]);
});

describe('in the instant between a decision and the end of the run', () => {
  const denied: NewEvent = {
    type: 'approval.rejected',
    actor: by,
    data: { planHash: HASH, person: 'lee', role: 'approver', reason: 'no', via: 'cli' },
  };
  const expired: NewEvent = {
    type: 'approval.expired',
    actor: by,
    data: { planHash: HASH, expiresAt: 1 },
  };

  it.each([
    ['denied', denied],
    ['expired', expired],
  ])('a run that was %s is not held any more', async (_, decided) => {
    const session = await runIn('awaiting-approval');
    await session.append(decided);
    expect(stageOf(session.state(), session.plan())).toBe('ended');
    expect(await codeOf(session, 'han', stop)).toBe('RUN-NOT-OPEN');
  });

  it('an approval taken back right after the facts were read has them read again (rule 2)', async () => {
    const session = await runIn('awaiting-approval');
    const data = { planHash: HASH, person: 'oh', role: 'approver', nonce: 'm', via: 'cli' };
    const granted: NewEvent = { type: 'approval.granted', actor: by, data };
    const checked: NewEvent = {
      type: 'facts.checked',
      actor: by,
      data: { at: 'quorum', factsHash: HASH, verdict: 'same', diff: [] },
    };
    await session.append(granted);
    await session.append(checked);
    const next = () => decide(session.state(), session.plan(), session.engine.clock.now());
    expect(next()).toEqual({ do: 'complete-approval' });
    const back = { planHash: HASH, person: 'oh', reason: 'r' };
    await session.append({ type: 'approval.withdrawn', actor: by, data: back });
    await session.append(granted);
    expect(next()).toEqual({ do: 'check-facts', at: 'quorum' });
  });

  it('nobody approves what was aborted or taken over', async () => {
    const approve: Ask = { verb: 'approve', planHash: HASH };
    const aborted = await runIn('awaiting-approval');
    await order(aborted, 'han', { verb: 'abort', reason: 'r' });
    expect(await codeOf(aborted, 'lee', approve)).toBe('APR-NOTHING-PENDING');
    const taken = await runIn('awaiting-approval');
    const data = { unit: 'u', epoch: 2, by: 'r-other' };
    await taken.append({ type: 'run.pre-empted', actor: by, data });
    expect(await codeOf(taken, 'lee', approve)).toBe('APR-NOTHING-PENDING');
  });
});

test('an abort with undo, pressed again where the undo stopped, does not end it uncleaned', async () => {
  const session = await runIn('running');
  const undo: Ask = { verb: 'abort', reason: 'r', mode: 'undo' };
  expect(await codeOf(session, 'han', undo)).toBe('operator.abort');
  await session.append({ type: 'undo.started', actor: by, data: { reason: 'r' } });
  const refusal = { code: 'RUN-LATE', what: 'late', why: 'so', next: '' };
  const data = { step: 'undo-split', refusal };
  await session.append({ type: 'run.paused', actor: by, data });
  expect(await codeOf(session, 'oh', undo)).toBe('RUN-NOT-OPEN');
  expect(await codeOf(session, 'oh', { verb: 'abort', reason: 'r' })).toBe('operator.abort');
  expect(session.state().aborted).toMatchObject({ mode: 'keep', again: false });
});

/** What an item of the store holds, with room for its keys. */
const ITEM_MAX = 400_000;

describe('what is too large for one item of the store', () => {
  it('is never written: an order longer than anybody reads is refused', async () => {
    const session = await runIn('running');
    const long: Ask = { verb: 'note', text: '가'.repeat(200_000) };
    expect(await codeOf(session, 'han', long)).toBe('RUN-REASON');
  });

  it('stops the step that says it, and people are told', async () => {
    const session = await runIn('running');
    const known = actions.get('test/ask');
    if (known === undefined) throw new Error('no test/ask');
    const reason = 'x'.repeat(ITEM_MAX);
    const judge = () => ({ verdicts: { ask: { state: 'pending' as const, reason } } });
    actions.set('test/ask', { ...known, judge });
    await workOn(session, 'ask').finally(() => actions.set('test/ask', known));
    expect(session.state().steps['ask']).toMatchObject({
      state: 'failed',
      refusal: { code: 'RUN-TOO-LARGE' },
    });
  });

  it('is cut where a run ends: thousands of reasons do not keep it from ending', async () => {
    const session = await runIn('running');
    await endRun(session, 'failed', Array<string>(3_000).fill('이유 '.repeat(2_000)));
    const lines = await session.engine.store.chain(`run:${session.run}`);
    expect(Buffer.byteLength(lines.at(-1)?.line ?? '')).toBeLessThan(ITEM_MAX);
    expect(session.state().ended?.reasons.at(-1)).toBe('and 2960 more');
  });
});

describe('a gateway that lost its memory', () => {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const forgot = () =>
    Promise.reject(new RunError('RUN-GATEWAY-FORGOT', 'Gateway dr has lost its memory.', 'so'));

  async function forgetful(stage: 'running' | 'held', gateway: Partial<Gateway>): Promise<Session> {
    const session = await runIn(stage);
    const dr = { site: 'dr', journal: forgot, health: forgot, ...gateway } as Gateway;
    return openSession(
      { ...session.engine, witness: { keyId: 'w', privateKey }, gateways: new Map([['dr', dr]]) },
      session.run,
    );
  }

  it('ends a run that sent nothing when it is told the epoch, instead of failing for ever', async () => {
    const session = await forgetful('running', { announce: forgot });
    expect(await announceEpoch(session, 'dr')).toEqual({ next: 'again' });
    expect(session.state().ended?.reasons[0]).toContain('RUN-GATEWAY-FORGOT');
  });

  it('is waited for by a run that has sent something', async () => {
    const session = await forgetful('running', { announce: forgot });
    await session.append(intent(1));
    expect(await announceEpoch(session, 'dr')).toMatchObject({ next: 'wait' });
    expect(session.state().ended).toBeUndefined();
  });

  it('ends a wish to skip, which would else keep the run from its clean-up', async () => {
    const session = await forgetful('held', { skip: forgot });
    await order(session, 'han', { verb: 'skip', step: 'split', reason: 'r' });
    await order(session, 'oh', { verb: 'confirm-skip', step: 'split' });
    await passOver(session, { do: 'deliver-skip', step: 'split', site: 'dr' });
    expect(session.state().skips).toEqual({});
    expect(session.events().at(-1)).toMatchObject({ type: 'skip.declined' });
  });
});
