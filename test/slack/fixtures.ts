/** Heads, plans and events of a run, ordinary or as large as they get. */
import { iso } from '../../lib/clock.ts';
import type { JournalEvent, NewEvent } from '../../lib/run/events.ts';
import type { Head } from '../../lib/run/head.ts';
import { type Plan, planSchema } from '../../lib/runbook/plan.ts';

export const T = Date.UTC(2026, 10, 22, 1, 0, 0);
export const RUN = 'r-0123456789';
export const HASH = 'ab12cd34'.repeat(8);

export function makeHead(over: Partial<Head> = {}): Head {
  return {
    v: 1,
    run: RUN,
    drill: 'DR-2026-001',
    seq: 3,
    state: 'awaiting-approval',
    openedAt: T,
    service: { id: 'payments', name: { ko: '지급결제 계정계', en: 'Payments core' } },
    runbook: { id: 'drill-copy', title: { ko: '복제본 기반 모의훈련', en: 'Drill on copies' } },
    requester: 'p-3ce3094d',
    planHash: HASH,
    class: 'copy',
    plan: { calls: 42, servers: 4, volumes: 12, sites: ['main', 'dr'] },
    approval: {
      state: 'requested',
      needed: 2,
      role: 'dr-approver',
      granted: [],
      expiresAt: T + 7_200_000,
    },
    steps: steps(3),
    asks: [],
    clocks: {},
    ...over,
  };
}

export const steps = (count: number, title = '복제본 상태 확인'): Head['steps'] =>
  Array.from({ length: count }, (_, i) => ({
    id: `step${i}`,
    title: { ko: `${title} ${i}`, en: `Check the copies ${i}` },
    phase: i === count - 1 ? ('always' as const) : ('forward' as const),
    state: 'waiting' as const,
  }));

export function makePlan(size: { steps?: number; calls?: number; words?: string } = {}): Plan {
  const words = size.words ?? '복제본을 한 시점에 분리';
  return planSchema.parse({
    v: 1,
    run: RUN,
    drillType: 'isolated-copy',
    runbook: { id: 'drill-copy', title: { ko: words, en: words }, sha256: HASH },
    service: { id: 'payments', name: { ko: words, en: words }, tier: 'platinum' },
    unit: 'PAY01',
    approval: { people: 2, role: 'dr-approver', expiresMs: 1, runWithinMs: 1 },
    class: 'copy',
    sites: ['main', 'dr'],
    facts: { bound: {}, classed: {} },
    factsHash: HASH,
    steps: steps(size.steps ?? 3, words).map(({ id, title, phase }) => ({
      id,
      uses: 'clone/split',
      title,
      phase,
      input: {},
      needs: [],
      withinMs: 1,
    })),
    calls: Array.from({ length: size.calls ?? 2 }, (_, i) => ({
      id: `step0.call${i}`,
      step: 'step0',
      site: 'dr',
      target: 'array:900000040015',
      method: 'PUT',
      path: `/v1/objects/storages/900000040015/local-clone-copygroups/PAY01-${i}`,
      after: [],
      phase: 'forward',
      class: 'copy',
      guards: [],
      holes: [],
      sends: 1,
      words: { ko: words, en: words },
    })),
  });
}

export function makeEvents(events: readonly NewEvent[], from = 1): JournalEvent[] {
  return events.map((event, i) => ({
    evidence: [],
    ...event,
    v: 1 as const,
    run: RUN,
    seq: from + i,
    ts: iso(T + i * 1000),
    id: `e${from + i}`,
    prev: HASH,
  }));
}

const human = { id: 'p-f054e0b8', kind: 'human' as const };
const bot = { id: 'drillbook', kind: 'system' as const };

