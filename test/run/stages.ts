/** A run of the engine in memory, brought into any state by a journal of its own. */
import * as z from 'zod';
import type { Action } from '../../lib/actions/action.ts';
import type { Standing } from '../../lib/approval/directory.ts';
import { canonical } from '../../lib/canonical.ts';
import { manualClock } from '../../lib/clock.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { seededRandom } from '../../lib/random.ts';
import type { Engine } from '../../lib/run/engine.ts';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import type { Ask } from '../../lib/run/inbox.ts';
import { takeIn } from '../../lib/run/moves/intake.ts';
import { DRILLBOOK, keep, openSession, type Session } from '../../lib/run/session.ts';
import type { Stage } from '../../lib/run/verbs.ts';
import type { DangerClass, Plan, PlanCall } from '../../lib/runbook/plan.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import { step } from './steps.ts';

const RUN = 'r-0123456789';
const HASH = 'a'.repeat(64);

const call = (of: string, phase: PlanCall['phase']): PlanCall => ({
  id: `${of}.go`,
  step: of,
  site: 'dr',
  target: 'nova:dr',
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

/** look, split (sends), ask (a person's), later, declare (a person's); undo-split; resync. */
export const planOf = (danger: DangerClass = 'copy'): Plan => ({
  v: 1,
  run: RUN,
  drillType: 'isolated-copy',
  runbook: { id: 'b', title: { ko: 'b', en: 'b' }, sha256: '' },
  service: { id: 's', name: { ko: 's', en: 's' }, tier: 'gold' },
  unit: 'u',
  approval: { people: 2, role: 'approver', expiresMs: 3_600_000, runWithinMs: 3_600_000 },
  class: danger,
  facts: { bound: {}, classed: {} },
  factsHash: '',
  sites: ['main', 'dr'],
  steps: [
    step('look'),
    step('split', { needs: ['look'] }),
    step('ask', { uses: 'test/ask', needs: ['look'] }),
    step('later', { needs: ['split'] }),
    step('declare', { uses: 'test/declare', needs: ['later'] }),
    step('undo-split', { phase: 'undo', undoes: 'split' }),
    step('resync', { phase: 'always', undoes: 'split' }),
  ],
  calls: [call('split', 'forward'), call('undo-split', 'undo'), call('resync', 'always')],
});

const action = (name: string, asks?: Action['asks']): Action => ({
  name,
  input: z.unknown(),
  title: { ko: name, en: name },
  withinMs: 60_000,
  pollMs: 1_000,
  facts: [],
  preexisting: 'refuse',
  plan: () => [],
  observe: async () => undefined,
  judge: () => ({ verdicts: {} }),
  ...(asks === undefined ? {} : { asks }),
});

const question = { role: 'dba', instruction: { ko: '작업', en: 'work' }, witness: true };
export const actions = new Map<string, Action>([
  ['test/step', action('test/step')],
  ['test/ask', action('test/ask', () => question)],
  ['test/declare', action('test/declare', () => ({ ...question, witness: false, declares: true }))],
]);

const known = (...roles: string[]): Standing => ({
  state: 'known',
  roles,
  flags: [],
  sharedChannel: false,
});
/** Who they are: kim asked for the run. */
const people: Readonly<Record<string, Standing>> = {
  kim: known('requester'),
  han: known('operator'),
  oh: known('operator'),
  lee: known('approver'),
  choi: known('dba'),
  nam: known(),
};

const config = await loadConfig('config');

function engineOf(): Engine {
  const clock = manualClock();
  const random = seededRandom('stages');
  return {
    store: memoryStore(),
    blobs: memoryBlobs(),
    gateways: new Map(),
    actions,
    clock,
    random,
    directory: {
      lookup: async (person) => people[person] ?? { state: 'unknown' },
      recheck: async (person) => people[person] ?? { state: 'unknown' },
    },
    ledger: {
      openDrill: async () => ({ drill: 'DR-2026-001', hash: HASH }),
      closeRun: async () => undefined,
    },
    witness: { keyId: 'w', privateKey: '' },
    config: async () => config,
    runbook: async () => ({ file: 'b.yml', text: '' }),
  };
}

/** What brings a run into each state, on top of what was journaled for the state before it. */
export const refusal = { code: 'RUN-LATE', what: 'late', why: 'so', next: '' };
const by = DRILLBOOK;
const finish = (id: string): NewEvent[] => [
  { type: 'step.started', actor: by, data: { step: id, attempt: 1, deadline: 9e12 } },
  { type: 'step.finished', actor: by, data: { step: id, result: 'done', durationMs: 1 } },
];
const start = (id: string, deadline: number): NewEvent => ({
  type: 'step.started',
  actor: by,
  data: { step: id, attempt: 1, deadline },
});

const approved: NewEvent[] = [
  { type: 'approval.complete', actor: by, data: { planHash: HASH } },
  ...['main', 'dr'].map(
    (site): NewEvent => ({
      type: 'approval.delivered',
      actor: by,
      data: { planHash: HASH, site, covered: 'copy' },
    }),
  ),
];

function eventsTo(stage: Stage, now: number): NewEvent[] {
  const collecting: NewEvent[] = [
    {
      type: 'approval.requested',
      actor: by,
      data: { planHash: HASH, people: 2, role: 'approver', expiresAt: now + 3_600_000 },
    },
    {
      type: 'approval.granted',
      actor: by,
      data: { planHash: HASH, person: 'lee', role: 'approver', via: 'cli', nonce: 'n' },
    },
  ];
  const running: NewEvent[] = [
    ...collecting,
    ...approved,
    ...finish('look'),
    start('ask', now + 60_000),
  ];
  const failed: NewEvent = {
    type: 'step.failed',
    actor: by,
    data: { step: 'split', refusal, durationMs: 1 },
  };
  const paused: NewEvent = { type: 'run.paused', actor: by, data: { step: 'split', refusal } };
  switch (stage) {
    case 'opening':
      return [];
    case 'awaiting-approval':
      return collecting;
    case 'running':
      return running;
    case 'held':
      return [
        ...running,
        { type: 'operator.pause', actor: by, data: { person: 'han', reason: 'wait' } },
      ];
    case 'paused':
      return [...running, start('split', now + 60_000), failed, paused];
    case 'undoing':
      return [...running, { type: 'undo.started', actor: by, data: { reason: 'no' } }];
    case 'cleaning-up':
      return [...running, ...['ask', 'split', 'later', 'declare'].flatMap(finish)];
    case 'ended':
      return [
        ...running,
        { type: 'run.ended', actor: by, data: { result: 'failed', reasons: [], residue: [] } },
      ];
  }
}

/** A session on a run that stands in `stage`. */
export async function runIn(stage: Stage, plan: Plan = planOf()): Promise<Session> {
  const engine = engineOf();
  const session = await openSession(engine, RUN);
  await session.open(HASH, {
    type: 'run.opened',
    actor: { id: 'kim', kind: 'human' },
    data: {
      drill: 'DR-2026-001',
      runbook: 'b',
      service: 's',
      requester: 'kim',
      via: 'cli',
      delivery: 'd',
    },
  });
  await session.append({ type: 'conductor.started', actor: by, data: { generation: 1 } });
  await session.append({
    type: 'plan.resolved',
    actor: by,
    evidence: [await keep(engine, { label: 'plan', text: canonical(plan) })],
    data: { planHash: HASH, factsHash: HASH, calls: 3, class: plan.class },
  });
  await session.loadPlan();
  await session.append({
    type: 'lock',
    actor: by,
    data: { unit: 'u', epoch: 1, state: 'taken' },
  });
  for (const site of ['main', 'dr']) {
    const data = { planHash: HASH, site, class: plan.class };
    await session.append({ type: 'plan.registered', actor: by, data });
  }
  for (const event of eventsTo(stage, engine.clock.now())) await session.append(event);
  return session;
}

/** The wish goes in where every door puts it; answers the event that came of it. */
export async function order(session: Session, person: string, ask: Ask): Promise<JournalEvent> {
  const { store, clock, random } = session.engine;
  await store.putInbox({
    run: session.run,
    delivery: random(8),
    at: clock.now(),
    person,
    body: canonical({ v: 1, origin: { via: 'cli' }, ask }),
  });
  await takeIn(session);
  const last = session.events().at(-1);
  if (last === undefined) throw new Error('nothing was journaled');
  return last;
}
