/** Keystone: who gets a token, what is in it, and when it ends. */
import { randomUUID } from 'node:crypto';
import {
  logIn,
  openSite,
  passwordBody,
  plain,
  type Session,
  type Site,
  sessionOf,
  tokenOf,
} from './site.ts';
import { at, fields, HEX_ID, listAt, REQUEST_ID, textAt, unauthorized } from './wire.ts';

const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let site: Site;
let own: Session;
beforeAll(async () => {
  site = await openSite();
  own = await sessionOf(site);
});
afterAll(() => site.close());

const challenge = expect.stringMatching(/^Keystone uri="http:.*"$/);

describe('versions', () => {
  test('the root lists them with 300, without a token', async () => {
    const answer = await plain(site.authUrl.replace(/\/v3$/, ''), 'GET /');
    expect(answer.status).toBe(300);
    expect(fields(answer.body)).toEqual(['versions']);
    const [v3] = listAt(answer, '/versions/values');
    expect(v3).toMatchObject({ id: expect.stringMatching(/^v3\.\d+$/), status: 'stable' });
    expect(fields(v3)).toEqual(['id', 'links', 'media-types', 'status', 'updated']);
  });

  test('the address of clouds.yaml tells its own', async () => {
    const answer = await plain(site.authUrl, 'GET /');
    expect(answer.status).toBe(200);
    expect(at(answer, '/version/id')).toMatch(/^v3\.\d+$/);
    expect(at(answer, '/version/links')).toEqual([
      { rel: 'self', href: expect.stringMatching(/\/v3\/$/) },
    ]);
  });
});

describe('log-in with a password', () => {
  test('201, the token in a header, project, roles and catalogue in the body', async () => {
    const answer = await logIn(site, passwordBody(site.operator, site.project.name));
    expect(answer.status).toBe(201);
    expect(answer.headers['x-subject-token']).toMatch(/^\S{20,}$/);
    expect(answer.headers['vary']).toBe('X-Auth-Token');
    expect(answer.headers['x-openstack-request-id']).toMatch(REQUEST_ID);
    const token = at(answer, '/token');
    expect(fields(token)).toEqual(
      'audit_ids catalog expires_at is_domain issued_at methods project roles user'.split(' '),
    );
    expect(token).toMatchObject({
      methods: ['password'],
      is_domain: false,
      issued_at: expect.stringMatching(MICROSECONDS),
      expires_at: expect.stringMatching(MICROSECONDS),
      audit_ids: [expect.stringMatching(/^[\w-]{22}$/)],
    });
    expect(at(answer, '/token/project')).toEqual({
      ...{ id: site.project.id, name: site.project.name },
      domain: { id: 'default', name: 'Default' },
    });
    expect(at(answer, '/token/user')).toEqual({
      ...{ id: expect.stringMatching(HEX_ID), name: site.operator.username },
      ...{ domain: { id: 'default', name: 'Default' }, password_expires_at: null },
    });
    expect(own.roles).toEqual(expect.arrayContaining(['admin', 'member']));
  });

  test('the catalogue names each service with its public endpoint', async () => {
    const answer = await logIn(site, passwordBody(site.operator, site.project.name));
    const entries = listAt(answer, '/token/catalog') as { type: string; endpoints: object[] }[];
    expect(entries.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['identity', 'volumev3', 'compute', 'image']),
    );
    for (const entry of entries) {
      expect(fields(entry)).toEqual(['endpoints', 'id', 'name', 'type']);
      expect(fields(entry.endpoints[0])).toEqual(['id', 'interface', 'region', 'region_id', 'url']);
    }
    expect(own.endpoint('cinder')).toMatch(new RegExp(`/v3/${site.project.id}$`));
  });

  test('?nocatalog leaves the catalogue out', async () => {
    const body = passwordBody(site.operator, site.project.name);
    const answer = await plain(site.authUrl, 'POST /auth/tokens?nocatalog', { body });
    expect(answer.status).toBe(201);
    expect(fields(at(answer, '/token'))).not.toContain('catalog');
  });

  test('unscoped: a token without project, roles and catalogue', async () => {
    const { auth } = passwordBody(site.operator, undefined);
    const answer = await logIn(site, { auth: { ...auth, scope: 'unscoped' } });
    expect(answer.status).toBe(201);
    expect(fields(at(answer, '/token'))).toEqual(
      'audit_ids expires_at issued_at methods user'.split(' '),
    );
  });

  test.each([
    ['a wrong password', { password: 'wrong' }, undefined],
    ['an unknown user', { username: 'nobody' }, undefined],
    ['an unknown project', {}, 'no-such-project'],
  ])('%s: 401, and none can be told from the others', async (_, change, project) => {
    const login = { ...site.operator, ...change };
    const answer = await logIn(site, passwordBody(login, project ?? site.project.name));
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(unauthorized);
    expect(answer.headers['www-authenticate']).toEqual(challenge);
    expect(answer.headers['x-subject-token']).toBeUndefined();
  });

  test.each([
    ['no JSON', '{"auth":'],
    ['no methods', '{"auth":{"identity":{}}}'],
  ])('%s: 400', async (_, text) => {
    const answer = await plain(site.authUrl, 'POST /auth/tokens', { text });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: { code: 400, title: 'Bad Request', message: expect.any(String) },
    });
  });
});

