/** Neutron: networks, subnets, routers and ports, where the site has them. */
import { listed, type Needs } from './not-run.ts';
import { type Caller, openSite, plain, type Session, type Site, sessionOf } from './site.ts';
import { at, fields, listAt, REQUEST_ID, textAt, UUID, unauthorized, ZULU } from './wire.ts';

let site: Site;
let own: Session;
let neutron: Caller;
const made: string[] = [];
const needs: Needs = { what: 'the Neutron of the site', services: ['neutron'] };
const tried = (name: string, work: () => Promise<void>) => listed(needs, name, { work });

beforeAll(async () => {
  site = await openSite();
  if (!site.services.includes('neutron')) return;
  own = await sessionOf(site);
  neutron = own.service('neutron');
});
afterAll(async () => {
  for (const path of made.reverse()) await neutron(`DELETE /v2.0/${path}`);
  await site.close();
});

const nowhere = '00000000-0000-4000-8000-000000000000';
const refused = (type: string, message: unknown = expect.any(String)) => ({
  NeutronError: { type, message, detail: '' },
});

async function make(kind: string, wish: object): Promise<string> {
  const answer = await neutron(`POST /v2.0/${kind}s`, { body: { [kind]: wish } });
  const id = textAt(answer, `/${kind}/id`);
  made.push(`${kind}s/${id}`);
  return id;
}
async function drillNetwork(third: number): Promise<{ network: string; subnet: string }> {
  const network = await make('network', { name: 'contract' });
  const cidr = `10.99.${third}.0/24`;
  const wish = { network_id: network, ip_version: 4, cidr, enable_dhcp: false };
  return { network, subnet: await make('subnet', wish) };
}
const portWish = (network: string, last: number, more: object = {}) => ({
  port: {
    ...{ name: 'drillbook-contract', network_id: network, admin_state_up: true },
    mac_address: `fa:16:3e:99:00:${String(last).padStart(2, '0')}`,
    fixed_ips: [{ ip_address: `10.99.1.${last}` }],
    ...more,
  },
});

tried('versions, and what it says without a token', async () => {
  const answer = await plain(own.endpoint('neutron'), 'GET /');
  expect(answer.status).toBe(200);
  expect(at(answer, '/versions')).toEqual([
    {
      ...{ id: 'v2.0', status: 'CURRENT' },
      links: [{ rel: 'self', href: expect.stringMatching(/\/v2\.0\/$/) }],
    },
  ]);
  const shut = await plain(own.endpoint('neutron'), 'GET /v2.0/networks');
  expect([shut.status, shut.body]).toEqual([401, unauthorized]);
});

tried('a network: 201 with all its fields; deleted: 204, then 404', async () => {
  const body = { network: { name: 'contract-life' } };
  const answer = await neutron('POST /v2.0/networks', { body });
  expect(answer.status).toBe(201);
  expect(answer.headers['x-openstack-request-id']).toMatch(REQUEST_ID);
  expect(fields(at(answer, '/network'))).toEqual(
    [
      'admin_state_up availability_zone_hints availability_zones created_at description id',
      'ipv4_address_scope ipv6_address_scope is_default mtu name port_security_enabled project_id',
      'provider:network_type provider:physical_network provider:segmentation_id revision_number',
      'router:external shared status subnets tags tenant_id updated_at',
    ].flatMap((words) => words.split(' ')),
  );
  const id = textAt(answer, '/network/id');
  made.push(`networks/${id}`);
  expect(at(answer, '/network')).toMatchObject({
    ...{ id: expect.stringMatching(UUID), name: 'contract-life', status: 'ACTIVE', subnets: [] },
    ...{ shared: false, 'router:external': false, project_id: site.project.id, mtu: 1500 },
    ...{ 'provider:network_type': 'vlan', 'provider:segmentation_id': expect.any(Number) },
    ...{ created_at: expect.stringMatching(ZULU), admin_state_up: true },
  });
  const gone = await neutron(`DELETE /v2.0/networks/${id}`);
  expect([gone.status, gone.body]).toEqual([204, undefined]);
  const shown = await neutron(`GET /v2.0/networks/${id}`);
  expect([shown.status, shown.body]).toEqual([
    404,
    refused('NetworkNotFound', `Network ${id} could not be found.`),
  ]);
});

