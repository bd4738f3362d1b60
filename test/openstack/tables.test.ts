/** The danger table of clouds and the conditions on their answers, cell by cell. */
import { type CloudApi, classifyCloudCall, cloudDangers } from '../../lib/openstack/danger.ts';
import { cloudPredicates } from '../../lib/openstack/predicates.ts';

test('every row of the danger table, and no other', () => {
  expect(
    cloudDangers.map(({ api, method, class: danger, body }) =>
      [api, method, danger, ...(body === undefined ? [] : ['with a body'])].join(' '),
    ),
  ).toEqual([
    // First the rows for volumes that replication is given.
    ...cloudDangers.slice(0, -19).map(() => expect.stringMatching(/^cinder POST .*with a body$/)),
    ...['cinder POST copy with a body', 'cinder POST data with a body', 'cinder DELETE data'],
    ...['cinder DELETE data', 'cinder POST data with a body', 'cinder POST data with a body'],
    ...['cinder POST data with a body', 'nova POST copy with a body'],
    ...['nova POST copy with a body', 'nova POST data with a body', 'nova POST data with a body'],
    ...['nova PUT data with a body', 'nova POST copy with a body'],
    ...['nova DELETE copy', 'nova DELETE data', 'neutron POST copy with a body'],
    ...['neutron DELETE copy', 'neutron DELETE data', 'neutron DELETE data'],
  ]);
});

type Ask = readonly [CloudApi, string, string, unknown?];
const hole = (name: string, pointer: string) => ({ name, pointer });
const port = hole('port', '/port/id');
const server = hole('server', '/server/id');
const classed = (
  [api, method, path, body]: Ask,
  holes: readonly { name: string; pointer: string }[] = [port, server],
) => classifyCloudCall({ api, method, path, holes, ...(body === undefined ? {} : { body }) });

const reset = (status: string) => ({ 'os-reset_status': { status } });
const newPort = {
  port: {
    ...{ name: 'drillbook-1', network_id: 'net-1', mac_address: 'fa:16:3e:00:00:01' },
    ...{ fixed_ips: [{ ip_address: '10.90.1.11' }], admin_state_up: true },
  },
};
const disk = {
  ...{ boot_index: 0, uuid: 'vol-1', source_type: 'volume', destination_type: 'volume' },
  delete_on_termination: false,
};
const newServer = {
  server: {
    ...{ name: 'pay-db1', flavorRef: 'c8', networks: [{ port: '{{port}}' }] },
    metadata: { 'drillbook-key': 'drillbook-1' },
    block_device_mapping_v2: [disk, { ...disk, boot_index: -1, uuid: 'vol-2' }],
  },
};
const stateless = {
  server: {
    ...{ name: 'web-1', flavorRef: 'c4', imageRef: 'i-1', networks: [{ uuid: 'net-1' }] },
    ...{ metadata: { 'drillbook-key': 'drillbook-1' }, user_data: 'eA==' },
  },
};
const none = { volumes: [], networks: [] };
const longest = `a${'b'.repeat(63)}`;

