/**
 * `compile(runbook, service, facts) → Plan`: every changing call written out, classed and ordered.
 * Deterministic: the same input gives the same bytes and so the same hash.
 */
import * as z from 'zod';
import type { Action, DraftCall } from '../actions/action.ts';
import { hashOf, sha256 } from '../canonical.ts';
import type { Config, Service } from '../config.ts';
import { SourceError } from '../yaml.ts';
import { type Bound, boundOf } from './bound.ts';
import { classOf } from './danger.ts';
import { RunbookError } from './errors.ts';
import { evaluateExpression, evaluateIn, type Scope } from './expressions.ts';
import { bare, inputProblems, lintActions, stepsOf, withinOf } from './lint.ts';
import type { Runbook } from './load.ts';
import {
  type DangerClass,
  type Facts,
  type Plan,
  type PlanCall,
  type PlanStep,
  planSchema,
  worseOf,
} from './plan.ts';
import { durationMs, type RunbookStep } from './schema.ts';

export interface CompileInput {
  readonly run: string;
  readonly runbook: Runbook;
  /** The YAML as written; its hash stands in the plan. */
  readonly source: string;
  readonly service: Service;
  readonly config: Config;
  readonly facts: Facts;
  readonly actions: ReadonlyMap<string, Action>;
}

interface Drafting {
  readonly input: CompileInput;
  readonly bound: Bound;
  readonly scope: Scope;
  readonly steps: PlanStep[];
  readonly calls: PlanCall[];
}

type Placed = ReturnType<typeof stepsOf>['forward'][number];

/**
 * Throws `SourceError` RB-LINT for what is wrong with the runbook, `RunbookError` for what does not
 * fit the service or the facts.
 */
export function compile(input: CompileInput): Plan {
  const { runbook, service } = input;
  const unknown = lintActions(runbook, input.actions);
  if (unknown.length > 0) throw new SourceError('RB-LINT', unknown);
  if (!runbook.replication.includes(service.replication.type)) {
    const { type } = service.replication;
    const why = `The service has ${type}; the runbook fits ${runbook.replication.join(', ')}.`;
    throw new RunbookError('RB-REPLICATION', `${runbook.runbook} does not fit ${service.id}.`, why);
  }
  const bound = boundOf(input.facts);
  const site = Object.fromEntries(input.config.sites.map((one) => [one.id, one]));
  const scope: Scope = { service, site, params: runbook.params, facts: bound };
  const drafting: Drafting = { input, bound, scope, steps: [], calls: [] };
  const { forward, always } = stepsOf(runbook);
  addSteps(drafting, forward, 'forward');
  addSteps(drafting, always, 'always');
  return planSchema.parse(planOf(drafting));
}

/** What everything names a plan by: SHA-256 of its canonical form. */
export const planHash = (plan: Plan): string => hashOf(plan);

function planOf({ input, steps, calls }: Drafting): Plan {
  const { runbook, service, facts } = input;
  const { people, role, expires, runWithin } = runbook.approval;
  return {
    v: 1,
    run: input.run,
    drillType: runbook.drillType,
    runbook: { id: runbook.runbook, title: runbook.title, sha256: sha256(input.source) },
    service: { id: service.id, name: service.name, tier: service.tier },
    unit: [service.replication.group, service.drill.group].sort().join('+'),
    approval: { people, role, expiresMs: msOf(expires), runWithinMs: msOf(runWithin) },
    class: calls.reduce<DangerClass>((worst, call) => worseOf(worst, call.class), 'none'),
    sites: [...new Set([service.replication.from, service.replication.to])],
    facts,
    factsHash: hashOf(facts),
    steps,
    calls,
  };
}

/** The schema has checked the text. */
const msOf = (text: string): number => durationMs(text) ?? 1;

function addSteps(drafting: Drafting, list: readonly Placed[], phase: PlanStep['phase']): void {
  /** Steps left out hand their own needs on. */
  const leftOut = new Map<string, readonly string[]>();
  let above: readonly string[] = [];
  for (const placed of list) {
    const { step } = placed;
    const wanted = step.needs ?? above;
    const needs = [...new Set(wanted.flatMap((need) => leftOut.get(need) ?? [need]))];
    if (isWanted(drafting, placed)) {
      addStep(drafting, placed, { phase, needs });
      above = [step.id];
    } else {
      leftOut.set(step.id, needs);
      above = needs;
    }
  }
}

function isWanted({ input, scope }: Drafting, { step, path }: Placed): boolean {
  if (step.if === undefined) return true;
  const value = guarded(input.runbook, [...path, 'if'], () =>
    evaluateExpression(bare(step.if ?? ''), scope),
  );
  if (typeof value === 'boolean') return value;
  const what = `if must be true or false, it is ${JSON.stringify(value)}`;
  throw lintError(input.runbook, [...path, 'if'], what);
}

function addStep(
  drafting: Drafting,
  placed: Placed,
  { phase, needs }: { phase: PlanStep['phase']; needs: string[] },
): void {
  const { input, scope } = drafting;
  const { step, path } = placed;
  const action = input.actions.get(step.uses);
  if (action === undefined) throw lintError(input.runbook, path, `no action ${step.uses}`);
  const value = guarded(input.runbook, [...path, 'with'], () => evaluateIn(step.with, scope));
  const evaluated = z.record(z.string(), z.json()).parse(value);
  const problems = inputProblems(input.runbook, placed, { input: action.input, value: evaluated });
  if (problems.length > 0) throw new SourceError('RB-LINT', problems);
  const drafts = action.plan(action.input.parse(evaluated), {
    run: input.run,
    step: step.id,
    phase,
    service: input.service,
    config: input.config,
    facts: input.facts,
    calls: drafting.calls,
    ...(step.undoes === undefined ? {} : { undoes: step.undoes }),
  });
  drafting.steps.push({
    id: step.id,
    uses: step.uses,
    title: step.title ?? action.title,
    phase,
    input: evaluated,
    needs,
    ...(step.undoes === undefined ? {} : { undoes: step.undoes }),
    withinMs: withinOf(step, evaluated, action.withinMs),
  });
  drafting.calls.push(...drafts.map((draft) => callOf(drafting, draft, { step, phase })));
}

function callOf(
  { input, bound }: Drafting,
  draft: DraftCall,
  { step, phase }: { step: RunbookStep; phase: PlanStep['phase'] },
): PlanCall {
  const { name, after = [], guards = [], holes = [], ...rest } = draft;
  const drillable = bound.drillable[draft.site];
  const danger =
    drillable === undefined
      ? undefined
      : classOf({ ...rest, holes }, { facts: input.facts, drillable });
  if (danger === undefined) {
    const what = `${step.uses} planned ${draft.method} ${draft.path} at ${draft.target}.`;
    throw new RunbookError('RB-CALL', what, 'It is in no danger table.');
  }
  return {
    ...rest,
    id: `${step.id}.${name}`,
    step: step.id,
    after: after.map((id) => (id.includes('.') ? id : `${step.id}.${id}`)),
    phase,
    class: danger,
    guards: [...guards],
    holes: [...holes],
    sends: 1,
  };
}

/** An expression that cannot be evaluated is an error of the runbook, with its place. */
function guarded(runbook: Runbook, path: readonly PropertyKey[], work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw lintError(runbook, path, text.split('\n')[0] ?? text);
  }
}

const lintError = (runbook: Runbook, path: readonly PropertyKey[], what: string): SourceError =>
  new SourceError('RB-LINT', [runbook.yaml.problem(path, { rule: 'expression', what })]);
