/**
 * `compile(runbook, service, facts) → Plan`: every changing call written out, classed and ordered.
 * Deterministic: the same input gives the same bytes and so the same hash.
 */
import type { Action } from '../actions/action.ts';
import { hashOf, sha256 } from '../canonical.ts';
import type { Config, Service } from '../config.ts';
import { SourceError } from '../yaml.ts';
import { boundOf } from './bound.ts';
import { addSteps, type Drafting } from './compile/steps.ts';
import { RunbookError } from './errors.ts';
import { stepsOf } from './lint/placed.ts';
import { lintActions } from './lint.ts';
import type { Runbook } from './load.ts';
import { type DangerClass, type Facts, type Plan, planSchema, worseOf } from './plan.ts';
import { durationMs } from './schema.ts';

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
  const scope = { service, site, params: runbook.params, facts: bound };
  const drafting: Drafting = { input, bound, scope, steps: [], calls: [] };
  const { forward, undo, always } = stepsOf(runbook);
  addSteps(drafting, forward, 'forward');
  addSteps(drafting, undo, 'undo');
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
    sites: [...new Set([service.replication.from, service.replication.to, ...thirdSite(facts)])],
    ...givenUp(input),
    facts,
    factsHash: hashOf(facts),
    steps,
    calls,
  };
}

/** The third centre has a say in plans that are about it. */
function thirdSite(facts: Facts): string[] {
  const { far } = boundOf(facts);
  return far === undefined ? [] : [far.secondary.site];
}

/** Only sites that there are: a name misspelt would give up nothing. */
function givenUp({ runbook, config }: CompileInput): Pick<Plan, 'givesUp'> {
  const given = runbook['gives-up'];
  if (given === undefined) return {};
  const known = config.sites.map((site) => site.id);
  const stray = given.findIndex((id) => !known.includes(id));
  if (stray >= 0) {
    const what = `there is no site ${given[stray]}`;
    const problem = runbook.yaml.problem(['gives-up', stray], { rule: 'gives-up', what });
    throw new SourceError('RB-LINT', [problem]);
  }
  return { givesUp: [...given] };
}

/** The schema has checked the text. */
const msOf = (text: string): number => durationMs(text) ?? 1;