describe('a token', () => {
  test('is validated by its bearer, with its catalogue or without', async () => {
    const subject = { 'x-subject-token': own.token };
    const whole = await own.keystone('GET /auth/tokens', { headers: subject });
    expect(whole.status).toBe(200);
    expect(whole.headers['x-subject-token']).toBe(own.token);
    expect(at(whole, '/token/user/name')).toBe(site.operator.username);
    const bare = await own.keystone('GET /auth/tokens?nocatalog', { headers: subject });
    expect(fields(at(bare, '/token'))).not.toContain('catalog');
    const head = await own.keystone('HEAD /auth/tokens', { headers: subject });
    expect([head.status, head.body]).toEqual([200, undefined]);
  });

  test('nobody validates without a token of their own', async () => {
    const answer = await plain(site.authUrl, 'GET /auth/tokens', {
      headers: { 'x-subject-token': own.token },
    });
    expect([answer.status, answer.body]).toEqual([401, unauthorized]);
  });

  test('revoked: 204, then 404 to whoever validates and 401 to whoever uses it', async () => {
    const victim = await sessionOf(site);
    const subject = { 'x-subject-token': victim.token };
    const revoked = await own.keystone('DELETE /auth/tokens', { headers: subject });
    expect([revoked.status, revoked.body]).toEqual([204, undefined]);
    const asked = await own.keystone('GET /auth/tokens', { headers: subject });
    expect(asked.status).toBe(404);
    expect(asked.body).toEqual({
      error: { code: 404, title: 'Not Found', message: 'Failed to validate token' },
    });
    const used = await victim.keystone('GET /projects');
    expect([used.status, used.body]).toEqual([401, unauthorized]);
    expect(used.headers['www-authenticate']).toEqual(challenge);
    // A service that has never seen it refuses at once.
    const cinder = await victim.service('cinder')('GET /volumes');
    expect([cinder.status, cinder.body]).toEqual([401, unauthorized]);
    expect(cinder.headers['openstack-api-version']).toBeUndefined();
  });

  test('revoked after a service has seen it: honoured until the cache of that service ends', async () => {
    const victim = await sessionOf(site);
    const cinder = victim.service('cinder');
    expect((await cinder('GET /volumes')).status).toBe(200);
    await own.keystone('DELETE /auth/tokens', { headers: { 'x-subject-token': victim.token } });
    expect((await cinder('GET /volumes')).status).toBe(200);
    await site.clock.sleep(site.tokenCacheMs + 2_000);
    expect((await cinder('GET /volumes')).status).toBe(401);
  });
});

