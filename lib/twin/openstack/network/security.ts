/** Security groups and their rules. Each project has a `default` group that cannot be removed. */
import * as z from 'zod';
import { iso } from '../../../clock.ts';
import type { HttpResponse } from '../../../http.ts';
import { uuid } from '../ids.ts';
import type { CloudContext } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { type Collection, find, reads } from './collections.ts';
import { badRequest, conflict, missing } from './refusals.ts';
import { baseView, newRow, ownerOf, ownRow, spend, touch } from './rows.ts';
import { defaultGroup, type Rule, type SecurityGroup } from './state.ts';
import { common, readWish } from './wishes.ts';

const groupSchema = z.strictObject({ ...common, stateful: z.boolean().optional() });
const portNumber = z.int().min(0).max(65_535).nullable().optional();
const ruleSchema = z.strictObject({
  security_group_id: z.string(),
  direction: z.enum(['ingress', 'egress']),
  ethertype: z.enum(['IPv4', 'IPv6']).default('IPv4'),
  protocol: z
    .union([z.string(), z.int().min(0).max(255).transform(String)])
    .nullable()
    .optional(),
  port_range_min: portNumber,
  port_range_max: portNumber,
  remote_ip_prefix: z.string().nullable().optional(),
  remote_group_id: z.string().nullable().optional(),
  description: z.string().max(255).optional(),
  project_id: z.string().optional(),
  tenant_id: z.string().optional(),
});
type RuleWish = z.infer<typeof ruleSchema>;

const groups: Collection<SecurityGroup> = {
  one: 'security_group',
  many: 'security_groups',
  rows: ({ state }) => state.network.groups,
  visible: ownRow,
  view: (_, row) => groupView(row),
  gone: (id) => missing('security_group', id),
};

interface OwnedRule extends Rule {
  readonly group: SecurityGroup;
}
const rules: Collection<OwnedRule> = {
  one: 'security_group_rule',
  many: 'security_group_rules',
  rows: ({ state }) =>
    state.network.groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, group }))),
  visible: (_, { group }, caller) => group.projectId === caller.projectId,
  view: (_, { group, ...rule }) => ruleView(group, rule),
  gone: (id) => missing('security_group_rule', id),
};

export function securityRoutes(context: CloudContext): readonly Route[] {
  return [
    ...reads(context, groups),
    ...reads(context, rules),
    ['POST', '/v2.0/security-groups', (ask) => create(context, ask)],
    ['PUT', '/v2.0/security-groups/:id', (ask, { id }) => update(context, ask, id)],
    ['DELETE', '/v2.0/security-groups/:id', (ask, { id }) => remove(context, ask, id)],
    ['POST', '/v2.0/security-group-rules', (ask) => addRule(context, ask)],
    ['DELETE', '/v2.0/security-group-rules/:id', (ask, { id }) => dropRule(context, ask, id)],
  ];
}

/** A new group lets everything out, and nothing in. */
function create(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'security_group', groupSchema);
  if (wish.name === 'default') throw conflict.defaultGroupExists();
  const projectId = ownerOf(context, ask, wish);
  spend(context, 'security_group', projectId);
  const [out4, out6] = defaultGroup(projectId, context.clock.now()).rules;
  const group: SecurityGroup = {
    ...newRow(context, projectId, wish),
    rules: [out4, out6].flatMap((rule) =>
      rule === undefined ? [] : [{ ...rule, id: uuid(context.random) }],
    ),
  };
  context.state.network.groups.push(group);
  return json(201, { security_group: groupView(group) });
}

function update(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const group = find(context, groups, { ask, id });
  const wish = readWish(ask, 'security_group', groupSchema);
  if (group.name === 'default' && wish.name !== undefined) throw conflict.groupIsDefault();
  touch(context, group, wish);
  return json(200, { security_group: groupView(group) });
}

function remove(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const group = find(context, groups, { ask, id });
  const { network } = context.state;
  if (group.name === 'default') throw conflict.groupIsDefault();
  if (network.ports.some(({ securityGroups }) => securityGroups.includes(group.id))) {
    throw conflict.groupInUse(group.id);
  }
  network.groups = network.groups.filter((one) => one !== group);
  return empty(204);
}

function addRule(context: CloudContext, ask: Ask): HttpResponse {
  const wish = readWish(ask, 'security_group_rule', ruleSchema);
  const group = find(context, groups, { ask, id: wish.security_group_id });
  checkRule(wish);
  if (wish.remote_group_id) find(context, groups, { ask, id: wish.remote_group_id });
  const rule: Rule = {
    id: uuid(context.random),
    description: wish.description ?? '',
    direction: wish.direction,
    ethertype: wish.ethertype,
    protocol: wish.protocol ?? null,
    portMin: wish.port_range_min ?? null,
    portMax: wish.port_range_max ?? null,
    remoteIp: wish.remote_ip_prefix ?? null,
    remoteGroup: wish.remote_group_id ?? null,
    createdAt: context.clock.now(),
  };
  const twin = group.rules.find((one) => meaning(one) === meaning(rule));
  if (twin !== undefined) throw conflict.ruleExists(twin.id);
  spend(context, 'security_group_rule', group.projectId);
  group.rules.push(rule);
  touch(context, group);
  return json(201, { security_group_rule: ruleView(group, rule) });
}

/** Two rules with the same meaning are one rule, whatever they are called. */
const meaning = (rule: Rule): string =>
  [
    rule.direction,
    rule.ethertype,
    rule.protocol,
    rule.portMin,
    rule.portMax,
    rule.remoteIp,
    rule.remoteGroup,
  ].join('|');

function checkRule(wish: RuleWish): void {
  const { port_range_min: min, port_range_max: max } = wish;
  if (wish.remote_ip_prefix && wish.remote_group_id) {
    throw badRequest('Only remote_ip_prefix or remote_group_id may be provided.');
  }
  const ranged = typeof min === 'number' || typeof max === 'number';
  if (ranged && !wish.protocol) {
    throw badRequest('Must also specify protocol if port range is given.');
  }
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    throw badRequest('For TCP/UDP protocols, port_range_min must be <= port_range_max');
  }
}

function dropRule(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const { group, id: ruleId } = find(context, rules, { ask, id });
  group.rules = group.rules.filter((rule) => rule.id !== ruleId);
  touch(context, group);
  return empty(204);
}

const groupView = (group: SecurityGroup) => ({
  ...baseView(group),
  stateful: true,
  shared: false,
  security_group_rules: group.rules.map((rule) => ruleView(group, rule)),
});

function ruleView(group: SecurityGroup, rule: Rule) {
  const at = iso(rule.createdAt).replace(/\.\d+Z$/, 'Z');
  return {
    id: rule.id,
    security_group_id: group.id,
    direction: rule.direction,
    ethertype: rule.ethertype,
    protocol: rule.protocol,
    port_range_min: rule.portMin,
    port_range_max: rule.portMax,
    remote_ip_prefix: rule.remoteIp,
    remote_group_id: rule.remoteGroup,
    remote_address_group_id: null,
    normalized_cidr: rule.remoteIp,
    description: rule.description,
    project_id: group.projectId,
    tenant_id: group.projectId,
    tags: [],
    revision_number: 0,
    created_at: at,
    updated_at: at,
  };
}
