/** What a status says of a server, and the conditions on servers and their ports, cell by cell. */
import { cloudPredicates } from '../../lib/openstack/predicates.ts';
import { powerOf, powerOfStatus, statusText } from '../../lib/openstack/servers.ts';

const ask = (name: string, body: unknown, args: object) => cloudPredicates[name]?.(body, args);
const server = (change: object = {}) => ({
  ...{ id: 's-1', name: 'pay-db1', status: 'SHUTOFF', locked: false, metadata: {} },
  ...{ 'OS-EXT-STS:task_state': null, 'os-extended-volumes:volumes_attached': [], ...change },
});

test('only SHUTOFF is off and only ACTIVE and PASSWORD are on; a status nobody knows is unknown', () => {
  const by = (power: string) =>
    [...powerOfStatus].filter(([, one]) => one === power).map(([status]) => status);
  expect(by('off')).toEqual(['SHUTOFF']);
  expect(by('on')).toEqual(['ACTIVE', 'PASSWORD']);
  expect(by('failed')).toEqual(['ERROR']);
  expect(by('aside')).toContain('SUSPENDED');
  expect(powerOf(server({ status: 'UNKNOWN' }))).toBe('unknown');
  expect(powerOf(server({ status: 'toString' }))).toBe('unknown');
});

test('a task under way comes before the status, and one that is not told leaves doubt', () => {
  expect(powerOf(server())).toBe('off');
  expect(powerOf(server({ 'OS-EXT-STS:task_state': 'powering-on' }))).toBe('changing');
  expect(powerOf(server({ 'OS-EXT-STS:task_state': undefined }))).toBe('unknown');
  expect(statusText(server({ 'OS-EXT-STS:task_state': 'powering-on' }))).toBe(
    'SHUTOFF (powering-on)',
  );
});

test.each<[string, object, string[]]>([
  ['shut down', {}, ['server-stopped', 'server-unlocked', 'server-keeps-volumes']],
  ['another one', { id: 's-2' }, []],
  ['running', { status: 'ACTIVE' }, ['server-active', 'server-unlocked', 'server-keeps-volumes']],
  [
    'starting',
    { 'OS-EXT-STS:task_state': 'powering-on' },
    ['server-unlocked', 'server-keeps-volumes'],
  ],
  ['locked', { locked: true }, ['server-stopped', 'server-keeps-volumes']],
  ['silent about its lock', { locked: undefined }, ['server-stopped', 'server-keeps-volumes']],
  [
    'taking a volume with it',
    { 'os-extended-volumes:volumes_attached': [{ id: 'v', delete_on_termination: true }] },
    ['server-stopped', 'server-unlocked'],
  ],
  [
    'silent about its volumes',
    { 'os-extended-volumes:volumes_attached': [{ id: 'v' }] },
    ['server-stopped', 'server-unlocked'],
  ],
  [
    'leaving its volumes',
    { 'os-extended-volumes:volumes_attached': [{ id: 'v', delete_on_termination: false }] },
    ['server-stopped', 'server-unlocked', 'server-keeps-volumes'],
  ],
])('a server %s', (_, change, wanted) => {
  const names = ['server-stopped', 'server-active', 'server-unlocked', 'server-keeps-volumes'];
  const body = { server: server(change) };
  const held = names.filter((name) => ask(name, body, { server: 's-1' })?.holds);
  expect(held.sort()).toEqual(wanted.sort());
});

test('a server is absent when the whole list lacks it', () => {
  const absent = (body: object) => ask('server-absent', body, { server: 's-1' })?.holds;
  expect(absent({ servers: [] })).toBe(true);
  expect(absent({ servers: [server({ id: 's-2' })] })).toBe(true);
  expect(absent({ servers: [server()] })).toBe(false);
  expect(absent({ servers: [], servers_links: [{ rel: 'next' }] })).toBe(false);
  expect(absent({})).toBe(false);
});

test('a name is free when the whole list lacks it', () => {
  const free = (body: object) => ask('server-name-free', body, { name: 'web-1' })?.holds;
  expect(free({ servers: [server({ name: 'web-2' })] })).toBe(true);
  expect(free({ servers: [server({ name: 'web-1' })] })).toBe(false);
  expect(free({ servers: [], servers_links: [{ rel: 'next' }] })).toBe(false);
});

test('a port is free when it says that it is plugged into nothing', () => {
  const free = (change: object) =>
    ask('port-free', { port: { id: 'p-1', network_id: 'n', ...change } }, { port: 'p-1' })?.holds;
  expect(free({ device_id: '' })).toBe(true);
  expect(free({ device_id: 's-1' })).toBe(false);
  expect(free({})).toBe(false);
  expect(free({ id: 'p-2', device_id: '' })).toBe(false);
});
