/** What a report says was lost, from the journal of a run alone: proved, measured, estimated, unknown. */
import { canonical } from '../../lib/canonical.ts';
import { lossOf } from '../../lib/evidence/loss.ts';
import { objectivesOf } from '../../lib/evidence/objectives.ts';
import { type EventType, parseEvent } from '../../lib/run/events.ts';
import type { Plan, PlanStep } from '../../lib/runbook/plan.ts';
import { config, planOf } from './fixture.ts';

const START = Date.UTC(2026, 10, 22, 1, 0, 0);
const [service] = config.services;

type Told = readonly [second: number, type: EventType, data: unknown];

/** A run with these steps (`<id>: <action>`), of which these things are told. */
function content(
  uses: Readonly<Record<string, string>>,
  told: readonly Told[],
  drillType: Plan['drillType'] = 'real-disaster',
): Parameters<typeof lossOf>[0] {
  const steps = Object.entries(uses).map(
    ([id, name]): PlanStep => ({
      ...{ id, uses: name, title: { ko: id, en: id }, phase: 'forward', input: {} },
      ...{ needs: [], withinMs: 60_000 },
      ...(id.startsWith('undo-') ? { phase: 'undo', undoes: id.slice('undo-'.length) } : {}),
    }),
  );
  const events = told.map(([second, type, data], i) =>
    parseEvent(
      canonical({
        ...{ v: 1, run: 'r', seq: i + 1, id: String(i), prev: '0'.repeat(64), evidence: [] },
        ts: new Date(START + second * 1_000).toISOString(),
        actor: { id: 'drillbook', kind: 'system' },
        ...{ type, data },
      }),
    ),
  );
  const opening = { drill: 'DR-2026-001', run: 'r', service: 's', runbook: 'b', requester: 'p' };
  return { events, plan: { ...planOf('r'), drillType, steps }, opening };
}

const judged = (second: number, step: string, reading: unknown, state = 'done'): Told => [
  second,
  'judged',
  { step, verdicts: { [step]: { state, reading } } },
];
const done = (second: number, step: string): Told => [
  second,
  'step.finished',
  { step, result: 'done', durationMs: 1 },
];
const declared = (second: number, exactMs = 1_000): Told => [
  0,
  'disaster.declared',
  { step: 'd', person: 'p', role: 'r', occurredAt: START + second * 1_000, exactMs, text: 't' },
];

const swap = { drain: 'replication/drain', swap: 'replication/swap' };
const proof = { proof: 'rpo-0', marker: 'ff', at: START };

test('0 only with the proof, given before the sides changed and not taken back', () => {
  const proven = content(swap, [judged(10, 'drain', proof), done(20, 'swap')], 'planned-switch');
  expect(lossOf(proven)).toMatchObject({ lossMs: 0, errorMs: 0, method: 'proven' });
  for (const told of [
    [done(20, 'swap')],
    [judged(10, 'drain', { marker: 'ff' }), done(20, 'swap')],
    [judged(10, 'drain', proof, 'pending'), done(20, 'swap')],
    [judged(10, 'drain', proof), judged(15, 'drain', { marker: 'aa' }), done(20, 'swap')],
    [done(20, 'swap'), judged(30, 'drain', proof)],
  ]) {
    expect(lossOf(content(swap, told, 'planned-switch'))).toEqual({
      why: expect.objectContaining({ en: expect.stringMatching(/no proof/) }),
    });
  }
  const back = content(
    { ...swap, 'undo-swap': 'replication/swap' },
    [judged(10, 'drain', proof), done(20, 'swap'), done(30, 'undo-swap')],
    'planned-switch',
  );
  expect(lossOf(back)).toEqual({
    why: expect.objectContaining({ en: expect.stringMatching(/not moved/) }),
  });
});

const over = {
  look: 'replication/assert',
  take: 'replication/takeover',
  beat: 'heartbeat/measure',
};
const found = (second: number) => ({
  ...{ site: 'dr', beat: 'first', heartbeat: 7, skewMs: 0 },
  at: new Date(START + second * 1_000).toISOString(),
});
const taken = [judged(60, 'take', { qMarker: '0a' }), done(60, 'take')];

test('heartbeats come before markers, and a disaster that nobody declared has no end', () => {
  const beat = [...taken, judged(90, 'beat', found(20))];
  expect(lossOf(content(over, [declared(30), ...beat]))).toMatchObject({
    ...{ method: 'measured', lossMs: 9_500, errorMs: 1_500 },
  });
  // To the minute who says no seconds, but never beyond the takeover.
  expect(lossOf(content(over, [declared(30, 60_000), ...beat]))).toMatchObject({
    lossMs: 20_000,
    errorMs: 20_000,
  });
  expect(lossOf(content(over, beat))).toEqual({
    why: expect.objectContaining({ en: expect.stringMatching(/no disaster was declared/) }),
  });
});

