/** One changing call of a plan: named, placed, classed. */
import type { DraftCall } from '../../actions/action.ts';
import { peerArrayOf } from '../../vsp/danger.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { isCached, isRestore } from '../../vsp/never.ts';
import type { CompileInput } from '../compile.ts';
import { classOf } from '../danger.ts';
import { RunbookError } from '../errors.ts';
import { grantOf } from '../grants.ts';
import type { PlanCall, PlanStep } from '../plan.ts';
import type { RunbookStep } from '../schema.ts';
import type { Drafting } from './steps.ts';

interface Place {
  readonly step: RunbookStep;
  readonly phase: PlanStep['phase'];
  /** The step's id, or of an item `<step>.<key>`. */
  readonly prefix: string;
}

export function callOf(
  { input, bound }: Drafting,
  draft: DraftCall,
  { step, phase, prefix }: Place,
): PlanCall {
  const { name, after = [], guards = [], holes = [], peerGuards, ...rest } = draft;
  const drillable = bound.drillable[draft.site];
  const tasks = bound.tasks?.[draft.site] ?? [];
  const danger =
    drillable === undefined
      ? undefined
      : classOf({ ...rest, holes }, { facts: input.facts, drillable, tasks });
  if (danger === undefined) {
    const what = `${step.uses} planned ${draft.method} ${draft.path} at ${draft.target}.`;
    throw new RunbookError('RB-CALL', what, 'It is in no danger table.');
  }
  const grant = grantOf({ ...rest, class: danger }, peersOf(input, draft), peerGuards);
  assertHarmless(input, draft, grant);
  return {
    ...rest,
    id: `${prefix}.${name}`,
    step: step.id,
    after: after.map((id) => (id.includes('.') ? id : `${prefix}.${id}`)),
    phase,
    class: danger,
    guards: [...guards],
    holes: [...holes],
    ...(grant === undefined ? {} : { grant }),
    sends: 1,
  };
}

/** Throws RB-CALL for what is a hazard in any state of the arrays (10, 12, 13). */
function assertHarmless(
  { config }: CompileInput,
  { path, body, target, guards = [], peerGuards = [] }: DraftCall,
  grant: PlanCall['grant'],
): void {
  if (!target.startsWith('array:')) return;
  const refuse = (what: string, hazard: number) =>
    new RunbookError('RB-CALL', what, hazardText(hazard));
  if (isRestore(path)) throw refuse(`${path} at ${target} was planned.`, 10);
  const cached = [...guards, ...peerGuards].find((one) => isCached(one.path));
  if (cached !== undefined) throw refuse(`${cached.id} would read ${cached.path}.`, 12);
  if (grant?.session !== true) return;
  const lender = config.sites.find(({ id }) => id === grant.site)?.array.storageDeviceId;
  const named = peerArrayOf({ path, body });
  if (named === lender) return;
  throw refuse(`${path} names array ${named}; ${grant.site} has ${lender}.`, 13);
}

/**
 * Sites that have a say in a dangerous call: those of the service that the runbook keeps, and first the
 * one whose array the call is about as well, which may be a third centre.
 */
function peersOf({ runbook, service, config }: CompileInput, call: DraftCall): string[] {
  const { from, to, far } = service.replication;
  const kept = (one: string) => one !== call.site && !runbook['gives-up']?.includes(one);
  const array = call.target.startsWith('array:') ? peerArrayOf(call) : undefined;
  const third = config.sites.find((site) => site.id === far?.site);
  const named = third !== undefined && third.array.storageDeviceId === array ? [third.id] : [];
  return [...named, from, to].filter(kept);
}
