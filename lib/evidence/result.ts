/** `result.json` and `head.json`: what a machine reads of a pack. `null` always has a reason. */
import * as z from 'zod';
import { sha256 } from '../canonical.ts';
import type { Config } from '../config.ts';
import { type RunResult, runResults } from '../run/event-data.ts';
import { planSchema, textSchema } from '../runbook/plan.ts';
import type { Fork } from './branches.ts';
import { type DrillContent, eventsOf, type RunContent } from './content.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const headFileSchema = z.strictObject({
  v: z.literal(1),
  drill: z.string(),
  runs: z
    .array(
      z.strictObject({
        run: z.string(),
        events: z.int(),
        head: hash,
        /** Lines of another plane that branch off behind event `after`. */
        forks: z
          .array(
            z.strictObject({
              plane: z.string(),
              after: z.int(),
              events: z.int(),
              head: hash,
            }),
          )
          .optional(),
      }),
    )
    .min(1),
  /** Hash of the last record in `ledger.jsonl`: the ledger before `drill.closed`. */
  ledgerHead: hash,
  ledgerRecords: z.int(),
});
export type HeadFile = z.infer<typeof headFileSchema>;

/** A value that was measured, or null and why it was not. Times are UTC, durations in ms. */
const measured = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value: value.nullable(), reason: textSchema.optional() });
const instant = measured(z.string());
const duration = measured(z.int());
export type Measured<T> = { value: T | null; reason?: { ko: string; en: string } | undefined };

export const resultFileSchema = z.strictObject({
  v: z.literal(1),
  drill: z.string(),
  run: z.string(),
  /** null when the runbook could not be read. */
  drillType: planSchema.shape.drillType.nullable(),
  title: textSchema,
  runbook: z.string(),
  requester: z.string(),
  company: textSchema,
  service: z.strictObject({
    id: z.string(),
    name: textSchema,
    tier: z.string().nullable(),
    critical: z.boolean().nullable(),
    rtoMinutes: z.int().nullable(),
  }),
  sites: z.array(z.strictObject({ id: z.string(), name: textSchema })),
  result: z.enum(runResults),
  reasons: z.array(z.string()),
  residue: z.array(z.string()),
  openedAt: z.string(),
  endedAt: z.string(),
  clocks: z.strictObject({ t0: instant, t1: instant, t2: instant, t3: instant, t4: instant }),
  elapsed: z.strictObject({ t3FromT2: duration, t4FromT2: duration, t4FromT3: duration }),
  rto: duration,
  rpo: duration,
  checks: z.strictObject({ passed: z.int(), failed: z.int() }),
  /** True when any receipt came from a simulated array or cloud. */
  simulated: z.boolean(),
  /** A drill of several runs: how each ended. Above, `result` is the worst, all else the first's. */
  runs: z
    .array(
      z.strictObject({
        run: z.string(),
        service: z.string(),
        runbook: z.string(),
        requester: z.string(),
        result: z.enum(runResults),
        residue: z.array(z.string()),
        openedAt: z.string(),
        endedAt: z.string(),
      }),
    )
    .optional(),
});
export type ResultFile = z.infer<typeof resultFileSchema>;

const both = (text: string) => ({ ko: text, en: text });

export function headFile({ drill, runs, ledger }: DrillContent): HeadFile {
  return {
    v: 1,
    drill,
    runs: runs.map(({ run, events, head, forks }) => ({
      ...{ run, events: events.length, head },
      ...(forks.length === 0 ? {} : { forks: forks.map(forkHead) }),
    })),
    ledgerHead: ledger.at(-1)?.hash ?? '',
    ledgerRecords: ledger.length,
  };
}

const forkHead = ({ plane, after, lines }: Fork) => ({
  ...{ plane, after, events: lines.length },
  head: sha256(lines.at(-1) ?? ''),
});

/** From what a drill aims at to what must not be hidden by anything else. */
const worsening: readonly RunResult[] = [
  'passed',
  'conditional',
  'denied',
  'expired',
  'voided',
  'aborted',
  'pre-empted',
  'failed',
];

export const worstOf = (results: readonly RunResult[]): RunResult =>
  worsening[Math.max(...results.map((result) => worsening.indexOf(result)))] ?? 'failed';

