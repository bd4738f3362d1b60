/** The parts that calls of the configuration are put together from. */
import { canonical } from '../../canonical.ts';
import type { Difference, Json } from '../../openstack/configuration/difference.ts';
import type { DraftCall } from '../action.ts';
import type { NeededKind } from './needs.ts';

export type Value = Difference['value'];

/** An id at DR, or a hole for what an earlier call makes. */
export type Ref = (kind: NeededKind | 'routers', name: string) => string;

export interface Piece {
  /** Of the call; several of one object are told apart by their place. */
  readonly verb: 'create' | 'set' | 'add' | 'delete';
  readonly api: string;
  readonly method: DraftCall['method'];
  readonly path: string;
  readonly body?: Record<string, Json>;
  /** What is said beyond the line of the difference. */
  readonly about?: string;
  /** Whether the object as it is read shows the effect. */
  isThere(value: Value | undefined): boolean;
}

export interface Making {
  readonly difference: Difference;
  readonly ref: Ref;
  /** Carried by what is made, so that it can be found when the answer is lost. */
  readonly key: string;
}

export type Maker = (making: Making) => readonly Piece[];

export const exists = (value: Value | undefined): boolean => value !== undefined;
export const same = (a: Json | undefined, b: Json | undefined): boolean =>
  canonical(a ?? null) === canonical(b ?? null);
export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);
export const table = (value: Json | undefined): Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};

/** Renamed as the service calls them; what is not said is left to the service. */
export function fieldsAs(
  value: Value,
  names: Readonly<Record<string, string>>,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([own, theirs]) => {
      const one = value[own];
      return one === undefined || one === null ? [] : [[theirs, one]];
    }),
  );
}

export const networkFields = {
  up: 'admin_state_up',
  shared: 'shared',
  mtu: 'mtu',
  portSecurity: 'port_security_enabled',
} as const;
export const subnetFields = {
  dhcp: 'enable_dhcp',
  pools: 'allocation_pools',
  dns: 'dns_nameservers',
  routes: 'host_routes',
} as const;
export const gatewayOf = ({ gateway }: Value): Record<string, Json> =>
  gateway === undefined ? {} : { gateway_ip: gateway };

export const creating = (api: string, path: string, body: Record<string, Json>): Piece => ({
  verb: 'create',
  api,
  method: 'POST',
  path,
  body,
  isThere: exists,
});

/** Specs are added and overwritten; what DR has beyond them stays. */
export function specs(api: 'nova' | 'cinder', id: string, value: Value): Piece[] {
  const wanted = table(value['extraSpecs']);
  if (Object.keys(wanted).length === 0) return [];
  const path = api === 'nova' ? `/flavors/${id}/os-extra_specs` : `/types/${id}/extra_specs`;
  const isThere: Piece['isThere'] = (seen) => {
    const there = table(seen?.['extraSpecs']);
    return Object.entries(wanted).every(([name, spec]) => same(there[name], spec));
  };
  const about = `extra specs ${Object.keys(wanted).join(', ')}`;
  return [
    { verb: 'set', api, method: 'POST', path, body: { extra_specs: wanted }, about, isThere },
  ];
}

/** The rules of `value` that are not among those that are there. */
export function rules(group: string, wanted: readonly Json[], ref: Ref): Piece[] {
  return wanted.map((rule): Piece => {
    const { direction, ethertype, protocol, portMin, portMax, remoteIp, remoteGroup } = table(rule);
    const body = {
      security_group_id: group,
      direction: text(direction),
      ethertype: text(ethertype),
      protocol: protocol ?? null,
      port_range_min: portMin ?? null,
      port_range_max: portMax ?? null,
      remote_ip_prefix: remoteIp ?? null,
      remote_group_id: typeof remoteGroup === 'string' ? ref('securityGroups', remoteGroup) : null,
    };
    const ports = portMin === null ? '' : ` ${String(portMin)}-${String(portMax)}`;
    const far = text(remoteIp) || text(remoteGroup);
    return {
      verb: 'add',
      api: 'neutron',
      method: 'POST',
      path: '/v2.0/security-group-rules',
      body: { security_group_rule: body },
      about:
        `${text(direction)} ${text(ethertype)} ${text(protocol) || 'any'}${ports} ${far}`.trim(),
      isThere: (seen) => list(seen?.['rules']).some((one) => same(one, rule)),
    };
  });
}

/** A group is born with everything let out. */
export const isBorn = (rule: Json): boolean => {
  const { direction, ethertype: _, ...rest } = table(rule);
  return direction === 'egress' && Object.values(rest).every((one) => one === null);
};

export function legs(router: string, wanted: readonly Json[], ref: Ref): Piece[] {
  return wanted.map(
    (subnet): Piece => ({
      verb: 'add',
      api: 'neutron',
      method: 'PUT',
      path: `/v2.0/routers/${router}/add_router_interface`,
      body: { subnet_id: ref('subnets', text(subnet)) },
      about: text(subnet),
      isThere: (seen) => list(seen?.['subnets']).includes(subnet),
    }),
  );
}

export function gatewayInfo({ gateway }: Value, ref: Ref): Record<string, Json> {
  if (gateway === undefined) return {};
  const info = typeof gateway === 'string' ? { network_id: ref('networks', gateway) } : null;
  return { external_gateway_info: info };
}

/** Routes lead through legs: they come after them. */
export function routes(router: string, value: Value): Piece[] {
  if (list(value['routes']).length === 0) return [];
  const wanted = { routes: list(value['routes']) };
  return [
    updating('router', `/v2.0/routers/${router}`, { body: wanted, value, fields: ['routes'] }),
  ];
}

interface Updating {
  readonly body: Record<string, Json>;
  readonly value: Value;
  readonly fields: readonly string[];
}

export const updating = (word: string, path: string, { body, value, fields }: Updating): Piece => ({
  verb: 'set',
  api: 'neutron',
  method: 'PUT',
  path,
  body: { [word]: body },
  about: fields.join(', '),
  isThere: (seen) => seen !== undefined && fields.every((one) => same(seen[one], value[one])),
});

export function quotas({ difference: { value }, ref }: Making): Piece[] {
  const project = ref('projects', text(value['project']));
  const services = [
    ['compute', 'nova', `/os-quota-sets/${project}`, 'quota_set'],
    ['volume', 'cinder', `/os-quota-sets/${project}`, 'quota_set'],
    ['network', 'neutron', `/v2.0/quotas/${project}`, 'quota'],
  ] as const;
  return services.flatMap(([service, api, path, word]): Piece[] => {
    const wanted = table(value[service]);
    if (Object.keys(wanted).length === 0) return [];
    const isThere: Piece['isThere'] = (seen) => {
      const there = table(seen?.[service]);
      return Object.entries(wanted).every(([name, limit]) => same(there[name], limit));
    };
    return [
      { verb: 'set', api, method: 'PUT', path, body: { [word]: wanted }, about: service, isThere },
    ];
  });
}
