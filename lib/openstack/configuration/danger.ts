/**
 * Calls that make a controller like another one. All of them are of class `data`: two people sign,
 * and both gateways agree. A call that is in no row is refused; bodies are strict, so that nothing
 * rides along.
 */
import * as z from 'zod';

export interface ConfigurationCall {
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly holes: readonly { readonly pointer: string }[];
}

interface Row {
  readonly api: 'keystone' | 'nova' | 'neutron' | 'cinder';
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** `{id}` an id written out, `{ref}` an id or an object this run made. */
  readonly path: string;
  /** Without one the call has no body. */
  readonly body?: z.ZodType;
}

const ID = '[A-Za-z0-9][A-Za-z0-9-]{0,63}';
const HOLE = '\\{\\{[a-z][a-z0-9]*\\}\\}';
const ref = z.string().regex(new RegExp(`^(${ID}|${HOLE})$`));
const key = z.string().startsWith('drillbook-');
const name = z.string().min(1).max(255);
const specs = z.record(z.string(), z.string());
const limit = z.int().min(-1);
const limits = z.record(z.string(), limit);
const route = z.strictObject({ destination: z.string(), nexthop: z.string() });
const within = (word: string, inner: z.ZodType) => z.strictObject({ [word]: inner });

const network = {
  admin_state_up: z.boolean(),
  shared: z.boolean(),
  mtu: z.int().optional(),
  port_security_enabled: z.boolean().optional(),
};
const subnet = {
  gateway_ip: z.string().nullable(),
  enable_dhcp: z.boolean(),
  allocation_pools: z.array(z.strictObject({ start: z.string(), end: z.string() })),
  dns_nameservers: z.array(z.string()),
  host_routes: z.array(route),
};
const gateway = z.strictObject({ network_id: ref }).nullable();

const creates: readonly Row[] = [
  {
    api: 'keystone',
    method: 'POST',
    path: '/projects',
    body: within('project', z.strictObject({ name, description: key, enabled: z.boolean() })),
  },
  {
    api: 'nova',
    method: 'POST',
    path: '/flavors',
    body: within(
      'flavor',
      z.strictObject({
        name,
        id: z.string().regex(new RegExp(`^${ID}$`)),
        vcpus: z.int().min(1),
        ram: z.int().min(1),
        disk: z.int().min(0),
        swap: z.int().min(0),
        'OS-FLV-EXT-DATA:ephemeral': z.int().min(0),
        'os-flavor-access:is_public': z.boolean(),
      }),
    ),
  },
  {
    api: 'nova',
    method: 'POST',
    path: '/os-keypairs',
    body: within(
      'keypair',
      z.strictObject({ name, type: z.enum(['ssh', 'x509']), public_key: z.string(), user_id: ref }),
    ),
  },
  {
    api: 'cinder',
    method: 'POST',
    path: '/volumes',
    body: within(
      'volume',
      z.strictObject({
        name: z.string().startsWith('drillbook-image-'),
        size: z.int().min(1),
        imageRef: z.string().regex(new RegExp(`^${ID}$`)),
        metadata: z.strictObject({ 'drillbook-key': key }),
      }),
    ),
  },
  {
    api: 'cinder',
    method: 'POST',
    path: '/types',
    body: within(
      'volume_type',
      z.strictObject({ name, 'os-volume-type-access:is_public': z.boolean(), extra_specs: specs }),
    ),
  },
  {
    api: 'neutron',
    method: 'POST',
    path: '/v2.0/networks',
    body: within(
      'network',
      z.strictObject({
        ...network,
        name,
        description: key,
        project_id: ref,
        'router:external': z.boolean(),
        'provider:network_type': z.string().optional(),
        'provider:physical_network': z.string().optional(),
        'provider:segmentation_id': z.int().optional(),
      }),
    ),
  },
  {
    api: 'neutron',
    method: 'POST',
    path: '/v2.0/subnets',
    body: within(
      'subnet',
      z.strictObject({
        ...subnet,
        name,
        description: key,
        network_id: ref,
        cidr: z.string(),
        ip_version: z.union([z.literal(4), z.literal(6)]),
      }),
    ),
  },
  {
    api: 'neutron',
    method: 'POST',
    path: '/v2.0/security-groups',
    body: within('security_group', z.strictObject({ name, description: key, project_id: ref })),
  },
  {
    api: 'neutron',
    method: 'POST',
    path: '/v2.0/security-group-rules',
    body: within(
      'security_group_rule',
      z.strictObject({
        security_group_id: ref,
        direction: z.enum(['ingress', 'egress']),
        ethertype: z.enum(['IPv4', 'IPv6']),
        protocol: z.string().nullable(),
        port_range_min: z.int().nullable(),
        port_range_max: z.int().nullable(),
        remote_ip_prefix: z.string().nullable(),
        remote_group_id: ref.nullable(),
      }),
    ),
  },
  {
    api: 'neutron',
    method: 'POST',
    path: '/v2.0/routers',
    body: within(
      'router',
      z.strictObject({
        name,
        description: key,
        project_id: ref,
        admin_state_up: z.boolean(),
        external_gateway_info: gateway,
      }),
    ),
  },
];

