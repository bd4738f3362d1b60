/** What is read of a controller: one row a list, with the shape of its entries as far as we read them. */
import * as z from 'zod';

const named = z.looseObject({ id: z.string(), name: z.string().default('') });
const byId = z.looseObject({ id: z.string() });
const specs = z.record(z.string(), z.string());
const optional = z.string().nullish();
const route = z.looseObject({ destination: z.string(), nexthop: z.string() });

const rule = z.looseObject({
  direction: z.string(),
  ethertype: z.string(),
  protocol: z.union([z.string(), z.int()]).nullish(),
  port_range_min: z.int().nullish(),
  port_range_max: z.int().nullish(),
  remote_ip_prefix: optional,
  remote_group_id: optional,
});

/** Legs of routers, also of those that are distributed or highly available. */
const LEGS = [
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
];

export const lists = {
  projects: {
    api: 'keystone',
    path: '/projects',
    list: 'projects',
    entry: named.extend({ enabled: z.boolean(), is_domain: z.boolean().default(false) }),
  },
  roles: { api: 'keystone', path: '/roles', list: 'roles', entry: named },
  groups: { api: 'keystone', path: '/groups', list: 'groups', entry: named },
  assignments: {
    api: 'keystone',
    path: '/role_assignments',
    list: 'role_assignments',
    entry: z.looseObject({
      role: byId,
      user: byId.optional(),
      group: byId.optional(),
      scope: z.looseObject({ project: byId.optional(), domain: byId.optional() }),
    }),
  },
  flavors: {
    api: 'nova',
    path: '/flavors/detail?is_public=None',
    list: 'flavors',
    entry: named.extend({
      vcpus: z.int(),
      /** MiB. */
      ram: z.int(),
      /** GiB. */
      disk: z.int(),
      'OS-FLV-EXT-DATA:ephemeral': z.int().default(0),
      /** MiB; older versions say nothing for none. */
      swap: z.union([z.int(), z.literal('').transform(() => 0)]).default(0),
      'os-flavor-access:is_public': z.boolean().default(true),
      extra_specs: specs.default({}),
    }),
  },
  volumeTypes: {
    api: 'cinder',
    path: '/types?is_public=None',
    list: 'volume_types',
    entry: named.extend({ is_public: z.boolean().default(true), extra_specs: specs.default({}) }),
  },
  networks: {
    api: 'neutron',
    path: '/v2.0/networks',
    list: 'networks',
    entry: named.extend({
      project_id: z.string().default(''),
      admin_state_up: z.boolean(),
      shared: z.boolean(),
      'router:external': z.boolean(),
      mtu: z.int().nullish(),
      port_security_enabled: z.boolean().nullish(),
      'provider:network_type': optional,
      'provider:physical_network': optional,
      'provider:segmentation_id': z.int().nullish(),
    }),
  },
  subnets: {
    api: 'neutron',
    path: '/v2.0/subnets',
    list: 'subnets',
    entry: named.extend({
      network_id: z.string(),
      cidr: z.string(),
      ip_version: z.int(),
      gateway_ip: optional,
      enable_dhcp: z.boolean(),
      allocation_pools: z.array(z.looseObject({ start: z.string(), end: z.string() })),
      dns_nameservers: z.array(z.string()).default([]),
      host_routes: z.array(route).default([]),
    }),
  },
  routers: {
    api: 'neutron',
    path: '/v2.0/routers',
    list: 'routers',
    entry: named.extend({
      project_id: z.string().default(''),
      admin_state_up: z.boolean(),
      external_gateway_info: z.looseObject({ network_id: z.string() }).nullish(),
      routes: z.array(route).default([]),
    }),
  },
  legs: {
    api: 'neutron',
    path: `/v2.0/ports?${LEGS.map((owner) => `device_owner=${owner}`).join('&')}`,
    list: 'ports',
    entry: z.looseObject({
      id: z.string(),
      device_id: z.string(),
      fixed_ips: z.array(z.looseObject({ subnet_id: z.string() })),
    }),
  },
  securityGroups: {
    api: 'neutron',
    path: '/v2.0/security-groups',
    list: 'security_groups',
    entry: named.extend({
      project_id: z.string().default(''),
      security_group_rules: z.array(rule),
    }),
  },
  images: {
    api: 'glance',
    path: '/v2/images?limit=500',
    list: 'images',
    entry: z.looseObject({
      id: z.string(),
      name: z.string().nullish(),
      status: z.string(),
      visibility: z.string(),
      /** Bytes. */
      size: z.int().nullish(),
      /** Bytes of the disk that it becomes; unknown of some formats. */
      virtual_size: z.int().nullish(),
      checksum: optional,
      os_hash_algo: optional,
      os_hash_value: optional,
      disk_format: optional,
      container_format: optional,
      min_disk: z.int().default(0),
      min_ram: z.int().default(0),
    }),
  },
} as const;
export type ListName = keyof typeof lists;

export const usersSchema = z.looseObject({ users: z.array(named) });

export const bootVolumesSchema = z.looseObject({
  volumes: z.array(
    named.extend({
      status: z.string(),
      volume_image_metadata: z.looseObject({ image_id: z.string() }).optional(),
    }),
  ),
});

/** What the volume of an image is called. */
export const bootVolumeName = (image: string): string => `drillbook-image-${image}`;

/** Entries of a Neutron quota and of a `quota_set`; what is no number is left out. */
export const computeQuotaSchema = z.looseObject({ quota_set: z.record(z.string(), z.unknown()) });
export const networkQuotaSchema = z.looseObject({ quota: z.record(z.string(), z.unknown()) });
export const keypairsSchema = z.looseObject({
  keypairs: z.array(
    z.looseObject({
      keypair: z.looseObject({
        name: z.string(),
        type: z.string().default('ssh'),
        public_key: z.string(),
      }),
    }),
  ),
});

/** Quotas of one project by service, as they were answered. */
export interface RawQuotas {
  readonly project: string;
  readonly compute: Readonly<Record<string, unknown>>;
  readonly volume: Readonly<Record<string, unknown>>;
  readonly network: Readonly<Record<string, unknown>>;
}

/** A controller as it answered. */
export type RawCloud = {
  readonly [K in ListName]: readonly z.infer<(typeof lists)[K]['entry']>[];
} & {
  /** Those of the accounts that are compared. */
  readonly users: z.infer<typeof usersSchema>['users'];
  /** Volumes kept of images. */
  readonly bootVolumes: z.infer<typeof bootVolumesSchema>['volumes'];
  readonly quotas: readonly RawQuotas[];
  readonly keypairs: readonly {
    /** Id of the user. */
    readonly user: string;
    readonly pairs: z.infer<typeof keypairsSchema>['keypairs'];
  }[];
};
