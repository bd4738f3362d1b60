import {
  call,
  cloudUnderTest,
  login,
  PROJECT,
  type Rig,
  seed,
  session,
  TOKENS,
  V1,
  volumePath,
} from './support.ts';

/** A token, and a caller of Keystone with it. */
async function caller(rig: Pick<Rig, 'cloud'>, body: unknown = login()) {
  const opened = await call(rig, `POST ${TOKENS}`, { body });
  const token = opened.headers['x-subject-token'] ?? '';
  const ask = (line: string, more?: unknown) =>
    call(rig, line.replace(' /', ' /identity/v3/'), {
      headers: { 'x-auth-token': token, 'x-subject-token': token },
      body: more,
    });
  return { opened, token, ask };
}

const userId = (name: string) => seed.users.find((user) => user.name === name)?.id ?? '';
const CREDENTIALS = `/users/${userId('drillbook')}/application_credentials`;

describe('logging in', () => {
  it('gives a scoped token with a catalogue and refuses all wrong logins alike', async () => {
    const rig = cloudUnderTest();
    const { opened } = await caller(rig);
    expect(opened.status).toBe(201);
    expect(opened.body.token.expires_at).toBe('2026-11-22T02:00:00.000000Z');
    expect(opened.body.token.project).toMatchObject({ id: PROJECT, name: 'drillbook' });
    const urls = opened.body.token.catalog.map(
      (one: { type: string; endpoints: { url: string }[] }) => [one.type, one.endpoints[0]?.url],
    );
    expect(urls).toEqual([
      ['identity', 'http://cloud.dr.twin/identity'],
      ['volumev3', `http://cloud.dr.twin/volume/v3/${PROJECT}`],
      ['block-storage', `http://cloud.dr.twin/volume/v3/${PROJECT}`],
      ['compute', 'http://cloud.dr.twin/compute/v2.1'],
      ['network', 'http://cloud.dr.twin/network'],
      ['image', 'http://cloud.dr.twin/image'],
    ]);
    const wrong = [{ password: 'wrong' }, { project: 'nowhere' }, { project: 'other' }];
    for (const change of wrong) {
      const bad = await call(rig, `POST ${TOKENS}`, { body: login(change) });
      expect([bad.status, bad.body]).toEqual([
        401,
        {
          error: {
            code: 401,
            message: 'The request you have made requires authentication.',
            title: 'Unauthorized',
          },
        },
      ]);
      expect(bad.headers['www-authenticate']).toMatch(/^Keystone uri=/);
    }
    expect((await call(rig, `POST ${TOKENS}`, { body: { auth: 1 } })).status).toBe(400);
  });

  it('gives a token without project, roles and catalogue when no scope is asked for', async () => {
    const rig = cloudUnderTest();
    const { auth } = login();
    const { opened, token, ask } = await caller(rig, { auth: { identity: auth.identity } });
    expect(opened.status).toBe(201);
    for (const field of ['project', 'roles', 'catalog']) {
      expect(opened.body.token).not.toHaveProperty(field);
    }
    expect((await ask('GET /auth/projects')).body.projects).toHaveLength(1);
    const headers = { 'x-auth-token': token };
    expect((await call(rig, `GET ${volumePath(V1)}`, { headers })).status).toBe(401);
    const scoped = { methods: ['token'], token: { id: token } };
    const again = await call(rig, `POST ${TOKENS}?nocatalog`, {
      body: { auth: { identity: scoped, scope: auth.scope } },
    });
    expect(again.body.token.roles).toHaveLength(1);
    expect(again.body.token).not.toHaveProperty('catalog');
  });

  it('documents its versions without a token', async () => {
    const rig = cloudUnderTest();
    const status = async (path: string) => (await call(rig, `GET ${path}`)).status;
    expect(await status('/identity')).toBe(300);
    expect(await status('/identity/v3')).toBe(200);
    expect(await status('/volume')).toBe(300);
    expect(await status('/volume/v3/')).toBe(401);
    expect(await status('/compute/v2.1')).toBe(200);
    expect(await status('/image')).toBe(300);
    const { versions } = (await call(rig, 'GET /volume')).body;
    expect(versions[0]).toMatchObject({ version: '3.70', min_version: '3.0', status: 'CURRENT' });
  });
});