describe('application credentials', () => {
  const path = () => `/users/${own.user}/application_credentials`;
  const make = (more: object = {}) =>
    own.keystone(`POST ${path()}`, {
      body: { application_credential: { name: `contract-${randomUUID()}`, ...more } },
    });
  const body = (id: string, secret: string, more: object = {}) => ({
    auth: {
      identity: { methods: ['application_credential'], application_credential: { id, secret } },
      ...more,
    },
  });

  test('the secret is shown once; the log-in carries no scope and gets the project', async () => {
    const made = await make();
    expect(made.status).toBe(201);
    expect(fields(at(made, '/application_credential'))).toEqual(
      [
        'description expires_at id links name project_id roles secret system unrestricted',
        'user_id',
      ].flatMap((words) => words.split(' ')),
    );
    expect(at(made, '/application_credential')).toMatchObject({
      ...{ project_id: site.project.id, expires_at: null, unrestricted: null, description: null },
    });
    const id = textAt(made, '/application_credential/id');
    const shown = await own.keystone(`GET ${path()}/${id}`);
    expect(shown.status).toBe(200);
    expect(fields(at(shown, '/application_credential'))).not.toContain('secret');
    const listed = await own.keystone(`GET ${path()}`);
    expect(listAt(listed, '/application_credentials')).toContainEqual(
      expect.objectContaining({ id }),
    );

    const secret = textAt(made, '/application_credential/secret');
    const answer = await logIn(site, body(id, secret));
    expect(answer.status).toBe(201);
    expect(at(answer, '/token')).toMatchObject({
      methods: ['application_credential'],
      project: { id: site.project.id },
      application_credential: { id, restricted: true },
    });
    const scoped = await logIn(site, body(id, secret, { scope: { project: { id: 'x' } } }));
    expect(scoped.status).toBe(401);
    expect(at(scoped, '/error/message')).toBe(
      'Error authenticating with application credential: ' +
        'Application credentials cannot request a scope.',
    );
    const wrong = await logIn(site, body(id, 'wrong'));
    expect([wrong.status, wrong.body]).toEqual([401, unauthorized]);

    const gone = await own.keystone(`DELETE ${path()}/${id}`);
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    // The one wrong log-in that can be told from the others.
    for (const lost of [
      await logIn(site, body(id, secret)),
      await own.keystone(`GET ${path()}/${id}`),
    ]) {
      const message = `Could not find Application Credential: ${id}.`;
      expect([lost.status, lost.body]).toEqual([
        404,
        { error: { code: 404, title: 'Not Found', message } },
      ]);
    }
  });

  test('a second one of the same name: 409; a role one does not have: 400', async () => {
    const name = `contract-twice-${randomUUID()}`;
    const first = await make({ name });
    const second = await make({ name });
    expect(second.status).toBe(409);
    expect(at(second, '/error/title')).toBe('Conflict');
    await own.keystone(`DELETE ${path()}/${textAt(first, '/application_credential/id')}`);
    const stranger = await make({ roles: [{ name: 'no-such-role' }] });
    expect([400, 404]).toContain(stranger.status);
  });

  test('one that ends takes its tokens with it, to the second', async () => {
    const endsAt = Math.ceil(site.clock.now() / 1000) * 1000 + 4_000;
    const made = await make({ expires_at: new Date(endsAt).toISOString().slice(0, -1) });
    expect(made.status).toBe(201);
    expect(at(made, '/application_credential/expires_at')).toMatch(/^[\d-]+T[\d:]+\.000000$/);
    const [id, secret] = ['id', 'secret'].map((key) =>
      textAt(made, `/application_credential/${key}`),
    ) as [string, string];
    const answer = await logIn(site, body(id, secret));
    expect(answer.status).toBe(201);
    const short = { 'x-auth-token': tokenOf(answer) };
    const projects = () => plain(site.authUrl, 'GET /auth/projects', { headers: short });
    const volumes = () => plain(own.endpoint('cinder'), 'GET /volumes', { headers: short });
    expect([(await projects()).status, (await volumes()).status]).toEqual([200, 200]);
    await site.clock.sleep(endsAt - site.clock.now() + 300);
    for (const ended of [await projects(), await volumes()]) {
      expect([ended.status, ended.body]).toEqual([401, unauthorized]);
      expect(ended.headers['www-authenticate']).toEqual(challenge);
    }
    expect((await logIn(site, body(id, secret))).status).toBe(401);
  });
});

describe('lists that the command line asks for', () => {
  test('projects, users, roles, services and endpoints', async () => {
    for (const name of ['projects', 'users', 'roles', 'services', 'endpoints']) {
      const answer = await own.keystone(`GET /${name}`);
      expect(answer.status).toBe(200);
      expect(listAt(answer, `/${name}`).length).toBeGreaterThan(0);
      expect(at(answer, '/links')).toEqual({
        ...{ next: null, previous: null, self: expect.stringMatching(new RegExp(`/v3/${name}$`)) },
      });
    }
    const mine = await own.keystone('GET /auth/projects');
    expect(listAt(mine, '/projects')).toContainEqual(
      expect.objectContaining({ id: site.project.id, name: site.project.name, enabled: true }),
    );
  });

  test('a member may not list them', async () => {
    const member = await sessionOf(site, site.member);
    expect(member.roles).not.toContain('admin');
    const answer = await member.keystone('GET /users');
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      error: {
        ...{ code: 403, title: 'Forbidden' },
        message: expect.stringContaining('You are not authorized to perform the requested action'),
      },
    });
  });
});
