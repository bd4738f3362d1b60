import { type Caller, HOME, INNER, metro, OTHER, OUTER, RUNNING } from './compute-support.ts';

const N = '/network/v2.0';
const made = async (api: Caller, kind: string, wish: object) => {
  const { body } = await api(`POST ${N}/${kind}s`.replace('_', '-'), { [kind]: wish });
  return body[kind];
};
const kindOf = (answer: { status: number; body?: { NeutronError?: { type: string } } }) => [
  answer.status,
  answer.body?.NeutronError?.type,
];
const gate = (api: Caller, id: string, verb: 'add' | 'remove', wish: object) =>
  api(`PUT ${N}/routers/${id}/${verb}_router_interface`, wish);

describe('networks and subnets', () => {
  it('makes a network with a subnet, whose DHCP server has a port, and takes both away', async () => {
    const api = await metro().as('minsu');
    const network = await made(api, 'network', { name: 'test-net' });
    expect(network).toMatchObject({
      status: 'ACTIVE',
      subnets: [],
      project_id: HOME,
      'provider:segmentation_id': 3001,
      revision_number: 1,
    });
    const subnet = await made(api, 'subnet', {
      network_id: network.id,
      cidr: '10.9.0.5/24',
      ip_version: 4,
    });
    expect(subnet).toMatchObject({
      cidr: '10.9.0.0/24',
      gateway_ip: '10.9.0.1',
      allocation_pools: [{ start: '10.9.0.2', end: '10.9.0.254' }],
    });
    const { ports } = (await api(`GET ${N}/ports?network_id=${network.id}`)).body;
    expect(ports).toMatchObject([
      { device_owner: 'network:dhcp', fixed_ips: [{ ip_address: '10.9.0.2' }] },
    ]);
    const port = await made(api, 'port', { network_id: network.id });
    expect(kindOf(await api(`DELETE ${N}/networks/${network.id}`))).toEqual([409, 'NetworkInUse']);
    expect(kindOf(await api(`DELETE ${N}/subnets/${subnet.id}`))).toEqual([409, 'SubnetInUse']);
    await api(`DELETE ${N}/ports/${port.id}`);
    expect((await api(`DELETE ${N}/networks/${network.id}`)).status).toBe(204);
    expect(kindOf(await api(`GET ${N}/subnets/${subnet.id}`))).toEqual([404, 'SubnetNotFound']);
  });

  it('refuses overlaps, pools outside, taken segments and unknown attributes', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const subnet = (wish: object, api = admin) =>
      api(`POST ${N}/subnets`, { subnet: { network_id: INNER, ip_version: 4, ...wish } });
    expect(kindOf(await subnet({ cidr: '10.1.0.128/25' }))).toEqual([400, 'InvalidInput']);
    const pools = [{ start: '10.3.0.5', end: '10.4.0.9' }];
    expect((await subnet({ cidr: '10.3.0.0/24', allocation_pools: pools })).status).toBe(400);
    expect((await subnet({ cidr: '10.3.0.0/24', gateway_ip: '10.4.0.1' })).status).toBe(400);
    expect((await subnet({ cidr: 'ten' })).status).toBe(400);
    const network = (wish: object, api = admin) => api(`POST ${N}/networks`, { network: wish });
    const vlan = { 'provider:network_type': 'vlan', 'provider:segmentation_id': 101 };
    expect(kindOf(await network(vlan))).toEqual([409, 'VlanIdInUse']);
    expect(kindOf(await network(vlan, member))).toEqual([403, 'PolicyNotAuthorized']);
    expect((await network({ colour: 'red' })).body.NeutronError).toEqual({
      type: 'HTTPBadRequest',
      message: "Unrecognized attribute(s) 'colour'",
      detail: '',
    });
    const bare = await api404(admin, { subnet: { ip_version: 4, cidr: '10.3.0.0/24' } });
    expect(bare).toBe("Failed to parse request. Required attribute 'network_id' not specified");
  });

  const api404 = async (api: Caller, body: object) =>
    (await api(`POST ${N}/subnets`, body)).body.NeutronError.message;

  it('shows a project its own, shared and external networks', async () => {
    const rig = metro();
    const jiwoo = await rig.as('jiwoo', 'loans');
    const names = async (api: Caller) =>
      (await api(`GET ${N}/networks`)).body.networks.map((one: { name: string }) => one.name);
    expect(await names(jiwoo)).toEqual(['outer']);
    expect((await jiwoo(`GET ${N}/networks/${INNER}`)).status).toBe(404);
    expect((await jiwoo(`DELETE ${N}/networks/${INNER}`)).status).toBe(404);
    const admin = await rig.as('admin');
    await admin(`PUT ${N}/networks/${INNER}`, { network: { shared: true } });
    expect(await names(jiwoo)).toEqual(['inner', 'outer']);
    expect((await jiwoo(`GET ${N}/ports?device_id=${RUNNING}`)).body.ports).toEqual([]);
  });
});

