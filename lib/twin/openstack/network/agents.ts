/** What a client asks Neutron about itself: resources, extensions, agents, zones, quotas. */
import * as z from 'zod';
import type { HttpResponse } from '../../../http.ts';
import { callerOf } from '../caller.ts';
import { stableUuid } from '../ids.ts';
import { type CloudContext, hasFault } from '../state.ts';
import { type Ask, empty, json, type Route } from '../wire.ts';
import { type Collection, reads } from './collections.ts';
import { denied, missing } from './refusals.ts';
import { type Counted, countedKinds, limitOf, onlyAdmin, usedOf } from './rows.ts';
import { readWish } from './wishes.ts';

const quotaSchema = z.strictObject(
  Object.fromEntries(countedKinds.map((kind) => [kind, z.int().min(-1).optional()])),
);

/** Alias and name; those the room below really follows. */
const extensions = [
  ['agent', 'agent'],
  ['availability_zone', 'Availability Zone'],
  ['binding', 'Port Binding'],
  ['default-subnetpools', 'Default Subnetpools'],
  ['external-net', 'Neutron external network'],
  ['net-mtu', 'Network MTU'],
  ['pagination', 'Pagination support'],
  ['port-security', 'Port Security'],
  ['project-id', 'project_id field enabled'],
  ['provider', 'Provider Network'],
  ['quotas', 'Quota management support'],
  ['quota_details', 'Quota details management support'],
  ['router', 'Neutron L3 Router'],
  ['security-group', 'security-group'],
  ['sorting', 'Sorting support'],
  ['standard-attr-description', 'standard-attr-description'],
  ['standard-attr-revisions', 'Resource revision numbers'],
  ['standard-attr-tag', 'Tag support for resources with standard attribute'],
  ['standard-attr-timestamp', 'Resource timestamps'],
] as const;

const extensionView = ([alias, name]: (typeof extensions)[number]) => ({
  alias,
  name,
  description: name,
  links: [],
  updated: '2018-01-01T00:00:00-00:00',
});

interface Agent {
  readonly id: string;
  readonly host: string;
  readonly binary: string;
  readonly type: string;
  readonly zone: string | null;
  readonly alive: boolean;
}

/** One switch agent on each compute host; DHCP and L3 on the first. */
const agents: Collection<Agent> = {
  one: 'agent',
  many: 'agents',
  rows: (context) => {
    const [first] = context.seed.hosts;
    const alive = (host: string) => !(host === first?.name && hasFault(context, 'compute-down'));
    const agent = (host: string, binary: string, type: string) => ({
      id: stableUuid(binary, host),
      host,
      binary,
      type,
      zone: type === 'Open vSwitch agent' ? null : 'nova',
      alive: alive(host),
    });
    const network = `${context.seed.name}-network-1`;
    return [
      ...context.seed.hosts.map(({ name }) =>
        agent(name, 'neutron-openvswitch-agent', 'Open vSwitch agent'),
      ),
      agent(network, 'neutron-dhcp-agent', 'DHCP agent'),
      agent(network, 'neutron-l3-agent', 'L3 agent'),
    ];
  },
  visible: () => false,
  view: ({ clock }, agent) => ({
    id: agent.id,
    agent_type: agent.type,
    binary: agent.binary,
    host: agent.host,
    topic: 'N/A',
    alive: agent.alive,
    admin_state_up: true,
    availability_zone: agent.zone,
    heartbeat_timestamp: new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' '),
    configurations: {},
    resources_synced: null,
  }),
  gone: (id) => missing('agent', id),
};

export function aboutRoutes(context: CloudContext): readonly Route[] {
  const quota = '/v2.0/quotas/:project';
  return [
    ['GET', '/v2.0', () => json(200, resources(context))],
    ['GET', '/v2.0/extensions', () => json(200, { extensions: extensions.map(extensionView) })],
    ['GET', '/v2.0/extensions/:alias', (_, { alias }) => extension(alias)],
    ...reads(context, agents),
    ['GET', '/v2.0/availability_zones', () => json(200, { availability_zones: zones })],
    ['GET', quota, (ask, { project }) => quotas(context, ask, project)],
    ['GET', `${quota}/default`, (ask, { project }) => quotas(context, ask, project)],
    ['GET', `${quota}/details.json`, (ask, { project }) => details(context, ask, project)],
    ['GET', `${quota}/details`, (ask, { project }) => details(context, ask, project)],
    ['PUT', quota, (ask, { project }) => setQuota(context, ask, project)],
    ['DELETE', quota, (ask, { project }) => dropQuota(context, ask, project)],
  ];
}

const zones = (['network', 'router'] as const).map((resource) => ({
  name: 'nova',
  resource,
  state: 'available',
}));

const resources = ({ baseUrl }: CloudContext) => ({
  resources: ['network', 'subnet', 'port', 'router', 'quota'].map((name) => ({
    name,
    collection: `${name}s`,
    links: [{ rel: 'self', href: `${baseUrl()}/network/v2.0/${name}s` }],
  })),
});

function extension(alias: string | undefined): HttpResponse {
  const found = extensions.find(([one]) => one === alias);
  if (found !== undefined) return json(200, { extension: extensionView(found) });
  const message = `Extension with alias ${alias} does not exist`;
  return json(404, { NeutronError: { type: 'HTTPNotFound', message, detail: '' } });
}

/** A project's own limits; of another project only for administrators. */
function projectOf(context: CloudContext, ask: Ask, project = ''): string {
  const caller = callerOf(context, ask);
  if (!caller.admin && project !== caller.projectId) throw denied('get_quota');
  return project;
}

function quotas(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const project = projectOf(context, ask, id);
  const line = (kind: Counted) => [kind, limitOf(context, kind, project)] as const;
  return json(200, { quota: Object.fromEntries(countedKinds.map(line)) });
}

function details(context: CloudContext, ask: Ask, id: string | undefined): HttpResponse {
  const project = projectOf(context, ask, id);
  const line = (kind: Counted) => {
    const limit = limitOf(context, kind, project);
    return [kind, { limit, used: usedOf(context, kind, project), reserved: 0 }] as const;
  };
  return json(200, { quota: Object.fromEntries(countedKinds.map(line)) });
}

function setQuota(context: CloudContext, ask: Ask, project = ''): HttpResponse {
  onlyAdmin(context, ask, 'update_quota');
  const wish = readWish(ask, 'quota', quotaSchema);
  const own = { ...context.state.network.quotas[project] };
  for (const [kind, limit] of Object.entries(wish)) if (limit !== undefined) own[kind] = limit;
  context.state.network.quotas[project] = own;
  return quotas(context, ask, project);
}

function dropQuota(context: CloudContext, ask: Ask, project = ''): HttpResponse {
  onlyAdmin(context, ask, 'delete_quota');
  delete context.state.network.quotas[project];
  return empty(204);
}
