/** How the gateway gets on with a cloud: log-in, catalogue, versions, and tokens that end early. */

import { cloudTargets } from '../../lib/gateway/server/targets/cloud.ts';
import { openLogins } from '../../lib/gateway/server/targets/logins.ts';
import type { Line } from '../../lib/gateway/server/targets/target.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { networkHttp } from '../../lib/http.ts';
import { type Login, openSite, type Session, type Site, sessionOf } from './site.ts';
import { makeVolume, removeVolume } from './volume.ts';

let site: Site;
let own: Session;
beforeAll(async () => {
  site = await openSite();
  own = await sessionOf(site);
});
afterAll(() => site.close());

/** The targets of a gateway whose clouds.yaml names this cloud, and all that they send. */
function gatewayTo(login: Login = site.operator) {
  const sent: HttpRequest[] = [];
  const network = networkHttp();
  const auth = {
    ...{ auth_url: site.authUrl, username: login.username, password: login.password },
    ...{ project_name: site.project.name },
    ...{ user_domain_name: 'Default', project_domain_name: 'Default' },
  };
  const http = (request: HttpRequest) => {
    sent.push(request);
    return network(request);
  };
  const targets = cloudTargets(
    { name: 'dr', login: { auth } },
    {
      ...{ http, clock: site.clock, logins: openLogins(site.clock) },
    },
  );
  const find = (name: string): Line => {
    const target = targets.get(name);
    if (target === undefined) throw new Error(`no target ${name}`);
    return target;
  };
  const logins = () => sent.filter(({ url }) => url.endsWith('/auth/tokens')).length;
  return { find, sent, logins };
}
const tokensIn = (sent: readonly HttpRequest[]) => [
  ...new Set(sent.flatMap(({ headers }) => headers['x-auth-token'] ?? [])),
];

test('one log-in for all services, found through the catalogue, in versions they have', async () => {
  const { find, sent, logins } = gatewayTo();
  const volumes = await find('cinder:dr').get('/volumes/detail?limit=1');
  const servers = await find('nova:dr').get('/servers/detail?limit=1');
  expect([volumes.status, servers.status, logins()]).toEqual([200, 200, 1]);
  expect(volumes.headers['openstack-api-version']).toBe('volume 3.59');
  expect(servers.headers['openstack-api-version']).toBe('compute 2.79');
  expect(tokensIn(sent)).toHaveLength(1);
});

test('a token that was revoked: one new log-in, and the read goes through', async () => {
  const { find, sent, logins } = gatewayTo();
  const cinder = find('cinder:dr');
  expect((await cinder.get('/volumes/detail?limit=1')).status).toBe(200);
  const [token = ''] = tokensIn(sent);
  await own.keystone('DELETE /auth/tokens', { headers: { 'x-subject-token': token } });
  // Until its cache ends Cinder does not know.
  expect((await cinder.get('/volumes/detail?limit=1')).status).toBe(200);
  await site.clock.sleep(site.tokenCacheMs + 2_000);
  const answer = await cinder.get('/volumes/detail?limit=1');
  expect([answer.status, logins(), tokensIn(sent).length]).toEqual([200, 2, 2]);
});

test('before a change the session is proved, so that none is turned down for an old token', async () => {
  const id = await makeVolume(site, own.service('cinder', 'volume 3.59'));
  const { find, sent, logins } = gatewayTo();
  const cinder = find('cinder:dr');
  const turn = cinder.begin();
  await turn.prove();
  const [token = ''] = tokensIn(sent);
  await own.keystone('DELETE /auth/tokens', { headers: { 'x-subject-token': token } });
  await site.clock.sleep(site.tokenCacheMs + 2_000);
  await turn.prove();
  const body = { 'os-reset_status': { status: 'maintenance' } };
  const change = await turn.send({ method: 'POST', path: `/volumes/${id}/action`, body });
  turn.leave();
  expect([change.status, change.body, logins()]).toEqual([202, '', 2]);
  expect(sent.filter(({ method, url }) => method === 'POST' && url.includes(id))).toHaveLength(1);
  await removeVolume(site, own.service('cinder', 'volume 3.59'), id);
});

test('a wrong password is told as such, and repeats nothing of it', async () => {
  const { find, logins } = gatewayTo({ ...site.operator, password: 'wrong-pass-word' });
  const refused = find('cinder:dr').get('/volumes/detail');
  await expect(refused).rejects.toMatchObject({ code: 'GW-TARGET-LOGIN' });
  await expect(refused).rejects.not.toMatchObject({
    message: expect.stringContaining('wrong-pass-word'),
  });
  expect(logins()).toBe(1);
});

test('what a refusal of Cinder says arrives as it is', async () => {
  const { find } = gatewayTo();
  const id = '00000000-0000-4000-8000-000000000000';
  const answer = await find('cinder:dr').get(`/volumes/${id}`);
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    404,
    { itemNotFound: { code: 404, message: `Volume ${id} could not be found.` } },
  ]);
  expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/);
});

test('a member of the project may read, and is told what they may not do', async () => {
  const { find } = gatewayTo(site.member);
  const cinder = find('cinder:dr');
  const id = await makeVolume(site, own.service('cinder', 'volume 3.59'));
  expect((await cinder.get(`/volumes/${id}`)).status).toBe(200);
  const body = { 'os-reset_status': { status: 'maintenance' } };
  const turn = cinder.begin();
  const change = await turn.send({ method: 'POST', path: `/volumes/${id}/action`, body });
  turn.leave();
  expect(change.status).toBe(403);
  await removeVolume(site, own.service('cinder', 'volume 3.59'), id);
});