describe('lists', () => {
  it('filters, trims to fields, sorts and pages both ways', async () => {
    const api = await metro().as('admin');
    for (const name of ['c', 'a', 'b']) await made(api, 'port', { network_id: INNER, name });
    const names = async (query: string) =>
      (await api(`GET ${N}/ports?${query}`)).body.ports.map((one: { name: string }) => one.name);
    const own = 'device_id=&sort_key=name';
    expect(await names(`${own}&sort_dir=asc`)).toEqual(['a', 'b', 'c']);
    expect(await names('name=a&name=c&sort_key=name&sort_dir=desc')).toEqual(['c', 'a']);
    expect(await names('fixed_ips=ip_address=10.1.0.11')).toEqual(['']);
    const trimmed = (await api(`GET ${N}/ports?name=a&fields=id&fields=name`)).body.ports[0];
    expect(Object.keys(trimmed)).toEqual(['id', 'name']);

    const first = (await api(`GET ${N}/ports?${own}&limit=2`)).body;
    const [next] = first.ports_links;
    expect(next.rel).toBe('next');
    const path = next.href.replace('http://cloud.dr.twin', '');
    const second = (await api(`GET ${path}`)).body;
    expect(second.ports.map((one: { name: string }) => one.name)).toEqual(['c']);
    const back = second.ports_links.find((one: { rel: string }) => one.rel === 'previous');
    const again = (await api(`GET ${back.href.replace('http://cloud.dr.twin', '')}`)).body;
    expect(again.ports.map((one: { name: string }) => one.name)).toEqual(['a', 'b']);
    expect((await api(`GET ${N}/ports?marker=nope`)).status).toBe(400);
    expect((await api(`GET ${N}/ports?sort_key=colour`)).status).toBe(400);
    expect((await api(`GET ${N}/ports?limit=-1`)).status).toBe(400);
  });
});

describe('ports', () => {
  it('changes addresses, not the MAC of a bound port; leaves ports of routers alone', async () => {
    const api = await metro().as('admin');
    const [held] = (await api(`GET ${N}/ports?device_id=${RUNNING}`)).body.ports;
    expect(held.security_groups).toHaveLength(1);
    const free = await made(api, 'port', { network_id: INNER });
    const put = (id: string, port: object) => api(`PUT ${N}/ports/${id}`, { port });
    const ip = [{ ip_address: '10.1.0.77' }];
    expect((await put(free.id, { fixed_ips: ip })).body.port.fixed_ips[0].ip_address).toBe(
      '10.1.0.77',
    );
    expect(kindOf(await put(held.id, { fixed_ips: ip }))).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    expect(kindOf(await put(free.id, { mac_address: held.mac_address }))).toEqual([
      409,
      'MacAddressInUse',
    ]);
    expect((await put(free.id, { security_groups: ['nope'] })).status).toBe(404);
    await api(`PUT ${N}/subnets/${held.fixed_ips[0].subnet_id}`, {
      subnet: { gateway_ip: '10.1.0.1' },
    });
    const router = await made(api, 'router', { name: 'r1' });
    await gate(api, router.id, 'add', { subnet_id: held.fixed_ips[0].subnet_id });
    const [leg] = (await api(`GET ${N}/ports?device_id=${router.id}`)).body.ports;
    expect(kindOf(await api(`DELETE ${N}/ports/${leg.id}`))).toEqual([409, 'ServicePortInUse']);
  });

  it('stops at the quota, which administrators change', async () => {
    const rig = metro({ quotas: { ports: 3 } });
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    const port = () => member(`POST ${N}/ports`, { port: { network_id: INNER } });
    // Two DHCP ports and the one of the running server are there from the first day.
    expect(kindOf(await port())).toEqual([409, 'OverQuota']);
    const wish = { quota: { port: 4 } };
    expect((await member(`PUT ${N}/quotas/${HOME}`, wish)).status).toBe(403);
    expect((await admin(`PUT ${N}/quotas/${HOME}`, wish)).body.quota.port).toBe(4);
    expect((await port()).status).toBe(201);
    const used = (await member(`GET ${N}/quotas/${HOME}/details`)).body.quota.port;
    expect(used).toEqual({ limit: 4, used: 4, reserved: 0 });
    expect((await member(`GET ${N}/quotas/${OTHER}`)).status).toBe(403);
    expect((await admin(`DELETE ${N}/quotas/${HOME}`)).status).toBe(204);
    expect(kindOf(await port())).toEqual([409, 'OverQuota']);
  });

  it('runs out of addresses', async () => {
    const api = await metro().as('admin');
    const network = await made(api, 'network', { name: 'tiny' });
    await made(api, 'subnet', { network_id: network.id, cidr: '10.5.0.0/29', ip_version: 4 });
    const port = () => api(`POST ${N}/ports`, { port: { network_id: network.id } });
    for (let index = 0; index < 4; index++) expect((await port()).status).toBe(201);
    expect(kindOf(await port())).toEqual([409, 'IpAddressGenerationFailure']);
  });
});