test('servers that an earlier run had stopped lost nothing of what came after', () => {
  const rest = { stopping: START + 20_000, stopped: START + 26_000 };
  const steps = { ...over, silent: 'servers/assert-off' };
  const said = (at: number, known: unknown) =>
    lossOf(
      content(steps, [
        ...[declared(600), judged(620, 'silent', { unknown: 'silent', rest: known })],
        ...[judged(660, 'take', { qMarker: '0a' }), done(660, 'take')],
        judged(690, 'beat', found(at)),
      ]),
    );
  expect(said(22, rest)).toMatchObject({
    ...{ method: 'measured', lossMs: 2_000, errorMs: 2_000, countedTo: rest.stopped },
  });
  // Whether they were off when main ended nobody has seen.
  expect(said(22, { stopping: rest.stopping })).toMatchObject({
    ...{ lossMs: 289_500, errorMs: 289_500 },
  });
  // Main ended while they were being started again.
  expect(said(22, { ...rest, started: START + 590_000 })).toMatchObject({
    ...{ lossMs: 289_500, errorMs: 289_500 },
  });
  // They were up again, too short for a heartbeat to come over: records may have.
  expect(said(22, { started: START + 598_000 })).toMatchObject({ lossMs: 289_500 });
  expect(said(599, { started: START + 598_000 })).toMatchObject({ lossMs: 1_000, errorMs: 1_000 });
  // They wrote on: somebody started them by hand.
  expect(said(300, rest)).toMatchObject({ lossMs: 299_500, errorMs: 1_500 });
  // Stopping began when main had ended already.
  expect(said(22, { stopping: START + 601_001 })).toMatchObject({ lossMs: 577_500 });
});

test('without a heartbeat the samples of main’s marker give an estimate with its error', () => {
  const sample = (second: number, marker: string) =>
    judged(second, 'look', { marker, t0: START + second * 1_000 }, 'pending');
  const samples = [sample(5, '08'), sample(10, '0a'), sample(15, '0c')];
  expect(lossOf(content(over, [declared(20), ...samples, ...taken]))).toMatchObject({
    ...{ method: 'estimated', lossMs: 7_500, errorMs: 3_500 },
  });
  expect(lossOf(content(over, [declared(20), sample(15, '0c'), ...taken]))).toEqual({
    why: expect.objectContaining({ en: expect.stringMatching(/newer than what arrived/) }),
  });
  expect(lossOf(content(over, [declared(20), ...taken]))).toEqual({
    why: expect.objectContaining({ en: expect.stringMatching(/not sampled before/) }),
  });
});

test('restored from backups, it goes on from the oldest of them', () => {
  const told = [declared(600), done(660, 'restore')];
  const restored = content({ restore: 'backups/restore' }, told);
  const said = (...at: string[]) => {
    const backups = at.map((one) => ({ main: 'm', backup: 'b', at: one, sizeGiB: 1 }));
    const { facts, ...plan } = restored.plan ?? planOf('r');
    const bound = { ...(facts.bound as object), backups };
    return lossOf({ ...restored, plan: { ...plan, facts: { ...facts, bound } } });
  };
  expect(said('2026-11-22T01:05:00.000000', '2026-11-22T01:02:00.000000')).toEqual({
    ...{ method: 'estimated', lossMs: 479_500, errorMs: 1_500, skewMs: 180_000 },
    countedTo: START + 601_000,
  });
  expect(said('yesterday')).toMatchObject({ why: { en: expect.stringContaining('not known') } });
  expect(said()).toMatchObject({ why: { en: expect.stringContaining('not known') } });
  // Without a declaration nobody knows when main ended.
  const silent = content({ restore: 'backups/restore' }, [done(660, 'restore')]);
  expect(lossOf(silent)).toMatchObject({ why: { en: expect.stringContaining('ended') } });
});

test('a drill on copies, and a run that moved nothing, lose nothing and claim nothing', () => {
  const copies = content(swap, [judged(10, 'drain', proof), done(20, 'swap')], 'isolated-copy');
  expect(lossOf(copies)).toEqual({
    why: expect.objectContaining({ en: 'not assessed (drill on copies)' }),
  });
  expect(lossOf(content(over, [declared(30)]))).toEqual({
    why: expect.objectContaining({ en: expect.stringMatching(/not moved/) }),
  });
});

const tier = {
  rpoSeconds: 10,
  rtoMinutes: 120,
  distanceKm: 0,
  sites: 2,
  replication: ['UR'] as const,
};
const law = {
  industry: 'bank' as const,
  criticalRtoMinutes: { bank: 180, insurer: 1440 },
  switchEveryDays: 365,
  country: 'KR',
};
const policy = (rtoFrom: 'T0' | 'T1') => ({
  ...{ rtoFrom, law },
  tiers: {
    platinum: { ...tier, replication: ['UR' as const] },
    gold: { ...tier, replication: ['UR' as const] },
    silver: { ...tier, replication: ['UR' as const] },
    bronze: { ...tier, replication: ['UR' as const] },
  },
});
const measured = (lossMs: number, errorMs: number) => ({
  lossMs,
  errorMs,
  method: 'measured' as const,
});

test.each([
  [121 * 60_000, measured(5_000, 5_000), false, true],
  [120 * 60_000, measured(9_000, 2_000), true, null],
  [0, measured(13_000, 2_000), true, false],
])('an RTO of %i ms and a loss of %j: met %j, %j', (took, loss, rto, rpo) => {
  const given = { service, policy: policy('T1'), rto: { value: took }, loss };
  expect(objectivesOf(given)).toMatchObject({ rto: { from: 'T1', met: rto }, rpo: { met: rpo } });
});

test('the law binds a critical function whatever was promised', () => {
  const slow = service === undefined ? undefined : { ...service, rtoMinutes: 600 };
  const rto = { value: 181 * 60_000 };
  const given = { service: slow, policy: policy('T0'), rto, loss: measured(0, 0) };
  expect(objectivesOf(given)?.rto).toEqual({
    from: 'T0',
    limitMs: 36_000_000,
    lawMs: 10_800_000,
    met: false,
  });
  const other = slow && { ...slow, critical: false };
  expect(objectivesOf({ ...given, service: other })?.rto).toMatchObject({ lawMs: null, met: true });
});