describe('the life of a token', () => {
  it('ends to the second', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    rig.clock.advance(3_599_999);
    expect((await api(`GET ${volumePath(V1)}`)).status).toBe(200);
    rig.clock.advance(1);
    const late = await api(`GET ${volumePath(V1)}`);
    expect([late.status, late.body.error.code]).toEqual([401, 401]);
    expect(late.headers['openstack-api-version']).toBeUndefined();
  });

  it('is over for Keystone once revoked, for a service when its cache runs out', async () => {
    const rig = cloudUnderTest();
    const { token, ask } = await caller(rig);
    const volume = () => call(rig, `GET ${volumePath(V1)}`, { headers: { 'x-auth-token': token } });
    expect((await volume()).status).toBe(200);
    expect((await ask('GET /auth/tokens')).status).toBe(200);
    expect((await ask('DELETE /auth/tokens')).status).toBe(204);
    expect((await ask('GET /auth/tokens')).status).toBe(401);
    const other = await caller(rig);
    const asked = await call(rig, `GET ${TOKENS}`, {
      headers: { 'x-auth-token': other.token, 'x-subject-token': token },
    });
    expect([asked.status, asked.body.error.message]).toEqual([404, 'Failed to validate token']);
    rig.clock.advance(299_999);
    expect((await volume()).status).toBe(200);
    rig.clock.advance(1);
    expect((await volume()).status).toBe(401);
    // A service that never saw the token does not take it at all.
    const headers = { 'x-auth-token': token };
    expect((await call(rig, 'GET /image/v2/images', { headers })).status).toBe(401);
  });

  it('is short, lost or misdated under the faults of that name', async () => {
    const rig = cloudUnderTest();
    rig.cloud.fault('token-short', true);
    const api = await session(rig);
    rig.clock.advance(19_999);
    expect((await api(`GET ${volumePath(V1)}`)).status).toBe(200);
    rig.clock.advance(1);
    expect((await api(`GET ${volumePath(V1)}`)).status).toBe(401);
    rig.cloud.fault('token-short', false);
    const lost = await session(rig);
    rig.cloud.fault('token-revoked', true);
    expect((await lost(`GET ${volumePath(V1)}`)).status).toBe(401);
    expect((await (await session(rig))(`GET ${volumePath(V1)}`)).status).toBe(200);
    rig.cloud.fault('cloud-clock-wrong', true);
    const { opened } = await caller(rig);
    expect(opened.headers['date']).toBe('Sun, 22 Nov 2026 00:53:20 GMT');
    expect(opened.body.token.issued_at).toBe('2026-11-22T00:53:20.000000Z');
  });
});

describe('application credentials', () => {
  const wish = (more: object = {}) => ({ application_credential: { name: 'bot', ...more } });
  const withSecret = (id: string, secret: string, more: object = {}) => ({
    auth: {
      identity: { methods: ['application_credential'], application_credential: { id, secret } },
      ...more,
    },
  });

  it('show their secret once, log in without scope, and end', async () => {
    const rig = cloudUnderTest();
    const { ask } = await caller(rig);
    const made = await ask(`POST ${CREDENTIALS}`, wish({ expires_at: '2026-11-22T01:10:00' }));
    expect(made.status).toBe(201);
    const { id, secret } = made.body.application_credential;
    expect(made.body.application_credential.expires_at).toBe('2026-11-22T01:10:00.000000');
    const listed = (await ask(`GET ${CREDENTIALS}`)).body.application_credentials;
    expect(listed[0]).not.toHaveProperty('secret');
    const { opened } = await caller(rig, withSecret(id, secret));
    expect(opened.body.token).toMatchObject({
      project: { id: PROJECT },
      methods: ['application_credential'],
      expires_at: '2026-11-22T01:10:00.000000Z',
    });
    const scoped = await caller(rig, withSecret(id, secret, { scope: login().auth.scope }));
    expect([scoped.opened.status, scoped.opened.body.error.message]).toEqual([
      401,
      'Error authenticating with application credential: ' +
        'Application credentials cannot request a scope.',
    ]);
    expect((await caller(rig, withSecret(id, 'wrong'))).opened.status).toBe(401);
    rig.clock.advance(600_000);
    expect((await caller(rig, withSecret(id, secret))).opened.status).toBe(401);
  });

  it('have no more roles than their maker, one name each, and can be deleted', async () => {
    const rig = cloudUnderTest();
    const { ask } = await caller(rig);
    const greedy = await ask(`POST ${CREDENTIALS}`, wish({ roles: [{ name: 'service' }] }));
    expect([greedy.status, greedy.body.error.title]).toEqual([400, 'Bad Request']);
    const made = await ask(`POST ${CREDENTIALS}`, wish());
    expect((await ask(`POST ${CREDENTIALS}`, wish())).status).toBe(409);
    const { id, secret } = made.body.application_credential;
    expect((await ask(`DELETE ${CREDENTIALS}/${id}`)).status).toBe(204);
    expect((await ask(`GET ${CREDENTIALS}/${id}`)).status).toBe(404);
    expect((await caller(rig, withSecret(id, secret))).opened.status).toBe(404);
  });
});

describe('lists', () => {
  it.each([
    ['projects', 2],
    ['users', 2],
    ['roles', 4],
    ['services', 6],
    ['endpoints', 18],
    ['domains', 1],
    ['regions', 1],
    ['role_assignments', 3],
  ])('shows %s to an administrator', async (many, count) => {
    const { ask } = await caller(cloudUnderTest());
    expect((await ask(`GET /${many}`)).body[many]).toHaveLength(count);
  });

  it('shows a member himself and his projects, and nothing else', async () => {
    const { ask } = await caller(cloudUnderTest(), login({ user: 'member' }));
    const users = await ask('GET /users');
    expect([users.status, users.body.error]).toEqual([
      403,
      {
        code: 403,
        message: 'You are not authorized to perform the requested action: identity:list_users.',
        title: 'Forbidden',
      },
    ]);
    expect((await ask(`GET /users/${userId('member')}`)).body.user.name).toBe('member');
    expect((await ask(`GET /users/${userId('member')}/projects`)).body.projects).toHaveLength(2);
    expect((await ask(`GET /users/${userId('drillbook')}`)).status).toBe(403);
    expect((await ask('GET /auth/catalog')).body.catalog).toHaveLength(6);
  });

  it('filters, and knows what is not there', async () => {
    const { ask } = await caller(cloudUnderTest());
    expect((await ask('GET /projects?name=other')).body.projects).toHaveLength(1);
    expect((await ask('GET /projects/x')).body.error.message).toBe('Could not find project: x.');
  });
});