describe('routers and floating addresses', () => {
  async function routed(api: Caller) {
    const [inner] = (await api(`GET ${N}/subnets?network_id=${INNER}`)).body.subnets;
    await api(`PUT ${N}/subnets/${inner.id}`, { subnet: { gateway_ip: '10.1.0.1' } });
    const router = await made(api, 'router', {
      name: 'r1',
      external_gateway_info: { network_id: OUTER },
    });
    return { inner: inner.id as string, router };
  }

  it('reaches an inner subnet once, and is in use then', async () => {
    const api = await metro().as('admin');
    const [plain] = (await api(`GET ${N}/subnets?network_id=${INNER}`)).body.subnets;
    const bare = await made(api, 'router', { name: 'r0' });
    expect((await gate(api, bare.id, 'add', { subnet_id: plain.id })).status).toBe(400);
    const { inner, router } = await routed(api);
    expect(router.external_gateway_info.external_fixed_ips[0].ip_address).toMatch(/^203\.0\.113\./);
    const added = await gate(api, router.id, 'add', { subnet_id: inner });
    expect(added.body).toMatchObject({ id: router.id, subnet_id: inner });
    expect((await gate(api, router.id, 'add', { subnet_id: inner })).status).toBe(400);
    expect(kindOf(await gate(api, bare.id, 'add', { subnet_id: inner }))).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    expect(kindOf(await api(`DELETE ${N}/routers/${router.id}`))).toEqual([409, 'RouterInUse']);
    expect(kindOf(await gate(api, bare.id, 'remove', { subnet_id: inner }))).toEqual([
      404,
      'RouterInterfaceNotFoundForSubnet',
    ]);
    await gate(api, router.id, 'remove', { subnet_id: inner });
    expect((await api(`DELETE ${N}/routers/${router.id}`)).status).toBe(204);
    const gateways = await api(`GET ${N}/ports?device_owner=network:router_gateway`);
    expect(gateways.body.ports).toEqual([]);
    const not = { external_gateway_info: { network_id: INNER } };
    expect((await api(`POST ${N}/routers`, { router: not })).status).toBe(400);
  });

  it('leads to a port behind a router, and keeps that router', async () => {
    const api = await metro().as('admin');
    const [port] = (await api(`GET ${N}/ports?device_id=${RUNNING}`)).body.ports;
    const wish = { floating_network_id: OUTER, port_id: port.id };
    const early = await api(`POST ${N}/floatingips`, { floatingip: wish });
    expect(kindOf(early)).toEqual([404, 'ExternalGatewayForFloatingIPNotFound']);
    const { inner, router } = await routed(api);
    await gate(api, router.id, 'add', { subnet_id: inner });
    const floating = await made(api, 'floatingip', wish);
    expect(floating).toMatchObject({ status: 'ACTIVE', fixed_ip_address: '10.1.0.11' });
    const { server } = (await api(`GET /servers/${RUNNING}`)).body;
    expect(
      server.addresses.inner.map((one: Record<string, string>) => one['OS-EXT-IPS:type']),
    ).toEqual(['fixed', 'floating']);
    expect(kindOf(await api(`POST ${N}/floatingips`, { floatingip: wish }))).toEqual([
      409,
      'FloatingIPPortAlreadyAssociated',
    ]);
    expect(kindOf(await gate(api, router.id, 'remove', { subnet_id: inner }))).toEqual([
      409,
      'RouterInterfaceInUseByFloatingIP',
    ]);
    const off = { floatingip: { port_id: null } };
    const freed = (await api(`PUT ${N}/floatingips/${floating.id}`, off)).body.floatingip;
    expect([freed.status, freed.router_id]).toEqual(['DOWN', null]);
    expect((await api(`DELETE ${N}/floatingips/${floating.id}`)).status).toBe(204);
  });

  it('grows an uninvited router by a fault, and loses it again', async () => {
    const rig = metro();
    const api = await rig.as('admin');
    const legs = async () =>
      (await api(`GET ${N}/ports?device_owner=network:router_interface`)).body.ports;
    rig.cloud.fault('router-attached', true);
    expect(await legs()).toMatchObject([
      { network_id: INNER, fixed_ips: [{ ip_address: '10.1.0.1' }] },
    ]);
    expect((await api(`GET ${N}/routers`)).body.routers).toHaveLength(1);
    rig.cloud.fault('router-attached', false);
    expect(await legs()).toEqual([]);
  });
});

