/** Normal form, mapping, comparison and danger of controller configuration: pure, cell by cell. */
import { describe, expect, it, test } from '@jest/globals';
import { type Mapping, mappingSchema, noMapping } from '../../lib/mapping.ts';
import type { RawCloud } from '../../lib/openstack/configuration/answers.ts';
import { differencesOf } from '../../lib/openstack/configuration/compare.ts';
import { classifyConfigurationCall } from '../../lib/openstack/configuration/danger.ts';
import { normalOf } from '../../lib/openstack/configuration/normal.ts';
import { asItIs, translation } from '../../lib/openstack/configuration/translate.ts';
import { lineOf } from '../../lib/openstack/configuration/words.ts';
import { cloudPredicates } from '../../lib/openstack/predicates.ts';

/** A controller whose ids all begin with `at`. */
function cloud(at: string, change: Partial<RawCloud> = {}): RawCloud {
  const network = {
    ...{
      id: `${at}-net`,
      name: 'core',
      project_id: `${at}-p`,
      admin_state_up: true,
      shared: false,
    },
    ...{ 'router:external': false, mtu: 1500, port_security_enabled: true },
    ...{ 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' },
    'provider:segmentation_id': 100,
  };
  const subnet = {
    ...{ id: `${at}-sub`, name: 'core', network_id: `${at}-net`, cidr: '10.1.0.0/24' },
    ...{ ip_version: 4, gateway_ip: '10.1.0.1', enable_dhcp: true, dns_nameservers: ['10.1.0.2'] },
    allocation_pools: [{ start: '10.1.0.10', end: '10.1.0.99' }],
    host_routes: [],
  };
  const rule = (more: object) => ({ direction: 'ingress', ethertype: 'IPv4', ...more });
  return {
    projects: [{ id: `${at}-p`, name: 'bank', enabled: true, is_domain: false }],
    roles: [{ id: `${at}-r`, name: 'member' }],
    assignments: [
      {
        role: { id: `${at}-r`, name: 'member' },
        user: { id: `${at}-u`, name: 'ops' },
        scope: { project: { id: `${at}-p`, name: 'bank' } },
      },
    ],
    flavors: [
      {
        ...{ id: `${at}-f`, name: 'c8.m32', vcpus: 8, ram: 32_768, disk: 0, swap: 0 },
        ...{ 'OS-FLV-EXT-DATA:ephemeral': 0, 'os-flavor-access:is_public': true },
        extra_specs: {},
      },
    ],
    volumeTypes: [
      { id: `${at}-t`, name: 'gold', is_public: true, extra_specs: { backend: `vsp-${at}` } },
    ],
    networks: [network],
    subnets: [subnet],
    routers: [
      {
        ...{
          id: `${at}-rt`,
          name: 'edge',
          project_id: `${at}-p`,
          admin_state_up: true,
          routes: [],
        },
        external_gateway_info: { network_id: `${at}-net` },
      },
    ],
    legs: [{ id: `${at}-l`, device_id: `${at}-rt`, fixed_ips: [{ subnet_id: `${at}-sub` }] }],
    groups: [],
    securityGroups: [
      {
        ...{ id: `${at}-g`, name: 'app', project_id: `${at}-p` },
        security_group_rules: [
          rule({
            protocol: 'tcp',
            port_range_min: 443,
            port_range_max: 443,
            remote_ip_prefix: '10.1.0.0/16',
          }),
          rule({ remote_group_id: `${at}-g` }),
        ],
      },
    ],
    images: [],
    users: [{ id: `${at}-u`, name: 'ops' }],
    bootVolumes: [],
    keypairs: [],
    quotas: [
      { project: `${at}-p`, compute: { id: `${at}-p`, cores: 20 }, volume: {}, network: {} },
    ],
    ...change,
  };
}

const types: Mapping['values'] = {
  volumeTypes: { 'extraSpecs.backend': { 'vsp-main': 'vsp-dr' } },
};
const mapping = (wish: object = {}): Mapping => mappingSchema.parse({ values: types, ...wish });
const linesOf = (main: RawCloud, dr: RawCloud, with_ = mapping()) =>
  differencesOf({ main, dr }, with_).map((one) => lineOf(one).en);

describe('two controllers', () => {
  it('are the same whatever their ids and the order of their lists', () => {
    const dr = cloud('dr');
    const turned = {
      ...dr,
      securityGroups: dr.securityGroups.map((group) => ({
        ...group,
        security_group_rules: [...group.security_group_rules].reverse(),
      })),
    };
    expect(linesOf(cloud('main'), turned)).toEqual([]);
    expect(JSON.stringify(normalOf(dr, asItIs).items)).not.toMatch(/dr-(p|net|sub|g|f|t|rt)"/);
  });

  it('differ without the mapping where they are meant to differ', () => {
    expect(linesOf(cloud('main'), cloud('dr'), noMapping)).toEqual([
      '~ volume type gold: extraSpecs.backend vsp-dr -> vsp-main',
    ]);
  });

  test.each<[string, (raw: RawCloud) => Partial<RawCloud>, string]>([
    ['a flavor', () => ({ flavors: [] }), '+ flavor c8.m32 (8 vCPU, 32 GiB)'],
    ['a network', () => ({ networks: [] }), '+ network bank/core (vlan 100 physnet1)'],
    ['a role of somebody', () => ({ assignments: [] }), '+ role assignment member ops bank'],
    ['a leg', () => ({ legs: [] }), '~ router bank/edge: subnets + bank/core/core'],
    [
      'a quota',
      (raw) => ({
        quotas: [
          { project: raw.projects[0]?.id ?? '', compute: { cores: 10 }, volume: {}, network: {} },
        ],
      }),
      '~ quota bank: compute.cores 10 -> 20',
    ],
    [
      'a rule',
      ({ securityGroups }) => ({
        securityGroups: securityGroups.map((one) => ({
          ...one,
          security_group_rules: one.security_group_rules.slice(1),
        })),
      }),
      '~ security group bank/app: rules + direction ingress, ethertype IPv4, protocol tcp, portMin 443, portMax 443, …',
    ],
    [
      'a segment',
      ({ networks }) => ({
        networks: networks.map((one) => ({ ...one, 'provider:segmentation_id': 200 })),
      }),
      '~ network bank/core: segment 200 -> 100',
    ],
  ])('differ by %s', (_, change, line) => {
    const dr = cloud('dr');
    const found = linesOf(cloud('main'), { ...dr, ...change(dr) });
    expect(found.map((one) => one.slice(0, 60))).toContain(line.slice(0, 60));
  });

  it('say what is only at DR, and images by the hash of their bytes', () => {
    const image = (hash: string) => ({
      ...{
        id: hash,
        name: 'rocky',
        status: 'active',
        visibility: 'public',
        min_disk: 1,
        min_ram: 0,
      },
      ...{ os_hash_algo: 'sha512', os_hash_value: hash },
    });
    expect(
      linesOf(cloud('main', { images: [image('a')] }), cloud('dr', { images: [image('b')] })),
    ).toEqual(['~ image rocky: hash sha512:b -> sha512:a']);
    expect(linesOf(cloud('main'), cloud('dr', { images: [image('b')] }))).toEqual([
      '- image rocky (sha512:b): only at DR',
    ]);
  });

  it('do not differ by the group every project is born with', () => {
    const dr = cloud('dr');
    const born = (['IPv4', 'IPv6'] as const).flatMap((ethertype) => [
      { direction: 'egress', ethertype },
      { direction: 'ingress', ethertype, remote_group_id: 'dr-d' },
    ]);
    const group = { id: 'dr-d', name: 'default', project_id: 'dr-p', security_group_rules: born };
    expect(
      linesOf(cloud('main'), { ...dr, securityGroups: [...dr.securityGroups, group] }),
    ).toEqual([]);
    const open = {
      ...group,
      security_group_rules: [...born, { direction: 'ingress', ethertype: 'IPv4' }],
    };
    expect(linesOf(cloud('main'), { ...dr, securityGroups: [...dr.securityGroups, open] })).toEqual(
      ['- security group bank/default (5 rules): only at DR'],
    );
  });

  it('say nothing of people: roles count of groups and of the accounts that are named', () => {
    const main = cloud('main');
    const [one] = main.assignments;
    if (one === undefined) throw new Error('no assignment');
    const { user: _, ...rest } = one;
    const assignments = [
      { ...rest, user: { id: 'kim' } },
      { ...rest, group: { id: 'g-1' } },
    ];
    const found = linesOf(
      { ...main, assignments, groups: [{ id: 'g-1', name: 'dba' }] },
      cloud('dr'),
    );
    expect(found).toEqual([
      '+ role assignment member group dba bank',
      '- role assignment member ops bank: only at DR',
    ]);
  });

  it('a name that stands twice is told apart', () => {
    const dr = cloud('dr');
    const twice = {
      ...dr,
      networks: [...dr.networks, ...dr.networks.map((one) => ({ ...one, id: 'x', shared: true }))],
    };
    expect(linesOf(cloud('main'), twice)).toEqual([
      '- network bank/core (2) (vlan 100 physnet1): only at DR',
    ]);
  });
});

describe('the mapping', () => {
  it('moves names, with everything that is called after them', () => {
    const dr = cloud('dr');
    const renamed = { ...dr, projects: dr.projects.map((one) => ({ ...one, name: 'bank-dr' })) };
    const assigned = { assignments: [] };
    const names = { projects: { bank: 'bank-dr' } };
    expect(
      linesOf({ ...cloud('main'), ...assigned }, { ...renamed, ...assigned }, mapping({ names })),
    ).toEqual([]);
  });

  it('ignores names by pattern and single fields', () => {
    const ignore = [
      { kind: 'flavors', name: 'c*.m32', why: 'x' },
      { kind: 'networks', field: 'segment', why: 'x' },
    ];
    const dr = cloud('dr', { flavors: [] });
    const moved = {
      ...dr,
      networks: dr.networks.map((one) => ({ ...one, 'provider:segmentation_id': 9 })),
    };
    expect(linesOf(cloud('main'), moved, mapping({ ignore }))).toEqual([]);
    // A dot is a dot.
    const other = [{ kind: 'flavors', name: 'c8xm32', why: 'x' }];
    expect(linesOf(cloud('main'), dr, mapping({ ignore: other }))).toHaveLength(1);
  });

  test.each([
    ['10.1.0.0/16', '10.1.0.0/24', '10.9.0.0/24'],
    ['10.1.0.0/16', '10.1.255.7', '10.9.255.7'],
    ['10.1.0.0/16', '10.2.0.7', '10.2.0.7'],
    ['10.1.0.0/16', '10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.0.0/16', 'fd00::1', 'fd00::1'],
    ['10.2.0.0/16', '10.2.0.7/32', '10.9.0.7/32'],
  ])('%s moves %s to %s', (from, address, there) => {
    const { address: move } = translation(mapping({ cidrs: { [from]: '10.9.0.0/16' } }));
    expect(move(address)).toBe(there);
  });

  it('is refused when a prefix would not fit', () => {
    const cidrs = { '10.1.0.0/16': '10.9.0.0/17' };
    expect(mappingSchema.safeParse({ cidrs }).success).toBe(false);
  });
});

describe('calls', () => {
  const rule = {
    ...{ security_group_id: '{{ref1}}', direction: 'ingress', ethertype: 'IPv4', protocol: null },
    ...{
      port_range_min: null,
      port_range_max: null,
      remote_ip_prefix: null,
      remote_group_id: null,
    },
  };
  const ask = (
    method: string,
    [api, path]: [string, string],
    body?: unknown,
    pointer = '/security_group/id',
  ) =>
    classifyConfigurationCall({
      api,
      method,
      path,
      holes: [{ pointer }],
      ...(body === undefined ? {} : { body }),
    });

  it('are of class data, or of none', () => {
    const rules: [string, string] = ['neutron', '/v2.0/security-group-rules'];
    expect(ask('POST', rules, { security_group_rule: rule })).toBe('data');
    expect(
      ask('POST', rules, { security_group_rule: { ...rule, tenant_id: 'x' } }),
    ).toBeUndefined();
    expect(ask('POST', rules, { security_group_rule: rule, x: 1 })).toBeUndefined();
    expect(ask('POST', rules)).toBeUndefined();
    expect(ask('POST', rules, { security_group_rule: rule }, '/server/id')).toBeUndefined();
    expect(ask('DELETE', ['nova', '/flavors/f-1'])).toBe('data');
    expect(ask('DELETE', ['nova', '/flavors/f-1'], {})).toBeUndefined();
    expect(ask('DELETE', ['nova', '/flavors/{{ref1}}'])).toBeUndefined();
    expect(ask('DELETE', ['keystone', '/projects/p-1'])).toBeUndefined();
    expect(ask('DELETE', ['neutron', '/v2x0/networks/n-1'])).toBeUndefined();
    expect(ask('PUT', ['keystone', '/projects/p-1/users/u-1/roles/r-1'])).toBeUndefined();
    expect(
      ask('PUT', ['cinder', '/os-quota-sets/p-1'], { quota_set: { volumes: -2 } }),
    ).toBeUndefined();
    const project = { name: 'cards', description: 'drillbook-1', enabled: true };
    expect(ask('POST', ['keystone', '/projects'], { project })).toBe('data');
    expect(
      ask('POST', ['keystone', '/projects'], { project: { ...project, description: 'x' } }),
    ).toBeUndefined();
  });

  test.each<[string, object, string[], boolean]>([
    ['nobody has the name', { networks: [] }, [], true],
    ['somebody took it', { networks: [{ id: 'a', name: 'n' }] }, [], false],
    [
      'the one that was seen',
      {
        networks: [
          { id: 'a', name: 'n' },
          { id: 'b', name: 'o' },
        ],
      },
      ['a'],
      true,
    ],
    ['another one', { networks: [{ id: 'b', name: 'n' }] }, ['a'], false],
    [
      'one more',
      {
        networks: [
          { id: 'a', name: 'n' },
          { id: 'b', name: 'n' },
        ],
      },
      ['a'],
      false,
    ],
    ['only a part of the list', { networks: [], networks_links: [] }, [], false],
    ['no list', {}, [], false],
  ])('named-exactly: %s', (_, body, ids, holds) => {
    const found = cloudPredicates['named-exactly']?.(body, { list: 'networks', name: 'n', ids });
    expect(found?.holds).toBe(holds);
  });
});
