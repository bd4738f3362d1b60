/** Steps of a plan: which are wanted, what each is given, and the calls its action writes. */
import * as z from 'zod';
import type { PlanContext } from '../../actions/action.ts';
import { SourceError } from '../../yaml.ts';
import type { Bound } from '../bound.ts';
import type { CompileInput } from '../compile.ts';
import { itemsIn } from '../each.ts';
import { evaluateExpression, evaluateIn, firstLine, type Scope, usesItem } from '../expressions.ts';
import { irreversible } from '../irreversible.ts';
import { inputProblems, withinOf } from '../lint/inputs.ts';
import { bare, type Placed } from '../lint/placed.ts';
import type { Runbook } from '../load.ts';
import type { PlanCall, PlanStep } from '../plan.ts';
import { durationMs, type RunbookStep } from '../schema.ts';
import { callOf } from './calls.ts';

export interface Drafting {
  readonly input: CompileInput;
  readonly bound: Bound;
  readonly scope: Scope;
  readonly steps: PlanStep[];
  readonly calls: PlanCall[];
}

type Input = Record<string, z.infer<ReturnType<typeof z.json>>>;

export function addSteps(
  drafting: Drafting,
  list: readonly Placed[],
  phase: PlanStep['phase'],
): void {
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

function isWanted({ input, scope, steps }: Drafting, { step, path }: Placed): boolean {
  const { if: wanted, undoes } = step;
  // What takes a step back is left out with it.
  if (undoes !== undefined && steps.every(({ id }) => id !== undoes)) return false;
  if (wanted === undefined) return true;
  const value = guarded(input.runbook, [...path, 'if'], () =>
    evaluateExpression(bare(wanted), scope),
  );
  if (typeof value === 'boolean') return value;
  const what = `if must be true or false, it is ${JSON.stringify(value)}`;
  throw lintError(input.runbook, [...path, 'if'], { rule: 'expression', what });
}

interface Placing {
  readonly phase: PlanStep['phase'];
  readonly needs: string[];
}

function addStep(drafting: Drafting, placed: Placed, { phase, needs }: Placing): void {
  const { input, scope } = drafting;
  const { step, path } = placed;
  const action = input.actions.get(step.uses);
  if (action === undefined) {
    throw lintError(input.runbook, path, {
      rule: 'unknown-action',
      what: `no action ${step.uses}`,
    });
  }
  const each = step['for-each'];
  const common = Object.entries(step.with).filter(([, value]) => !usesItem(value));
  const shared = inputOf(drafting, placed, { written: Object.fromEntries(common), scope });
  const first = drafting.calls.length;
  const items = each === undefined ? undefined : addItems(drafting, placed, { phase, shared });
  if (items === undefined) {
    addCalls(drafting, placed, { phase, prefix: step.id, given: shared, calls: drafting.calls });
  }
  assertReversible(drafting, placed, drafting.calls.slice(first));
  drafting.steps.push({
    id: step.id,
    uses: step.uses,
    title: step.title ?? action.title,
    phase,
    input: shared,
    needs,
    ...(step.undoes === undefined ? {} : { undoes: step.undoes }),
    ...policyOf(step),
    ...(items === undefined ? {} : { items }),
    withinMs: withinOf(step, shared, action.withinMs),
  });
}

/** What a failure does and how wide the step goes; absent where nothing was written. */
function policyOf(step: RunbookStep): Pick<PlanStep, 'onFailure' | 'retry' | 'parallel'> {
  const { 'on-failure': onFailure, retry, parallel } = step;
  return {
    ...(onFailure === undefined || onFailure === 'pause' ? {} : { onFailure }),
    ...(retry === undefined
      ? {}
      : { retry: { attempts: retry.attempts, backoffMs: durationMs(retry.backoff) ?? 1 } }),
    ...(parallel === undefined ? {} : { parallel }),
  };
}

/** The step for each of its items: inputs of their own, and calls named `<step>.<key>.<name>`. */
function addItems(
  drafting: Drafting,
  placed: Placed,
  { phase, shared }: { readonly phase: PlanStep['phase']; readonly shared: Input },
): NonNullable<PlanStep['items']> {
  const { input, scope } = drafting;
  const { step, path } = placed;
  const at = [...path, 'for-each'];
  const list = itemsIn(guarded(input.runbook, at, () => evaluateIn(step['for-each'] ?? '', scope)));
  if ('fault' in list) {
    throw lintError(input.runbook, at, { rule: 'for-each', what: list.fault });
  }
  const own = Object.entries(step.with).filter(([, value]) => usesItem(value));
  const written = Object.fromEntries(own);
  const undone = callsByKey(drafting.calls, step.undoes);
  return list.map(({ key, item }) => {
    const special = inputOf(drafting, placed, { written, scope: { ...scope, item } });
    addCalls(drafting, placed, {
      phase,
      prefix: `${step.id}.${key}`,
      given: { ...shared, ...special },
      // An item takes back only what was done for the same item.
      calls: step.undoes === undefined ? drafting.calls : (undone.get(key) ?? []),
    });
    return { key, input: special };
  });
}

function callsByKey(calls: readonly PlanCall[], step: string | undefined): Map<string, PlanCall[]> {
  const groups = new Map<string, PlanCall[]>();
  for (const call of calls) {
    if (step === undefined || call.step !== step) continue;
    const from = step.length + 1;
    const key = call.id.slice(from, call.id.indexOf('.', from));
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(call);
  }
  return groups;
}

function inputOf(
  { input }: Drafting,
  { path }: Placed,
  { written, scope }: { readonly written: Record<string, unknown>; readonly scope: Scope },
): Input {
  const at = [...path, 'with'];
  const value = guarded(input.runbook, at, () => evaluateIn(written, scope));
  return z.record(z.string(), z.json()).parse(value);
}

interface Drafted {
  readonly phase: PlanStep['phase'];
  /** The step's id, or of an item `<step>.<key>`. */
  readonly prefix: string;
  readonly given: Input;
  readonly calls: readonly PlanCall[];
}

function addCalls(drafting: Drafting, placed: Placed, drafted: Drafted): void {
  const { input } = drafting;
  const { step } = placed;
  const { phase, prefix, given, calls } = drafted;
  const action = input.actions.get(step.uses);
  if (action === undefined) return;
  const problems = inputProblems(input.runbook, placed, { input: action.input, value: given });
  if (problems.length > 0) throw new SourceError('RB-LINT', problems);
  const context: PlanContext = {
    run: input.run,
    step: prefix,
    phase,
    service: input.service,
    config: input.config,
    facts: input.facts,
    calls,
    steps: drafting.steps,
    ...(step.undoes === undefined ? {} : { undoes: step.undoes }),
  };
  const parsed = action.input.parse(given);
  const faults = (action.faults?.(parsed, context) ?? []).map(({ path, ...fault }) =>
    input.runbook.yaml.problem([...placed.path, 'with', ...path], { rule: 'input', ...fault }),
  );
  if (faults.length > 0) throw new SourceError('RB-LINT', faults);
  for (const draft of action.plan(parsed, context)) {
    drafting.calls.push(callOf(drafting, draft, { step, phase, prefix }));
  }
}

/** An undo promises that everything can be as it was: for some calls nobody can promise that. */
function assertReversible(
  { input }: Drafting,
  { step, path }: Placed,
  calls: readonly PlanCall[],
): void {
  if (step.undo === undefined) return;
  for (const call of calls) {
    const why = irreversible(call);
    if (why === undefined) continue;
    const what = `${step.id} cannot be taken back: ${why} (${call.method} ${call.path})`;
    throw lintError(input.runbook, [...path, 'undo'], { rule: 'irreversible', what });
  }
}

/** An expression that cannot be evaluated is an error of the runbook, with its place. */
function guarded(runbook: Runbook, path: readonly PropertyKey[], work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    throw lintError(runbook, path, { rule: 'expression', what: firstLine(error) });
  }
}

const lintError = (
  runbook: Runbook,
  path: readonly PropertyKey[],
  fault: { readonly rule: string; readonly what: string },
): SourceError => new SourceError('RB-LINT', [runbook.yaml.problem(path, fault)]);