test.each<[string, Ask, object | undefined]>([
  [
    'reset of a status',
    ['cinder', 'POST', '/volumes/v-1/action', reset('available')],
    { class: 'copy', volumes: ['v-1'], networks: [] },
  ],
  [
    'parking',
    ['cinder', 'POST', '/volumes/v-1/action', reset('maintenance')],
    { class: 'copy', volumes: ['v-1'], networks: [] },
  ],
  ['reset to error', ['cinder', 'POST', '/volumes/v-1/action', reset('error')], undefined],
  ['no body', ['cinder', 'POST', '/volumes/v-1/action'], undefined],
  ['delete', ['cinder', 'DELETE', '/volumes/v-1'], { ...none, class: 'data', volumes: ['v-1'] }],
  ['delete with a body', ['cinder', 'DELETE', '/volumes/v-1', {}], undefined],
  [
    'the longest id',
    ['cinder', 'DELETE', `/volumes/${longest}`],
    { ...none, class: 'data', volumes: [longest] },
  ],
  ['an id too long', ['cinder', 'DELETE', `/volumes/${longest}c`], undefined],
  ['an id that begins with a dash', ['cinder', 'DELETE', '/volumes/-v'], undefined],
  ['more behind the id', ['cinder', 'DELETE', '/volumes/v-1/more'], undefined],
  ['more before the path', ['cinder', 'DELETE', '/x/volumes/v-1'], undefined],
  ['another API', ['nova', 'DELETE', '/volumes/v-1'], undefined],
  ['another verb', ['cinder', 'PUT', '/volumes/v-1'], undefined],
  [
    'a start',
    ['nova', 'POST', '/servers', newServer],
    { class: 'copy', volumes: ['vol-1', 'vol-2'], networks: [] },
  ],
  [
    'a start from an image',
    ['nova', 'POST', '/servers', stateless],
    { class: 'copy', volumes: [], networks: ['net-1'] },
  ],
  [
    'delete of a server made',
    ['nova', 'DELETE', '/servers/{{server}}'],
    { ...none, class: 'copy' },
  ],
  ['delete of a server by id', ['nova', 'DELETE', '/servers/s-1'], { ...none, class: 'data' }],
  ...['os-stop', 'os-start', 'lock', 'unlock'].map((name): [string, Ask, object] => [
    `${name} by id`,
    ['nova', 'POST', '/servers/s-1/action', { [name]: null }],
    { ...none, class: 'data' },
  ]),
  [
    'two at once',
    ['nova', 'POST', '/servers/s-1/action', { lock: null, 'os-stop': null }],
    undefined,
  ],
  ['a lock that says more', ['nova', 'POST', '/servers/s-1/action', { lock: {} }], undefined],
  ['a reboot', ['nova', 'POST', '/servers/s-1/action', { reboot: { type: 'HARD' } }], undefined],
  [
    'another server action',
    ['nova', 'POST', '/servers/s-1/action', { 'os-pause': null }],
    undefined,
  ],
  ['a server action without a body', ['nova', 'POST', '/servers/s-1/action'], undefined],
  ['a hole for a port as a server', ['nova', 'DELETE', '/servers/{{port}}'], undefined],
  ['a hole nobody declared', ['nova', 'DELETE', '/servers/{{other}}'], undefined],
  [
    'import of a backup',
    [
      ...(['cinder', 'POST', '/backups/import_record'] as const),
      { 'backup-record': { backup_service: 'x', backup_url: 'eA==' } },
    ],
    { ...none, class: 'data' },
  ],
  [
    'restore onto a new volume',
    ['cinder', 'POST', '/backups/b-1/restore', { restore: { name: 'drillbook-1' } }],
    { ...none, class: 'data' },
  ],
  [
    'restore onto a volume that is there',
    [
      ...(['cinder', 'POST', '/backups/b-1/restore'] as const),
      { restore: { name: 'drillbook-1', volume_id: 'v-1' } },
    ],
    undefined,
  ],
  [
    'restore under another name',
    ['cinder', 'POST', '/backups/b-1/restore', { restore: { name: 'mine' } }],
    undefined,
  ],
  ['a hole as a volume', ['cinder', 'DELETE', '/volumes/{{server}}'], undefined],
  [
    'a new port',
    ['neutron', 'POST', '/v2.0/ports', newPort],
    { class: 'copy', volumes: [], networks: ['net-1'] },
  ],
  [
    'delete of a port made',
    ['neutron', 'DELETE', '/v2.0/ports/{{port}}'],
    { ...none, class: 'copy' },
  ],
  ['a hole for a server as a port', ['neutron', 'DELETE', '/v2.0/ports/{{server}}'], undefined],
  ['delete of a port by id', ['neutron', 'DELETE', '/v2.0/ports/p-1'], { ...none, class: 'data' }],
  ['delete of a network', ['neutron', 'DELETE', '/v2.0/networks/n-1'], { ...none, class: 'data' }],
])('%s', (_, call, wanted) => {
  expect(classed(call)).toEqual(wanted);
});