/** Every event people are told about, and some they are not, with `text` as foreign text. */
export function everyEvent(text: string): NewEvent[] {
  const refusal = { code: 'APR-SELF', what: text, why: text, next: text };
  const person = 'p-f054e0b8';
  const step = 'step0';
  const at = { actor: bot };
  return [
    {
      ...at,
      type: 'run.opened',
      data: {
        drill: 'DR-2026-001',
        runbook: text,
        service: text,
        requester: person,
        via: 'slack',
        delivery: 'd',
      },
    },
    { ...at, type: 'conductor.started', data: { generation: 1 } },
    { ...at, type: 'lock', data: { unit: text, epoch: 1, state: 'taken' } },
    { ...at, type: 'lock', data: { unit: text, epoch: 1, state: 'released' } },
    {
      ...at,
      type: 'plan.resolved',
      data: { planHash: HASH, factsHash: HASH, calls: 2, class: 'copy' },
    },
    { ...at, type: 'plan.registered', data: { planHash: HASH, site: 'dr', class: 'copy' } },
    {
      ...at,
      type: 'facts.checked',
      data: { at: 'quorum', factsHash: HASH, verdict: 'same', diff: [] },
    },
    {
      ...at,
      type: 'facts.checked',
      data: { at: 'quorum', factsHash: HASH, verdict: 'worse', diff: [text, text] },
    },
    {
      ...at,
      type: 'approval.requested',
      data: { planHash: HASH, people: 2, role: text, expiresAt: T },
    },
    {
      actor: human,
      type: 'approval.granted',
      data: { planHash: HASH, person, role: text, nonce: 'n', via: 'slack' },
    },
    {
      actor: human,
      type: 'approval.rejected',
      data: { planHash: HASH, person, role: text, reason: text, via: 'slack' },
    },
    { ...at, type: 'approval.expired', data: { planHash: HASH, expiresAt: T } },
    { ...at, type: 'approval.voided', data: { planHash: HASH, diff: [text] } },
    { ...at, type: 'approval.complete', data: { planHash: HASH } },
    { ...at, type: 'approval.delivered', data: { planHash: HASH, site: 'dr', covered: 'copy' } },
    { ...at, type: 'refused', data: { person, verb: 'approve', delivery: 'd', refusal } },
    { ...at, type: 'step.started', data: { step, attempt: 1, deadline: T } },
    { ...at, type: 'step.started', data: { step, attempt: 2, deadline: T } },
    { ...at, type: 'step.finished', data: { step, result: 'done', durationMs: 62_000 } },
    { ...at, type: 'step.finished', data: { step, result: 'not-needed', durationMs: 0 } },
    { ...at, type: 'step.failed', data: { step, refusal, durationMs: 5000 } },
    {
      ...at,
      type: 'intent',
      data: { step, call: 'step0.call0', attempt: 1, key: 'k', putBy: T, epoch: 1 },
    },
    {
      ...at,
      type: 'outcome',
      data: { step, call: text, attempt: 1, key: 'k', state: 'answered', status: 200 },
    },
    {
      ...at,
      type: 'outcome',
      data: { step, call: text, attempt: 1, key: 'k', state: 'refused', status: 409, refusal },
    },
    { ...at, type: 'outcome', data: { step, call: text, attempt: 1, key: 'k', state: 'lost' } },
    {
      actor: human,
      type: 'manual.step',
      data: { step, person, role: 'dba', part: 'performed', text },
    },
    {
      actor: human,
      type: 'manual.step',
      data: { step, person, role: 'dba', part: 'witnessed', text },
    },
    { actor: human, type: 'service.confirmed', data: { step, person, role: 'dba', text } },
    {
      ...at,
      type: 'check.result',
      data: { step, check: text, kind: 'http', expected: text, actual: text, verdict: 'passed' },
    },
    {
      ...at,
      type: 'check.result',
      data: { step, check: text, kind: 'http', expected: text, actual: text, verdict: 'failed' },
    },
    { ...at, type: 'replication.sample', data: { step, states: ['PAIR'] } },
    { ...at, type: 'run.paused', data: { step, refusal } },
    { actor: human, type: 'operator.retry', data: { step, person, reason: text } },
    { actor: human, type: 'operator.abort', data: { person, reason: text } },
    { actor: human, type: 'note', data: { person, text } },
    { ...at, type: 'run.ended', data: { result: 'failed', reasons: [text], residue: [text] } },
  ];
}
