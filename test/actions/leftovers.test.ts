/** What a half-done clearing left at DR: only what belongs to nobody else is taken for it. */
import type { Reading } from '../../lib/actions/action.ts';
import { readLeftovers } from '../../lib/actions/facts/leftovers.ts';
import type { Service } from '../../lib/config.ts';
import { loadConfig } from '../../lib/load-config.ts';

const config = await loadConfig('config');
const service = config.services.find(({ id }) => id === 'loans');
const site = config.sites.find(({ id }) => id === 'dr');
const [server] = service?.servers ?? [];
if (service === undefined || site === undefined || server === undefined) throw new Error('loans');
const loans: Service = service;
const at = { site };
const [main = ''] = server.volumes;
const ip = server.nics[0]?.ip ?? '';
const twins = [{ main, dr: 'v-1', drLdev: 1, sizeGiB: 1 }];

interface Cloud {
  readonly status?: string;
  readonly port?: object;
  readonly there?: string[];
}

function left({ status = 'maintenance', port, there = [] }: Cloud) {
  const plain = { id: 'p-1', network_id: 'n', device_id: '', fixed_ips: [{ ip_address: ip }] };
  const ports = port === undefined ? [] : [{ ...plain, ...port }];
  const read = async (_site: string, target: string): Promise<Reading> => {
    const volumes = [{ id: 'v-1', status, size: 1 }];
    const body = target.startsWith('cinder') ? { volumes } : { ports };
    return { ok: true, status: 200, body, receipt: { body: '' } as never };
  };
  const servers = { dr: there.map((name) => ({ name, id: name, ports: [] })) };
  return readLeftovers(read, loans, { ...at, twins, servers });
}

test('a volume that nobody uses and nobody parked, a port with its address in nothing', async () => {
  expect(await left({})).toEqual({});
  expect(await left({ status: 'available', port: {} })).toEqual({
    leftovers: [{ name: server.name, ports: ['p-1'], volumes: ['v-1'] }],
  });
});

test('what is in use, has another address or belongs to a server that is there stays', async () => {
  expect(await left({ status: 'in-use', port: { device_id: 's-9' } })).toEqual({});
  expect(await left({ port: { fixed_ips: [{ ip_address: '192.0.2.9' }] } })).toEqual({});
  expect(await left({ status: 'available', port: {}, there: [server.name] })).toEqual({});
});

test('where twins or servers were not asked for nothing is read', async () => {
  const none = () => Promise.reject(new Error('read'));
  expect(await readLeftovers(none, loans, { ...at, twins })).toEqual({});
  expect(await readLeftovers(none, loans, { ...at, servers: { dr: [] } })).toEqual({});
});