export function drillResult({ runs }: DrillContent, config: Config): ResultFile {
  const [first] = runs;
  const result = resultFile(first, config);
  if (runs.length === 1) return result;
  const ends = runs.map((content) => resultFile(content, config));
  return {
    ...result,
    result: worstOf(ends.map((end) => end.result)),
    reasons: ends.flatMap((end) => end.reasons.map((reason) => `${end.run}: ${reason}`)),
    residue: ends.flatMap((end) => end.residue.map((rest) => `${end.run}: ${rest}`)),
    endedAt: ends.map((end) => end.endedAt).reduce((a, b) => (a > b ? a : b)),
    checks: {
      passed: ends.reduce((sum, end) => sum + end.checks.passed, 0),
      failed: ends.reduce((sum, end) => sum + end.checks.failed, 0),
    },
    simulated: ends.some((end) => end.simulated),
    runs: ends.map((end) => ({
      ...{ run: end.run, service: end.service.id, runbook: end.runbook },
      ...{ requester: end.requester, result: end.result, residue: end.residue },
      ...{ openedAt: end.openedAt, endedAt: end.endedAt },
    })),
  };
}

export function resultFile(content: RunContent, config: Config): ResultFile {
  const { events, ended, opening, plan, configuration } = content;
  const known = configuration?.service ?? config.services.find(({ id }) => id === opening.service);
  const drillType = plan?.drillType ?? opening.drillType ?? null;
  const checks = lastVerdicts(events);
  const clocks = clocksOf(content, drillType);
  const notAssessed = assessment(drillType);
  return {
    v: 1,
    drill: opening.drill,
    run: content.run,
    drillType,
    title: plan?.runbook.title ?? opening.title ?? both(opening.runbook),
    runbook: opening.runbook,
    requester: opening.requester,
    company: config.policy.company,
    service: {
      id: opening.service,
      name: known?.name ?? both(opening.service),
      tier: known?.tier ?? null,
      critical: known?.critical ?? null,
      rtoMinutes: known?.rtoMinutes ?? null,
    },
    sites: (configuration?.sites ?? config.sites).map(({ id, name }) => ({ id, name })),
    result: ended.data.result,
    reasons: ended.data.reasons,
    residue: ended.data.residue,
    openedAt: events[0]?.ts ?? ended.ts,
    endedAt: ended.ts,
    clocks,
    elapsed: {
      t3FromT2: between(clocks.t2, clocks.t3),
      t4FromT2: between(clocks.t2, clocks.t4),
      t4FromT3: between(clocks.t3, clocks.t4),
    },
    rto: { value: null, reason: notAssessed },
    rpo: { value: null, reason: notAssessed },
    checks: {
      passed: checks.filter((verdict) => verdict === 'passed').length,
      failed: checks.filter((verdict) => verdict === 'failed').length,
    },
    simulated: content.raw.some(({ receipts }) => receipts.some((one) => one.simulated)),
  };
}

/** A check may be measured often until it passes: its last verdict counts, once. */
function lastVerdicts(events: RunContent['events']): ('passed' | 'failed')[] {
  const measured = eventsOf(events, 'check.result').map(
    ({ data }) => [`${data.step} ${data.check}`, data.verdict] as const,
  );
  return [...new Map(measured).values()];
}

/**
 * T2 ordered: the approval is complete. T3 technically up: the last step of measured checks
 * (`check/…`) ended well. T4: the business confirmed.
 */
function clocksOf(
  { events, plan }: RunContent,
  drillType: ResultFile['drillType'],
): ResultFile['clocks'] {
  const checkSteps = new Set(
    plan?.steps.filter(({ uses }) => uses.startsWith('check/')).map(({ id }) => id),
  );
  const t2 = eventsOf(events, 'approval.complete').at(-1)?.ts;
  const t3 = eventsOf(events, 'step.finished')
    .filter(({ data }) => data.result === 'done' && checkSteps.has(data.step))
    .at(-1)?.ts;
  const t4 = eventsOf(events, 'service.confirmed').at(-1)?.ts;
  const assumed =
    drillType === 'isolated-copy'
      ? {
          ko: '복제본 훈련에는 재해 시점이 없음',
          en: 'no disaster is assumed in a drill on copies',
        }
      : { ko: '기록 없음', en: 'not recorded' };
  const notReached = { ko: '도달하지 못함', en: 'not reached' };
  const or = (ts: string | undefined) =>
    ts === undefined ? { value: null, reason: notReached } : { value: ts };
  return {
    t0: { value: null, reason: assumed },
    t1: { value: null, reason: assumed },
    t2: or(t2),
    t3: or(t3),
    t4: or(t4),
  };
}

function between(from: Measured<string>, to: Measured<string>): Measured<number> {
  if (from.value !== null && to.value !== null) {
    return { value: Date.parse(to.value) - Date.parse(from.value) };
  }
  return {
    value: null,
    reason: { ko: '두 시각 중 하나가 없음', en: 'one of the two clocks is missing' },
  };
}

function assessment(drillType: ResultFile['drillType']) {
  if (drillType === 'isolated-copy') {
    return { ko: '평가하지 않음 (복제본 훈련)', en: 'not assessed (drill on copies)' };
  }
  return { ko: '미측정 (재해 시점 T0 기록 없음)', en: 'not measured (T0 is not recorded)' };
}