const changes: readonly Row[] = [
  {
    api: 'nova',
    method: 'POST',
    path: '/flavors/{id}/os-extra_specs',
    body: within('extra_specs', specs),
  },
  {
    api: 'cinder',
    method: 'POST',
    path: '/types/{id}/extra_specs',
    body: within('extra_specs', specs),
  },
  {
    api: 'neutron',
    method: 'PUT',
    path: '/v2.0/networks/{id}',
    body: within('network', z.strictObject(network).partial()),
  },
  {
    api: 'neutron',
    method: 'PUT',
    path: '/v2.0/subnets/{id}',
    body: within('subnet', z.strictObject(subnet).partial()),
  },
  {
    api: 'neutron',
    method: 'PUT',
    path: '/v2.0/routers/{ref}',
    body: within(
      'router',
      z
        .strictObject({
          admin_state_up: z.boolean(),
          external_gateway_info: gateway,
          routes: z.array(route),
        })
        .partial(),
    ),
  },
  {
    api: 'neutron',
    method: 'PUT',
    path: '/v2.0/routers/{ref}/add_router_interface',
    body: z.strictObject({ subnet_id: ref }),
  },
  { api: 'nova', method: 'PUT', path: '/os-quota-sets/{ref}', body: within('quota_set', limits) },
  { api: 'cinder', method: 'PUT', path: '/os-quota-sets/{ref}', body: within('quota_set', limits) },
  { api: 'neutron', method: 'PUT', path: '/v2.0/quotas/{ref}', body: within('quota', limits) },
];

/** By id, as the plan names it; projects, key pairs and images are never deleted by us. */
const deletions: readonly Row[] = [
  { api: 'nova', method: 'DELETE', path: '/flavors/{id}' },
  { api: 'cinder', method: 'DELETE', path: '/types/{id}' },
  ...['networks', 'subnets', 'routers', 'security-groups'].map(
    (many): Row => ({ api: 'neutron', method: 'DELETE', path: `/v2.0/${many}/{id}` }),
  ),
];

const rows = [...creates, ...changes, ...deletions].map((row) => ({
  ...row,
  path: new RegExp(
    `^${row.path.replaceAll('.', '\\.').replace('{id}', ID).replace('{ref}', `(${ID}|${HOLE})`)}$`,
  ),
}));

/** What a hole may take: the id of what a call of this table makes. */
const IDS = ['/project/id', '/network/id', '/subnet/id', '/security_group/id', '/router/id'];

/** The class of a call, or undefined when it is in no row. */
export function classifyConfigurationCall(call: ConfigurationCall): 'data' | undefined {
  if (!call.holes.every(({ pointer }) => IDS.includes(pointer))) return undefined;
  const found = rows.some(
    (row) =>
      row.api === call.api &&
      row.method === call.method &&
      row.path.test(call.path) &&
      (row.body === undefined ? call.body === undefined : row.body.safeParse(call.body).success),
  );
  return found ? 'data' : undefined;
}