/** Each change of a good body is refused. */
const change = (body: object, name: string, value: unknown): unknown => {
  const copy = structuredClone(body);
  const parts = name.split('.');
  const last = parts.pop() ?? '';
  const holder = parts.reduce<Record<string, unknown>>(
    (at, part) => at[part] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
};

test.each<[string, unknown]>([
  ['port.name', 'mine'],
  ['port.name', 'x-drillbook-1'],
  ['port.network_id', undefined],
  ['port.mac_address', undefined],
  ['port.fixed_ips', '10.90.1.11'],
  ['port.fixed_ips', [{ subnet_id: 'x' }]],
  ['port.admin_state_up', false],
  ['port.security_groups', []],
  ['more', 1],
])('a port whose %s is %j', (name, value) => {
  expect(classed(['neutron', 'POST', '/v2.0/ports', change(newPort, name, value)])).toBeUndefined();
});

test.each<[string, unknown]>([
  ['server.name', undefined],
  ['server.flavorRef', undefined],
  ['server.networks', []],
  ['server.networks', [{ port: 'p-1' }]],
  ['server.networks', [{ port: '{{server}}' }]],
  ['server.networks', [{ port: '{{port}}' }, { port: '{{other}}' }]],
  ['server.networks', [{ port: '{{port}}x' }]],
  ['server.networks', [{ port: 'x{{port}}' }]],
  ['server.networks', [{ port: '{{port}}', tag: 'x' }]],
  ['server.metadata', {}],
  ['server.metadata', { 'drillbook-key': 'mine' }],
  ['server.metadata', { 'drillbook-key': 'drillbook-1', more: 'x' }],
  ['server.block_device_mapping_v2', []],
  ['server.block_device_mapping_v2', [{ ...disk, delete_on_termination: true }]],
  ['server.block_device_mapping_v2', [{ ...disk, source_type: 'image' }]],
  ['server.block_device_mapping_v2', [{ ...disk, destination_type: 'local' }]],
  ['server.block_device_mapping_v2', [{ ...disk, boot_index: 'first' }]],
  ['server.block_device_mapping_v2', [{ ...disk, volume_size: 1 }]],
  ['server.user_data', 'x'],
  ['more', 1],
])('a start whose %s is %j', (name, value) => {
  expect(classed(['nova', 'POST', '/servers', change(newServer, name, value)])).toBeUndefined();
});

test.each<[string, unknown]>([
  ['server.imageRef', undefined],
  ['server.networks', []],
  ['server.networks', [{ uuid: 'net-1', fixed_ip: '10.0.0.1' }]],
  ['server.metadata', {}],
  ['server.user_data', 'not base64!'],
  ['server.min_count', 5],
  ['server.adminPass', 'x'],
  ['server.block_device_mapping_v2', [disk]],
])('a start from an image whose %s is %j', (name, value) => {
  expect(classed(['nova', 'POST', '/servers', change(stateless, name, value)])).toBeUndefined();
});

test('a volume that this run restored is named by a hole, and never of class copy by itself', () => {
  const volume = hole('volume', '/restore/volume_id');
  const bootable = { 'os-set_bootable': { bootable: true } };
  const ask: Ask = ['cinder', 'POST', '/volumes/{{volume}}/action', bootable];
  expect(classed(ask, [volume])?.class).toBe('data');
  expect(classed(ask, [hole('volume', '/volume/id')])).toBeUndefined();
  expect(classed(['cinder', 'DELETE', '/volumes/{{volume}}'], [volume])?.class).toBe('data');
  const disks = [{ ...disk, uuid: '{{volume}}' }];
  const start: Ask = [
    ...(['nova', 'POST', '/servers'] as const),
    change(newServer, 'server.block_device_mapping_v2', disks),
  ];
  expect(classed(start, [port, volume])?.volumes).toEqual(['{{volume}}']);
  expect(classed(start, [port])).toBeUndefined();
});

test('a hole counts only for the field that names what was made', () => {
  const call: Ask = ['nova', 'DELETE', '/servers/{{server}}'];
  expect(classed(call, [hole('server', '/server/name')])).toBeUndefined();
  expect(classed(call, [hole('serve', '/server/id')])).toBeUndefined();
  expect(classed(call, [port, server])).toBeDefined();
  const start: Ask = [
    'nova',
    'POST',
    '/servers',
    change(newServer, 'server.networks', [{ port: '{{Port}}' }]),
  ];
  expect(classed(start, [hole('Port', '/port/id')])).toBeUndefined();
  const long: Ask = ['nova', 'DELETE', '/servers/{{server1}}'];
  expect(classed(long, [hole('server1', '/server/id')])).toBeDefined();
  expect(
    classed(['nova', 'DELETE', '/servers/{{Server}}'], [hole('Server', '/server/id')]),
  ).toBeUndefined();
});

const ask = (name: string, body: unknown, args: object) => cloudPredicates[name]?.(body, args);
const network = (change: object = {}) => ({
  ...{ id: 'n-1', shared: false, 'router:external': false },
  ...{ 'provider:network_type': 'vlan', 'provider:physical_network': 'phys' },
  ...{ 'provider:segmentation_id': 1201, ...change },
});

test('a network closed to others: this one, not shared, not external', () => {
  const closed = (change: object) =>
    ask('network-closed', { network: network(change) }, { network: 'n-1' });
  expect(closed({})).toEqual({ holds: true, reading: { shared: false, external: false } });
  expect(closed({ shared: true })).toEqual({
    holds: false,
    reading: { shared: true, external: false },
  });
  expect(closed({ 'router:external': true })).toEqual({
    ...{ holds: false, reading: { shared: false, external: true } },
  });
  expect(closed({ id: 'n-2' })?.holds).toBe(false);
});

test('a segment is alone unless another network has type, physical network and number of it', () => {
  const alone = (...networks: object[]) => ask('segment-alone', { networks }, { network: 'n-1' });
  const other = (change: object = {}) => network({ id: 'n-2', ...change });
  expect(alone(network())).toEqual({ holds: true, reading: { segment: 1201, others: [] } });
  expect(alone(other(), network())).toEqual({
    ...{ holds: false, reading: { segment: 1201, others: ['n-2'] } },
  });
  for (const change of [
    { 'provider:segmentation_id': 1202 },
    { 'provider:network_type': 'vxlan' },
    { 'provider:physical_network': 'other' },
    { 'provider:physical_network': null },
  ]) {
    expect([change, alone(network(), other(change))?.holds]).toEqual([change, true]);
  }
  const tunnel = { 'provider:network_type': 'vxlan', 'provider:physical_network': null };
  const { 'provider:physical_network': _, ...without } = other(tunnel);
  expect(alone(network(tunnel), without)?.holds).toBe(false);
  for (const unknown of [
    [other()],
    [],
    [network({ 'provider:segmentation_id': null })],
    [network({ 'provider:segmentation_id': undefined })],
  ]) {
    expect(alone(...unknown)).toEqual({ holds: false, reading: { segment: null } });
  }
});

test('ports: ours and DHCP, no stranger, no router, none of another network', () => {
  const ports = (...list: object[]) =>
    ask('only-own-ports', { ports: list }, { network: 'n-1', names: ['ours'] });
  const one = (id: string, name: string, device_owner: string, network_id = 'n-1') => ({
    ...{ id, name, device_owner, network_id },
  });
  expect(ports()).toEqual({ holds: true, reading: { ports: 0, foreign: [] } });
  expect(ports(one('a', 'ours', 'compute:nova'), one('b', '', 'network:dhcp'))).toEqual({
    ...{ holds: true, reading: { ports: 2, foreign: [] } },
  });
  expect(
    ports(
      one('a', 'ours', 'compute:nova'),
      one('c', 'other', 'compute:nova'),
      one('d', 'ours', 'network:router_interface'),
      one('e', 'ours', 'compute:nova', 'n-2'),
      one('f', '', 'network:dhcp', 'n-2'),
      one('g', 'ours', 'x-network:router_gateway'),
    ),
  ).toEqual({ holds: false, reading: { ports: 6, foreign: ['c', 'd', 'e', 'f'] } });
});

test('a volume at rest: this one, in its status, attached to nothing', () => {
  const volume = (status: string, attachments: object[] = [], id = 'v-1') => ({
    volume: { id, status, size: 1, attachments },
  });
  const is = (body: object) => ask('volume-status', body, { volume: 'v-1', status: 'reserved' });
  expect(is(volume('reserved'))).toEqual({
    holds: true,
    reading: { status: 'reserved', attached: 0 },
  });
  expect(is(volume('available'))?.holds).toBe(false);
  expect(is(volume('reserved', [{}]))).toEqual({
    holds: false,
    reading: { status: 'reserved', attached: 1 },
  });
  expect(is(volume('reserved', [], 'v-2'))?.holds).toBe(false);
  const free = (body: object) => ask('volume-free', body, { volume: 'v-1' });
  expect(free(volume('maintenance'))).toEqual({
    ...{ holds: true, reading: { status: 'maintenance', attached: 0 } },
  });
  expect(free(volume('available'))?.holds).toBe(true);
  expect(free(volume('in-use'))?.holds).toBe(false);
  expect(free(volume('available', [{}]))?.holds).toBe(false);
  expect(free(volume('available', [], 'v-2'))?.holds).toBe(false);
});

test('a server has no disk but those that are known', () => {
  const disks = (...ids: string[]) => ({
    server: {
      ...{ id: 's-1', name: 'db1', status: 'ACTIVE' },
      'os-extended-volumes:volumes_attached': ids.map((id) => ({ id })),
    },
  });
  const known = (body: object, server = 's-1') =>
    ask('server-disks-known', body, { server, volumes: ['v-1', 'v-2'] });
  expect(known(disks('v-2', 'v-1'))?.holds).toBe(true);
  expect(known(disks('v-1'))?.holds).toBe(true);
  expect(known(disks('v-1', 'v-3'))).toEqual({ holds: false, reading: { strays: ['v-3'] } });
  expect(known(disks('v-1'), 's-2')?.holds).toBe(false);
});

test('there are these conditions, and arguments they do not know make none hold', () => {
  const names = Object.keys(cloudPredicates);
  expect(names).toEqual([
    ...['named-exactly'],
    ...['network-closed', 'segment-alone', 'only-own-ports', 'volume-status', 'volume-free'],
    ...['server-stopped', 'server-active', 'server-unlocked', 'server-disks-known'],
    'server-keeps-volumes',
    ...['server-absent', 'server-name-free', 'host-silent', 'port-free', 'volume-kept-for'],
  ]);
  const body = {
    ...{ network: network(), networks: [network()], ports: [] },
    volume: { id: 'v-1', status: 'available', size: 1 },
  };
  const args = { network: 'n-1', volume: 'v-1', server: 's-1', port: 'p-1', name: 'n' };
  for (const name of names) expect(ask(name, body, { ...args, more: 1 })?.holds).toBe(false);
});

test('a host is forced down, and a server evacuated to wherever the scheduler says, and nothing else', () => {
  const id = '0b0e2f4c-9a4e-4d0e-9d7e-1b7d7d1f0a01';
  const down = (body: unknown) => classed(['nova', 'PUT', `/os-services/${id}`, body])?.class;
  expect(down({ forced_down: true })).toBe('data');
  const more = [{ forced_down: false }, { forced_down: true, status: 'disabled' }, {}, undefined];
  for (const body of more) expect(down(body)).toBeUndefined();
  const move = (body: unknown) => classed(['nova', 'POST', `/servers/${id}/action`, body])?.class;
  expect(move({ evacuate: {} })).toBe('data');
  for (const wish of [{ host: 'x' }, { force: true }, { adminPass: 'x' }]) {
    expect(move({ evacuate: wish })).toBeUndefined();
  }
});

test('a host is silent when Nova says so of it and of no other', () => {
  const row = (host: string, state: string) => ({ id: 'x', binary: 'nova-compute', host, state });
  const silent = (...services: object[]) => ask('host-silent', { services }, { host: 'h1' })?.holds;
  expect(silent(row('h1', 'down'))).toBe(true);
  expect(silent(row('h1', 'up'))).toBe(false);
  expect(silent(row('h2', 'down'))).toBe(false);
  expect(silent(row('h1', 'down'), row('h1', 'down'))).toBe(false);
  expect(silent()).toBe(false);
});

test('what a Cinder takes over is named by its number, and nothing rides along', () => {
  const volume = { host: 'h@b#p', ref: { 'source-id': '7' }, name: 'drillbook-1', bootable: true };
  const manage = (body: object) => classed(['cinder', 'POST', '/os-volume-manage', body]);
  expect(manage({ volume })).toMatchObject({ class: 'data' });
  expect(manage({ volume: { ...volume, ref: { 'source-name': 'x' } } })).toBeUndefined();
  expect(manage({ volume: { ...volume, ref: { 'source-id': '7', x: 1 } } })).toBeUndefined();
  expect(manage({ volume: { ...volume, name: 'pay-db1' } })).toBeUndefined();
  expect(manage({ volume: { ...volume, availability_zone: 'x' } })).toBeUndefined();
  const boot = (pointer: string) => {
    const server = { ...newServer.server, block_device_mapping_v2: [{ ...disk, uuid: '{{vol}}' }] };
    return classed(['nova', 'POST', '/servers', { server }], [port, hole('vol', pointer)]);
  };
  expect(boot('/volume/id')?.class).toBe('copy');
  expect(boot('/volume/name')).toBeUndefined();
});
