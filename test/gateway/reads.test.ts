/** Reads: what is on the list, sessions that are shared and renewed, and the probe. */
import { keptSession } from '../../lib/gateway/server/targets/session.ts';
import { codeOf, openHouse, secrets } from './support.ts';

const ARRAY = 'array:900000040015';
const OBJECTS = '/v1/objects/storages/900000040015';

test.each<[string, string]>([
  [ARRAY, '/configuration/version'],
  [ARRAY, `${OBJECTS}/ldevs/1301`],
  [ARRAY, `${OBJECTS}/jobs/7`],
  [ARRAY, `${OBJECTS}/journals?journalInfo=basic`],
  [ARRAY, `${OBJECTS}/remote-mirror-copygroups/NotSpecified,PAY01,PAY01S_,NotSpecified`],
  [ARRAY, '/v1/objects/local-clone-copygroups'],
  ['cinder:dr', '/volumes/detail?limit=100'],
  ['nova:dr', '/servers/detail'],
  ['neutron:dr', '/v2.0/ports?network_id=44444444-4444-4444-8444-444444444444'],
  ['probe', 'http://10.90.1.11:8080/health'],
])('%s %s may be read', async (target, path) => {
  const receipt = await openHouse().gateway.read(target, path);
  expect(receipt).toMatchObject({ kind: 'read', target, path, method: 'GET', status: 200 });
});

test.each<[string, string]>([
  [ARRAY, `${OBJECTS}/sessions`],
  [ARRAY, '/v1/objects/storages/900000040014/ldevs/1'],
  [ARRAY, `${OBJECTS}/ldevs/../sessions`],
  [ARRAY, `${OBJECTS}/ldevs/%2e%2e/sessions`],
  [ARRAY, `${OBJECTS}/ldevs%2f1`],
  [ARRAY, `${OBJECTS}/ldevs/1#x`],
  [ARRAY, `${OBJECTS}/local-clone-copygroups/G,P,S/actions/split/invoke`],
  ['cinder:dr', '/os-services'],
  ['cinder:dr', 'http://elsewhere.example/volumes'],
  ['nova:dr', '//elsewhere.example/servers'],
  ['nova:dr', '/servers/detail\n'],
  ['probe', 'http://10.90.1.11:8080/admin'],
  ['probe', 'http://169.254.169.254/latest'],
  ['keystone:dr', '/v3/auth/tokens'],
  ['keystone:dr', '/users'],
  ['keystone:dr', '/users?name=kim&name='],
  ['keystone:dr', '/role_assignments?include_names=true'],
  ['keystone:dr', '/credentials'],
  ['glance:dr', '/v2/images/22222222-0000-4000-8000-000000000001/file'],
  ['nova:dr', '/os-keypairs/ops'],
])('%s %s may not be read', async (target, path) => {
  const house = openHouse();
  expect(await codeOf(house.gateway.read(target, path))).toBe('GW-READ');
  expect(house.site.asked).toEqual([]);
});

test('a target of another site is not known', async () => {
  const house = openHouse();
  const read = house.gateway.read(
    'array:900000040014',
    '/v1/objects/storages/900000040014/ldevs/1',
  );
  expect(await codeOf(read)).toBe('GW-TARGET');
});

test('probes go through the proxy of the drill network', async () => {
  const receipt = await openHouse().gateway.read('probe', 'http://10.90.1.11:8080/health');
  expect(JSON.parse(receipt.body)).toEqual({ status: 'ok', via: 'http://127.0.0.1:4799' });
});

test('parallel reads share one login; a revoked one is renewed once', async () => {
  const house = openHouse();
  const logins = () => house.site.asked.filter((text) => /sessions$|tokens$/.test(text)).length;
  const readAll = () =>
    Promise.all(
      [1, 2, 3, 4].flatMap((id) => [
        house.gateway.read(ARRAY, `${OBJECTS}/ldevs/${id}`),
        house.gateway.read('nova:dr', `/servers/${id}`),
        house.gateway.read('cinder:dr', `/volumes/${id}`),
      ]),
    );
  await readAll();
  expect(logins()).toBe(2);
  house.site.revoke();
  const receipts = await readAll();
  expect(logins()).toBe(4);
  expect(receipts.every(({ status }) => status === 200)).toBe(true);
});

test('a token is renewed before it runs out', async () => {
  const house = openHouse();
  await house.gateway.read('nova:dr', '/servers/detail');
  house.clock.advance(3_600_000 - 59_000);
  await house.gateway.read('nova:dr', '/servers/detail');
  expect(house.site.asked.filter((text) => text.endsWith('/tokens'))).toHaveLength(2);
});

test('two 401s in a row are shown for a read; a login that fails is said without the password', async () => {
  const house = openHouse();
  house.site.onRead = () => ({ status: 401, headers: {}, body: '' });
  expect((await house.gateway.read('nova:dr', '/servers/detail')).status).toBe(401);
  house.site.onLogin = () => ({ status: 503, headers: {}, body: 'busy' });
  house.site.revoke();
  const refused = await house.gateway.read(ARRAY, `${OBJECTS}/ldevs/1`).catch((error) => error);
  expect(refused).toMatchObject({ code: 'GW-TARGET-LOGIN', why: expect.stringContaining('64') });
  expect(JSON.stringify([refused, house.said])).not.toContain(secrets[0]);
});

test('a login answered by somebody else is no login', async () => {
  const house = openHouse();
  house.site.onLogin = () => ({ status: 200, headers: {}, body: '<html>token-of-a-proxy</html>' });
  const refused = await house.gateway.read(ARRAY, `${OBJECTS}/ldevs/1`).catch((error) => error);
  expect(refused.code).toBe('GW-TARGET-LOGIN');
  expect(JSON.stringify(refused)).not.toContain('token-of-a-proxy');
});

test('sessions are given back at the end, tokens of clouds run out', async () => {
  const house = openHouse();
  await house.gateway.read(ARRAY, `${OBJECTS}/ldevs/1`);
  await house.gateway.read('nova:dr', '/servers/detail');
  await house.running.close();
  expect(house.site.asked.at(-1)).toMatch(/^DELETE .*\/sessions\/1$/);
});

test('a failed login is tried anew by the next who comes', async () => {
  let tries = 0;
  const session = keptSession(async () => {
    tries++;
    if (tries === 1) throw new Error('no');
    return tries;
  });
  await expect(session.get()).rejects.toThrow('no');
  expect([await session.get(), await session.get()]).toEqual([2, 2]);
  session.drop(1);
  expect(await session.get()).toBe(2);
});
