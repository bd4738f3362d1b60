/** Sessions and tokens on the twin, while many ask at once and what was let in is let in no more. */

import { openTargets } from '../../lib/gateway/server/targets/index.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { HOME_PROBE_ORIGIN, originOf, PROBE_ORIGIN } from '../../lib/twin/world.ts';
import { bench, config, DR, scenario } from '../twin/world-support.ts';
import { codeOf, gatewayFolder } from './support.ts';

const ARRAY = `array:${DR}`;
const LDEVS = `/v1/objects/storages/${DR}/ldevs?count=1`;
const VOLUMES = '/volumes/detail?limit=1';

function site() {
  const { world, clock } = bench();
  const addresses = {
    array: (name: string) => originOf('array', name),
    cloud: (name: string) => originOf('cloud', name),
    probe: PROBE_ORIGIN,
    homeProbe: HOME_PROBE_ORIGIN,
  };
  const login = loginsOf(config, scenario, addresses)['dr'];
  const cloud = config.sites.find(({ id }) => id === 'dr')?.cloud;
  if (login === undefined || cloud === undefined) throw new Error('the twin has no site dr');
  const { array } = login;
  const { cloud: base } = gatewayFolder();
  const auth = {
    ...base.auth,
    ...{ auth_url: login.cloud.authUrl, username: login.cloud.user },
    ...{ password: login.cloud.password, project_name: login.cloud.project },
  };
  const sent: HttpRequest[] = [];
  const { settings } = gatewayFolder({
    arrays: [{ storageDeviceId: DR, api: 'cm', simulated: true, ...array }],
    cloud,
  });
  const http = async (request: HttpRequest) => {
    sent.push(request);
    // As a network would: nobody's answer comes in the same moment.
    await Promise.resolve();
    return world.http(request);
  };
  const targets = openTargets({ settings, cloud: { auth } }, { http, clock });
  const count = (form: RegExp) =>
    sent.filter(({ method, url }) => form.test(`${method} ${url}`)).length;
  return { world, clock, targets, cinder: `cinder:${cloud}`, count };
}

const LOGIN = /^POST .*\/sessions$/;
const LOGOUT = /^DELETE .*\/sessions\/\d+$/;
const TOKEN = /^POST .*\/auth\/tokens$/;
const many = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: 50 }, ask));

test('fifty reads at once log in once, also when the array ends all sessions in the middle', async () => {
  const { world, targets, count } = site();
  const read = async () => (await targets.find(ARRAY).get(LDEVS)).status;
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(LOGIN)).toBe(1);
  world.fault('sessions-lost', true, { site: 'dr' });
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(LOGIN)).toBe(2);
});

test('a session that ends after five idle seconds is opened again, once for all who wait', async () => {
  const { world, clock, targets, count } = site();
  world.fault('session-short', true, { site: 'dr' });
  const read = async () => (await targets.find(ARRAY).get(LDEVS)).status;
  await many(read);
  clock.advance(6_000);
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(LOGIN)).toBe(2);
});

test('no session is free: everybody is told why, and the one login serves all who asked', async () => {
  const { world, targets, count } = site();
  world.fault('session-cap', true, { site: 'dr' });
  const codes = await many(() => codeOf(targets.find(ARRAY).get(LDEVS)));
  expect(new Set(codes)).toEqual(new Set(['GW-TARGET-LOGIN']));
  expect(count(LOGIN)).toBe(1);
  world.fault('session-cap', false, { site: 'dr' });
  expect((await targets.find(ARRAY).get(LDEVS)).status).toBe(200);
});

test('a change has a short session of its own, shared by those beside it and given back at the end', async () => {
  const { clock, targets, count } = site();
  const target = targets.find(ARRAY);
  await target.get(LDEVS);
  expect(count(LOGIN)).toBe(1);
  const [one, two] = await Promise.all([target.enter(clock.now()), target.enter(clock.now())]);
  await Promise.all([one.prove(), two.prove()]);
  expect(count(LOGIN)).toBe(2);
  one.leave();
  await clock.sleep(1);
  expect(count(LOGOUT)).toBe(0);
  two.leave();
  await clock.sleep(1);
  expect(count(LOGOUT)).toBe(1);
  // Reading goes on in the kept session; the next change opens another.
  await target.get(LDEVS);
  const three = await target.enter(clock.now());
  await three.prove();
  expect(count(LOGIN)).toBe(3);
  three.leave();
  await targets.close();
  await clock.sleep(1);
  expect(count(LOGOUT)).toBe(3);
});

test('a token is renewed before it ends and after it was revoked, once for all', async () => {
  const { world, clock, targets, cinder, count } = site();
  const read = async () => (await targets.find(cinder).get(VOLUMES)).status;
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(TOKEN)).toBe(1);
  world.fault('token-revoked', true, { site: 'dr' });
  clock.advance(1_000);
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(TOKEN)).toBe(2);
  clock.advance(24 * 3_600_000);
  expect(new Set(await many(read))).toEqual(new Set([200]));
  expect(count(TOKEN)).toBe(3);
});

test('tokens of twenty seconds: no read is turned down for one', async () => {
  const { world, clock, targets, cinder } = site();
  world.fault('token-short', true, { site: 'dr' });
  for (let time = 0; time < 5; time++) {
    const statuses = await many(async () => (await targets.find(cinder).get(VOLUMES)).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    clock.advance(15_000);
  }
});