tried('a port with its own address; a second one of the same: 409', async () => {
  const { network, subnet } = await drillNetwork(1);
  const answer = await neutron('POST /v2.0/ports', { body: portWish(network, 11) });
  expect(answer.status).toBe(201);
  const id = textAt(answer, '/port/id');
  made.push(`ports/${id}`);
  const names = fields(at(answer, '/port'));
  expect(names).toEqual(
    [
      'admin_state_up allowed_address_pairs binding:host_id binding:profile binding:vif_details',
      'binding:vif_type binding:vnic_type created_at description device_id device_owner',
      'extra_dhcp_opts fixed_ips id mac_address name network_id port_security_enabled project_id',
      'revision_number security_groups status tags tenant_id updated_at',
    ].flatMap((words) => words.split(' ')),
  );
  expect(at(answer, '/port')).toMatchObject({
    ...{ status: 'DOWN', device_id: '', device_owner: '', mac_address: 'fa:16:3e:99:00:11' },
    ...{ fixed_ips: [{ subnet_id: subnet, ip_address: '10.99.1.11' }], network_id: network },
    ...{ 'binding:vif_type': 'unbound', 'binding:vnic_type': 'normal', 'binding:host_id': '' },
    security_groups: [expect.stringMatching(UUID)],
  });
  const taken = await neutron('POST /v2.0/ports', {
    body: portWish(network, 11, { mac_address: 'fa:16:3e:99:00:77' }),
  });
  expect([taken.status, taken.body]).toEqual([
    409,
    refused('IpAddressAlreadyAllocated', expect.stringContaining('10.99.1.11')),
  ]);
  const twin = await neutron('POST /v2.0/ports', {
    body: portWish(network, 11, { fixed_ips: [{ ip_address: '10.99.1.12' }] }),
  });
  expect([twin.status, twin.body]).toEqual([
    409,
    refused('MacAddressInUse', expect.stringContaining('fa:16:3e:99:00:11')),
  ]);
  const outside = await neutron('POST /v2.0/ports', {
    body: portWish(network, 13, { fixed_ips: [{ ip_address: '10.98.1.13' }] }),
  });
  expect([outside.status, at(outside, '/NeutronError/type')]).toEqual([400, 'InvalidIpForNetwork']);

  const found = await neutron(`GET /v2.0/ports?network_id=${network}`);
  expect(listAt(found, '/ports')).toEqual([expect.objectContaining({ id })]);
  const kept = await neutron(`DELETE /v2.0/networks/${network}`);
  expect([kept.status, kept.body]).toEqual([
    409,
    refused('NetworkInUse', expect.stringContaining(network)),
  ]);
  expect((await neutron(`DELETE /v2.0/ports/${id}`)).status).toBe(204);
  const gone = await neutron(`GET /v2.0/ports/${id}`);
  expect([gone.status, gone.body]).toEqual([
    404,
    refused('PortNotFound', `Port ${id} could not be found.`),
  ]);
});

tried('a router has its leg as a port, and holds the subnet', async () => {
  const { network, subnet } = await drillNetwork(2);
  const router = await make('router', { name: 'contract' });
  const body = { subnet_id: subnet };
  const added = await neutron(`PUT /v2.0/routers/${router}/add_router_interface`, { body });
  expect([added.status, at(added, '/subnet_id')]).toEqual([200, subnet]);
  const ports = listAt(await neutron(`GET /v2.0/ports?network_id=${network}`), '/ports');
  expect(ports).toEqual([
    expect.objectContaining({
      ...{ device_owner: 'network:router_interface', device_id: router },
      fixed_ips: [{ subnet_id: subnet, ip_address: '10.99.2.1' }],
    }),
  ]);
  const port = at(added, '/port_id');
  const pulled = await neutron(`DELETE /v2.0/ports/${port}`);
  expect([pulled.status, at(pulled, '/NeutronError/type')]).toEqual([409, 'ServicePortInUse']);
  const kept = await neutron(`DELETE /v2.0/routers/${router}`);
  expect([kept.status, at(kept, '/NeutronError/type')]).toEqual([409, 'RouterInUse']);
  const away = await neutron(`PUT /v2.0/routers/${router}/remove_router_interface`, { body });
  expect(away.status).toBe(200);
});

tried('refusals: unknown things, words nobody knows, no JSON', async () => {
  const lost = await neutron('POST /v2.0/ports', { body: { port: { network_id: nowhere } } });
  expect([lost.status, lost.body]).toEqual([
    404,
    refused('NetworkNotFound', `Network ${nowhere} could not be found.`),
  ]);
  const odd = await neutron('POST /v2.0/networks', { body: { network: { colour: 'red' } } });
  expect([odd.status, odd.body]).toEqual([
    400,
    refused('HTTPBadRequest', expect.stringContaining("Unrecognized attribute(s) 'colour'")),
  ]);
  const bare = await neutron('POST /v2.0/networks', { body: {} });
  expect([bare.status, at(bare, '/NeutronError/type')]).toEqual([400, 'HTTPBadRequest']);
  const path = await neutron('GET /v2.0/no-such-things');
  expect(path.status).toBe(404);
});

tried('paged by limit and marker', async () => {
  await make('network', { name: 'contract-page' });
  await make('network', { name: 'contract-page' });
  const first = await neutron('GET /v2.0/networks?name=contract-page&limit=1');
  expect(listAt(first, '/networks')).toHaveLength(1);
  const next = (listAt(first, '/networks_links') as { rel: string; href: string }[]).find(
    ({ rel }) => rel === 'next',
  );
  const second = await neutron(`GET ${next?.href}`);
  expect(listAt(second, '/networks')).toHaveLength(1);
  expect(at(second, '/networks/0/id')).not.toBe(at(first, '/networks/0/id'));
});
