/** Networks, subnets, security groups and routers in their normal form. */
import { canonical } from '../../canonical.ts';
import type { RawCloud } from './answers.ts';
import type { Json } from './difference.ts';
import type { Draft, Item, Names } from './names.ts';

interface Placing {
  readonly names: Names;
  address(text: string): string;
}

/** Networks and their subnets. */
export function nets(raw: RawCloud, { names, address }: Placing): Draft[] {
  return [
    ...raw.networks.map((network): Draft => {
      const value = {
        project: names.project(network.project_id),
        name: names.translated('networks', network.name),
        up: network.admin_state_up,
        shared: network.shared,
        external: network['router:external'],
        mtu: network.mtu ?? null,
        portSecurity: network.port_security_enabled ?? null,
        networkType: network['provider:network_type'] ?? null,
        physicalNetwork: network['provider:physical_network'] ?? null,
        segment: network['provider:segmentation_id'] ?? null,
      };
      return { kind: 'networks', name: names.network(network.id), id: network.id, value };
    }),
    ...raw.subnets.map((subnet): Draft => {
      const value = {
        network: names.network(subnet.network_id),
        name: names.translated('subnets', subnet.name),
        cidr: address(subnet.cidr),
        ipVersion: subnet.ip_version,
        gateway: subnet.gateway_ip ? address(subnet.gateway_ip) : null,
        dhcp: subnet.enable_dhcp,
        pools: sorted(
          subnet.allocation_pools.map(({ start, end }) => ({
            start: address(start),
            end: address(end),
          })),
        ),
        dns: subnet.dns_nameservers.map(address),
        routes: routesOf(subnet.host_routes, address),
      };
      return { kind: 'subnets', name: names.subnet(subnet.id), id: subnet.id, value };
    }),
  ];
}

const routesOf = (
  routes: readonly { readonly destination: string; readonly nexthop: string }[],
  address: Placing['address'],
): Json[] =>
  sorted(
    routes.map(({ destination, nexthop }) => ({
      destination: address(destination),
      nexthop: address(nexthop),
    })),
  );

export function groups(raw: RawCloud, { names, address }: Placing): Draft[] {
  return raw.securityGroups.map((group): Draft => {
    const name = names.group(group.id);
    const own = names.translated('securityGroups', group.name);
    const rules = sorted(
      group.security_group_rules.map((rule) => ({
        direction: rule.direction,
        ethertype: rule.ethertype,
        protocol:
          rule.protocol === undefined || rule.protocol === null ? null : String(rule.protocol),
        portMin: rule.port_range_min ?? null,
        portMax: rule.port_range_max ?? null,
        remoteIp: rule.remote_ip_prefix ? address(rule.remote_ip_prefix) : null,
        remoteGroup: rule.remote_group_id ? names.group(rule.remote_group_id) : null,
      })),
    );
    const value = { project: names.project(group.project_id), name: own, rules };
    return { kind: 'securityGroups', name, id: group.id, value };
  });
}

/**
 * The group that Neutron makes for each project, perhaps only when somebody first looks: everything
 * out, and in from the group itself.
 */
export function isUntouched({ kind, name, value }: Item): boolean {
  if (kind !== 'securityGroups' || value['name'] !== 'default') return false;
  const open = { protocol: null, portMin: null, portMax: null, remoteIp: null };
  const born = (['IPv4', 'IPv6'] as const).flatMap((ethertype) => [
    { ...open, direction: 'egress', ethertype, remoteGroup: null },
    { ...open, direction: 'ingress', ethertype, remoteGroup: name },
  ]);
  return canonical(value['rules']) === canonical(sorted(born));
}

export function routers(raw: RawCloud, { names, address }: Placing): Draft[] {
  return raw.routers.map((router): Draft => {
    const legs = raw.legs.filter((leg) => leg.device_id === router.id);
    const outside = router.external_gateway_info?.network_id;
    const project = names.project(router.project_id);
    const name = names.translated('routers', router.name);
    const value = {
      project,
      name,
      up: router.admin_state_up,
      gateway: outside === undefined ? null : names.network(outside),
      subnets: [
        ...new Set(legs.flatMap((leg) => leg.fixed_ips.map((ip) => names.subnet(ip.subnet_id)))),
      ].sort(),
      routes: routesOf(router.routes, address),
    };
    return { kind: 'routers', name: `${project}/${name}`, id: router.id, value };
  });
}

const sorted = <T extends Json>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
