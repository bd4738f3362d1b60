/** What we send to OpenStack, and that the danger table knows exactly that. */
import { classifyCloudCall } from '../../lib/openstack/danger.ts';
import { portBody, resetStatusBody, serverBody } from '../../lib/openstack/paths.ts';

const server = serverBody({
  name: 'pay-db1',
  flavor: 'f-1',
  volumes: ['v-1', 'v-2'],
  ports: ['{{port1}}'],
  key: 'drillbook-0123456789abcdef',
});
const port1 = { name: 'port1', pointer: '/port/id' };

test('volumes go in device order, boot from the first, and outlive the server', () => {
  const devices = server.server.block_device_mapping_v2;
  expect(devices.map((device) => device.uuid)).toEqual(['v-1', 'v-2']);
  expect(devices.map((device) => device.boot_index)).toEqual([0, -1]);
  expect(devices.every((device) => device.delete_on_termination === false)).toBe(true);
});

test('a server names its volumes, a port its network, a reset its volume', () => {
  expect(
    classifyCloudCall({
      api: 'nova',
      method: 'POST',
      path: '/servers',
      body: server,
      holes: [port1],
    }),
  ).toEqual({ class: 'copy', volumes: ['v-1', 'v-2'], networks: [] });
  const body = portBody({
    name: 'drillbook-1',
    network: 'n-1',
    mac: 'fa:16:3e:00:00:01',
    ip: '10.0.0.1',
  });
  expect(
    classifyCloudCall({ api: 'neutron', method: 'POST', path: '/v2.0/ports', body, holes: [] }),
  ).toEqual({
    class: 'copy',
    volumes: [],
    networks: ['n-1'],
  });
  const path = '/volumes/v-1/action';
  const reset = {
    api: 'cinder',
    method: 'POST',
    path,
    body: resetStatusBody('maintenance'),
    holes: [],
  } as const;
  expect(classifyCloudCall(reset)).toEqual({ class: 'copy', volumes: ['v-1'], networks: [] });
});

test('anything that rides along is in no row', () => {
  const extra = { server: { ...server.server, user_data: 'x' } };
  const call = { api: 'nova', method: 'POST', path: '/servers', holes: [port1] } as const;
  expect(classifyCloudCall({ ...call, body: extra })).toBeUndefined();
  expect(classifyCloudCall({ ...call, body: server, holes: [] })).toBeUndefined();
  expect(
    classifyCloudCall({ ...call, body: server, holes: [{ ...port1, pointer: '/port/device_id' }] }),
  ).toBeUndefined();
  expect(classifyCloudCall({ ...call, method: 'PUT', body: server })).toBeUndefined();
  const action = { api: 'cinder', method: 'POST', path: '/volumes/v-1/action', holes: [] } as const;
  for (const body of [
    { 'os-detach': {} },
    { 'os-force_delete': {} },
    { 'os-reset_status': { status: 'available', migration_status: 'x' } },
    undefined,
  ]) {
    expect(classifyCloudCall({ ...action, body })).toBeUndefined();
  }
});
