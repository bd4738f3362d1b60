/** The calls of a plan by id. A plan may have ten thousand: each is looked up, none searched for. */
import type { Plan, PlanCall } from '../../runbook/plan.ts';

const indexes = new WeakMap<Plan, ReadonlyMap<string, PlanCall>>();

export function callOf(plan: Plan, id: string): PlanCall | undefined {
  const index = indexes.get(plan) ?? new Map(plan.calls.map((call) => [call.id, call]));
  indexes.set(plan, index);
  return index.get(id);
}
