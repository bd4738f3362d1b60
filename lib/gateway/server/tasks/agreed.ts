/** Whether plan and gateway mean the same by a site task, and what it may be given. */
import { hashOf } from '../../../canonical.ts';
import { boundSchema } from '../../../runbook/bound.ts';
import type { Plan, PlanCall } from '../../../runbook/plan.ts';
import { argumentFaults, type SiteTask } from '../../../runbook/tasks.ts';
import { GatewayError } from '../../errors.ts';
import type { GatewayFolder } from '../settings.ts';

/** What a call of a task brings, as far as it can be told apart. */
const givenIn = ({ body }: PlanCall): Readonly<Record<string, unknown>> => {
  const args =
    typeof body === 'object' && body !== null && 'args' in body ? body['args'] : undefined;
  return typeof args === 'object' && args !== null && !Array.isArray(args) ? args : {};
};

/**
 * The tasks by which a call is classed: this gateway's own; of another site those that the plan was
 * made with, which that site holds against its own. Throws GW-TASK where both are not the same.
 */
export function tasksFor(
  { settings, tasks = [] }: GatewayFolder,
  plan: Plan,
  call: PlanCall,
): readonly SiteTask[] {
  if (!call.target.startsWith('task:')) return [];
  const planned = boundSchema.safeParse(plan.facts.bound).data?.tasks?.[call.site] ?? [];
  if (call.site !== settings.site) return planned;
  const named = ({ name }: SiteTask): boolean => `task:${name}` === call.target;
  const own = tasks.map(({ published }) => published).find(named);
  const meant = planned.find(named);
  if (own === undefined) throw refusal(call, 'gateway.yml has no such task.');
  if (meant === undefined || hashOf(meant) !== hashOf(own)) {
    throw refusal(call, 'The plan was made with another task of this name, or another program.');
  }
  const [fault] = argumentFaults(own, givenIn(call));
  if (fault !== undefined) throw refusal(call, `${fault.what}.`);
  return [own];
}

const refusal = ({ id, target }: PlanCall, why: string): GatewayError =>
  new GatewayError('GW-TASK', `${id} may not run ${target}.`, { why });
