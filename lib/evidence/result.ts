/** `result.json` and `head.json`: what a machine reads of a pack. `null` always has a reason. */
import * as z from 'zod';
import { sha256 } from '../canonical.ts';
import type { Config } from '../config.ts';
import { type RunResult, runResults } from '../run/event-data.ts';
import { planSchema, textSchema } from '../runbook/plan.ts';
import type { Fork } from './branches.ts';
import { between, clocksOf, rtoOf } from './clocks.ts';
import { type DrillContent, eventsOf, type RunContent } from './content.ts';
import { lossOf } from './loss.ts';
import { howKnown, objectivesOf } from './objectives.ts';
import { spentOf } from './spent.ts';
import { unprotectedIn } from './unprotected.ts';

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

const objectivesSchema = z.strictObject({
  rto: z.strictObject({
    /** The clock it counts from; it ends with T4. */
    from: z.enum(['T0', 'T1', 'T2']),
    limitMs: z.int().nullable(),
    /** For a critical function, by the policy's law. */
    lawMs: z.int().nullable(),
    /** null: not assessed. */
    met: z.boolean().nullable(),
  }),
  rpo: z.strictObject({ limitMs: z.int().nullable(), met: z.boolean().nullable() }),
});

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
  elapsed: z.strictObject({
    t3FromT0: duration.optional(),
    t4FromT0: duration.optional(),
    t4FromT1: duration.optional(),
    t3FromT2: duration,
    t4FromT2: duration,
    t4FromT3: duration,
  }),
  rto: duration,
  rpo: duration,
  /** What RTO and RPO are measured against; packs of earlier versions have none of the following. */
  objectives: objectivesSchema.optional(),
  /** How the RPO is known: true is a value at most `errorMs` away from it. */
  loss: z
    .strictObject({
      method: z.enum(['proven', 'measured', 'estimated']),
      errorMs: z.int(),
      /** Between the consistency groups of the service. */
      skewMs: z.int().optional(),
      /** What main may have written after this instant is not in it. */
      countedTo: z.string().optional(),
    })
    .optional(),
  /** Where the time went (ms). */
  spent: z
    .strictObject({ people: z.int(), machine: z.int(), array: z.int(), network: z.int() })
    .optional(),
  /** From a takeover until its replication was turned round, or null while it was not. */
  unprotected: z.strictObject({ since: z.string(), until: z.string().nullable() }).optional(),
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
  const policy = configuration?.policy ?? config.policy;
  const loss = lossOf(content);
  const measures = {
    rto: rtoOf(clocks, policy.rtoFrom ?? 'T0', drillType),
    rpo: 'why' in loss ? { value: null, reason: loss.why } : { value: loss.lossMs },
  };
  const unprotected = unprotectedIn(content);
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
      t3FromT0: between(clocks.t0, clocks.t3),
      t4FromT0: between(clocks.t0, clocks.t4),
      t4FromT1: between(clocks.t1, clocks.t4),
      t3FromT2: between(clocks.t2, clocks.t3),
      t4FromT2: between(clocks.t2, clocks.t4),
      t4FromT3: between(clocks.t3, clocks.t4),
    },
    ...measures,
    objectives: objectivesOf({ service: known, policy, ...measures, loss }),
    ...('why' in loss ? {} : { loss: howKnown(loss) }),
    spent: spentOf(content),
    ...(unprotected === undefined ? {} : { unprotected }),
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
