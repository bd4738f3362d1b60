/** What the actions on drill copies share. */
import { iso } from '../../clock.ts';
import type { Facts } from '../../runbook/plan.ts';
import type { StepView } from '../action.ts';
import { ActionError } from '../errors.ts';
import { cloneOf } from '../replicas.ts';

/** A runbook names the group of its service and no other. */
export function checkGroup(group: string, facts: Facts): ReturnType<typeof cloneOf> {
  const clone = cloneOf(facts);
  if (clone.group === group) return clone;
  throw new ActionError('ACT-PLAN', `Copy group ${group}.`, `The service has ${clone.group}.`);
}

/** Name under which the journal remembers that Drillbook split a group. */
export const cloneMark = (group: string): string => `clone:${group}`;

export function splitSince(group: string, view: StepView): string {
  const mark = view.marks[cloneMark(group)];
  if (mark === undefined) return 'not split by Drillbook, time unknown';
  return `split by drill ${mark.drill} (run ${mark.run}) at ${iso(mark.at)}`;
}