describe('security groups', () => {
  it('has a default that stays; others go when no port uses them', async () => {
    const api = await metro().as('minsu');
    const groups = (await api(`GET ${N}/security-groups`)).body.security_groups;
    expect(groups).toMatchObject([{ name: 'default', project_id: HOME }]);
    const first = `${N}/security-groups/${groups[0].id}`;
    expect(kindOf(await api(`DELETE ${first}`))).toEqual([409, 'SecurityGroupCannotRemoveDefault']);
    const group = await made(api, 'security_group', { name: 'web' });
    expect(group.security_group_rules).toHaveLength(2);
    const port = await made(api, 'port', { network_id: INNER, security_groups: [group.id] });
    expect(kindOf(await api(`DELETE ${N}/security-groups/${group.id}`))).toEqual([
      409,
      'SecurityGroupInUse',
    ]);
    await api(`DELETE ${N}/ports/${port.id}`);
    expect((await api(`DELETE ${N}/security-groups/${group.id}`)).status).toBe(204);
  });

  it('takes a rule once, and only one that makes sense', async () => {
    const api = await metro().as('minsu');
    const group = await made(api, 'security_group', { name: 'web' });
    const rule = (wish: object) =>
      api(`POST ${N}/security-group-rules`, {
        security_group_rule: { security_group_id: group.id, direction: 'ingress', ...wish },
      });
    const https = { protocol: 'tcp', port_range_min: 443, port_range_max: 443 };
    const made1 = await rule(https);
    expect(made1.status).toBe(201);
    expect(kindOf(await rule(https))).toEqual([409, 'SecurityGroupRuleExists']);
    expect((await rule({ port_range_min: 443 })).status).toBe(400);
    expect((await rule({ ...https, port_range_min: 444 })).status).toBe(400);
    const { id } = made1.body.security_group_rule;
    expect((await api(`DELETE ${N}/security-group-rules/${id}`)).status).toBe(204);
    expect((await api(`DELETE ${N}/security-group-rules/${id}`)).status).toBe(404);
  });
});

describe('tags, agents, extensions', () => {
  it('tags rows and finds them by tag', async () => {
    const api = await metro().as('minsu');
    const tags = `${N}/networks/${INNER}/tags`;
    expect((await api(`PUT ${tags}`, { tags: ['drill', 'payments'] })).status).toBe(200);
    expect((await api(`PUT ${tags}/more`)).status).toBe(201);
    expect((await api(`GET ${N}/networks?tags=drill,more`)).body.networks).toHaveLength(1);
    expect((await api(`GET ${N}/networks?tags=drill,other`)).body.networks).toEqual([]);
    expect((await api(`DELETE ${tags}/more`)).status).toBe(204);
    expect((await api(`GET ${tags}/more`)).status).toBe(404);
  });

  it('lists agents to administrators, dead ones as dead', async () => {
    const rig = metro();
    const [admin, member] = [await rig.as('admin'), await rig.as('minsu')];
    expect((await member(`GET ${N}/agents`)).body.agents).toEqual([]);
    rig.cloud.fault('compute-down', true);
    const { agents } = (await admin(`GET ${N}/agents`)).body;
    expect(
      agents.map((one: { host: string; alive: boolean }) => `${one.host} ${one.alive}`),
    ).toEqual(['a1 false', 'a2 true', 'b1 true', 'metro-network-1 true', 'metro-network-1 true']);
    const { extensions } = (await member(`GET ${N}/extensions`)).body;
    expect(extensions.map((one: { alias: string }) => one.alias)).toContain('router');
    expect((await member(`GET ${N}/extensions/nope`)).status).toBe(404);
  });
});
