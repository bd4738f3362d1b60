/** Server groups: affinity and its opposite, hard and soft. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { affordGroup } from './quotas.ts';
import { invalid, readNova, refuse } from './refusals.ts';
import { groupPolicies, type ServerGroup } from './state.ts';

const name = z.string().min(1).max(255);
const policy = z.enum(groupPolicies);
const oldSchema = z.strictObject({
  server_group: z.strictObject({ name, policies: z.array(policy).length(1) }),
});
const newSchema = z.strictObject({
  server_group: z.strictObject({
    name,
    policy,
    rules: z.strictObject({ max_server_per_host: z.int().min(1) }).optional(),
  }),
});
/** From here on one `policy` instead of a list; the soft ones since 2.15; owners since 2.13. */
const SINCE = { owner: 13, soft: 15, onePolicy: 64 } as const;

export function groupRoutes(context: CloudContext): readonly Route[] {
  const root = '/os-server-groups';
  return [
    ['GET', root, (ask) => list(context, ask)],
    ['POST', root, (ask) => create(context, ask)],
    ['GET', `${root}/:id`, (ask, { id }) => shown(context, ask, find(context, ask, id))],
    ['DELETE', `${root}/:id`, (ask, { id }) => remove(context, find(context, ask, id))],
  ];
}

function list(context: CloudContext, ask: Ask): HttpResponse {
  const caller = callerOf(context, ask);
  const all = caller.admin && ask.query.has('all_projects');
  const own = context.state.compute.groups.filter(
    ({ projectId }) => all || projectId === caller.projectId,
  );
  return json(200, { server_groups: own.map((group) => view(context, group, ask.minor)) });
}

function find(context: CloudContext, ask: Ask, id: string | undefined): ServerGroup {
  const caller = callerOf(context, ask);
  const group = context.state.compute.groups.find((one) => one.id === id);
  if (group === undefined || (!caller.admin && group.projectId !== caller.projectId)) {
    throw refuse(404, `Instance group ${id} could not be found.`);
  }
  return group;
}

const shown = (context: CloudContext, ask: Ask, group: ServerGroup): HttpResponse =>
  json(200, { server_group: view(context, group, ask.minor) });

function view({ state }: CloudContext, group: ServerGroup, minor: number) {
  const members = state.compute.servers.filter(
    ({ groupId, vmState }) => groupId === group.id && vmState !== 'deleted',
  );
  return {
    id: group.id,
    name: group.name,
    ...(minor >= SINCE.onePolicy
      ? { policy: group.policy, rules: {} }
      : { policies: [group.policy], metadata: {} }),
    members: members.map(({ id }) => id),
    ...(minor >= SINCE.owner ? { project_id: group.projectId, user_id: group.userId } : {}),
  };
}

function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = wishOf(ask);
  if (wish.policy.startsWith('soft-') && ask.minor < SINCE.soft) {
    throw invalid('policies/0', `'${wish.policy}' is not one of ['anti-affinity', 'affinity']`);
  }
  const { projectId, userId } = callerOf(context, ask);
  affordGroup(context, projectId);
  const group: ServerGroup = { id: uuid(context.random), projectId, userId, ...wish };
  context.state.compute.groups.push(group);
  return shown(context, ask, group);
}

function wishOf(ask: Ask): Pick<ServerGroup, 'name' | 'policy'> {
  if (ask.minor >= SINCE.onePolicy) {
    const { name: called, policy: wanted, rules } = readNova(ask, newSchema).server_group;
    // A maximum per host is another rule for the scheduler, and none that is followed here.
    if (rules !== undefined) throw refuse(501, 'The simulated Nova has no rules of server groups.');
    return { name: called, policy: wanted };
  }
  const { name: called, policies } = readNova(ask, oldSchema).server_group;
  return { name: called, policy: policies[0] ?? 'affinity' };
}

function remove({ state }: CloudContext, group: ServerGroup): HttpResponse {
  state.compute.groups = state.compute.groups.filter((one) => one !== group);
  return empty(204);
}
