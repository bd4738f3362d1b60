/** Cinder: headers and versions, the life of a volume, lists, snapshots, quotas and refusals. */
import { randomUUID } from 'node:crypto';
import {
  type Caller,
  eventually,
  openSite,
  plain,
  type Session,
  type Site,
  sessionOf,
} from './site.ts';
import { gone, makeVolume, removeVolume, statusOf } from './volume.ts';
import {
  at,
  fault,
  fields,
  listAt,
  notRouted,
  REQUEST_ID,
  textAt,
  UUID,
  unauthorized,
  ZONELESS,
} from './wire.ts';

let site: Site;
let own: Session;
let cinder: Caller;
const made: string[] = [];
beforeAll(async () => {
  site = await openSite();
  own = await sessionOf(site);
  cinder = own.service('cinder', 'volume 3.59');
});
afterAll(async () => {
  for (const id of made) await removeVolume(site, cinder, id);
  await site.close();
});

async function volume(more: object = {}): Promise<string> {
  const id = await makeVolume(site, cinder, more);
  made.push(id);
  return id;
}
const nowhere = '00000000-0000-4000-8000-000000000000';

describe('versions and headers', () => {
  test('the root lists them with 300, without a token', async () => {
    const root = new URL(own.endpoint('cinder')).origin;
    const base = own.endpoint('cinder').replace(/\/v3\/.*$/, '');
    const answer = await plain(base.startsWith(root) ? base : root, 'GET /');
    expect(answer.status).toBe(300);
    const [v3] = listAt(answer, '/versions').slice(-1);
    expect(v3).toMatchObject({
      ...{ id: 'v3.0', status: 'CURRENT', min_version: '3.0', version: '3.70' },
    });
    expect(fields(v3)).toEqual([
      'id',
      'links',
      'media-types',
      'min_version',
      'status',
      'updated',
      'version',
    ]);
  });

  test('the answer says which version was used, and carries a request id', async () => {
    const answer = await cinder('GET /volumes');
    expect(answer.headers['openstack-api-version']).toBe('volume 3.59');
    expect(answer.headers['vary']).toBe('OpenStack-API-Version');
    expect(answer.headers['x-openstack-request-id']).toMatch(REQUEST_ID);
    expect(answer.headers['x-compute-request-id']).toBe(answer.headers['x-openstack-request-id']);
    const latest = await own.service('cinder', 'volume latest')('GET /volumes');
    expect(latest.headers['openstack-api-version']).toBe('volume 3.70');
    const oldest = await own.service('cinder')('GET /volumes');
    expect(oldest.headers['openstack-api-version']).toBe('volume 3.0');
  });

  test('above the maximum: 406 that says what there is', async () => {
    const answer = await own.service('cinder', 'volume 3.71')('GET /volumes');
    expect(answer.status).toBe(406);
    const message = 'Version 3.71 is not supported by the API. Minimum is 3.0 and maximum is 3.70.';
    expect(answer.body).toEqual(fault('computeFault', 406, message));
  });

  test('junk, and the version of another service: 400, without a version of its own', async () => {
    for (const version of ['volume three', 'compute 2.79', '3.59']) {
      const junk = await own.service('cinder', version)('GET /volumes');
      expect([version, junk.status, fields(junk.body)]).toEqual([version, 400, ['badRequest']]);
    }
  });

  test('no token and a wrong token: 401 in Keystone’s envelope, with its challenge', async () => {
    const base = own.endpoint('cinder');
    for (const headers of [{}, { 'x-auth-token': 'wrong' }]) {
      const answer = await plain(base, 'GET /volumes', { headers });
      expect([answer.status, answer.body]).toEqual([401, unauthorized]);
      expect(answer.headers['www-authenticate']).toMatch(/^Keystone uri="/);
      expect(answer.headers['openstack-api-version']).toBeUndefined();
    }
  });

  test('another project in the address: 400; none at all is accepted', async () => {
    const base = own.endpoint('cinder').replace(/\/[0-9a-f]{32}$/, '');
    const headers = { 'x-auth-token': own.token, 'openstack-api-version': 'volume 3.60' };
    const other = await plain(base, 'GET /0123456789abcdef0123456789abcdef/volumes', { headers });
    expect(other.status).toBe(400);
    expect(other.body).toEqual(fault('badRequest', 400, 'Malformed request url'));
    expect((await plain(base, 'GET /volumes', { headers })).status).toBe(200);
  });

  test('an unknown path or method: the 404 of the router', async () => {
    for (const line of ['GET /no-such-thing', 'PATCH /volumes']) {
      const answer = await cinder(line);
      expect([answer.status, answer.body]).toEqual([404, notRouted]);
    }
  });
});

describe('the life of a volume', () => {
  const CREATED = [
    'attachments availability_zone bootable consistencygroup_id created_at description encrypted',
    'group_id id links metadata migration_status multiattach name provider_id replication_status',
    'service_uuid shared_targets size snapshot_id source_volid status updated_at user_id volume_type',
  ];
  const SHOWN = [
    ...CREATED,
    'os-vol-host-attr:host os-vol-mig-status-attr:migstat os-vol-mig-status-attr:name_id',
    'os-vol-tenant-attr:tenant_id',
  ];
  const sorted = (words: readonly string[]) => words.join(' ').split(' ').sort();

  test('202 creating, then available; where it lies is only shown afterwards', async () => {
    const body = { volume: { size: 1, name: 'contract-life', volume_type: 'plain' } };
    const answer = await cinder('POST /volumes', { body });
    expect(answer.status).toBe(202);
    const id = textAt(answer, '/volume/id');
    made.push(id);
    expect(id).toMatch(UUID);
    expect(fields(at(answer, '/volume'))).toEqual(sorted(CREATED));
    expect(at(answer, '/volume')).toMatchObject({
      ...{ status: 'creating', size: 1, name: 'contract-life', description: null },
      ...{ bootable: 'false', encrypted: false, multiattach: false, attachments: [] },
      ...{ metadata: {}, snapshot_id: null, source_volid: null, replication_status: null },
      ...{ consistencygroup_id: null, group_id: null, volume_type: 'plain', updated_at: null },
      ...{ user_id: own.user, migration_status: null, created_at: expect.stringMatching(ZONELESS) },
    });
    const shown = await statusOf(site, cinder, id, 'available');
    expect(fields(at(shown, '/volume'))).toEqual(sorted(SHOWN));
    expect(at(shown, '/volume')).toMatchObject({
      'os-vol-host-attr:host': expect.stringMatching(/^[\w-]+@\w+#\w+$/),
      'os-vol-tenant-attr:tenant_id': site.project.id,
      created_at: expect.stringMatching(/\.000000$/),
      updated_at: expect.stringMatching(/\.000000$/),
      links: [
        { rel: 'self', href: expect.stringContaining(`/v3/${site.project.id}/volumes/${id}`) },
        { rel: 'bookmark', href: expect.stringMatching(new RegExp(`/volumes/${id}$`)) },
      ],
    });
  });

  test('what is shown grows with the version', async () => {
    const id = await volume();
    const shown = async (version?: string) =>
      fields(at(await own.service('cinder', version)(`GET /volumes/${id}`), '/volume'));
    const [first, later, newest] = [
      await shown(),
      await shown('volume 3.48'),
      await shown('volume 3.70'),
    ];
    const news = (more: readonly string[], less: readonly string[]) =>
      more.filter((name) => !less.includes(name));
    expect(news(later, first)).toEqual([
      'group_id',
      'provider_id',
      'service_uuid',
      'shared_targets',
    ]);
    expect(news(newest, later)).toEqual(['cluster_name', 'consumes_quota', 'volume_type_id']);
  });

  test('renamed, described, given metadata', async () => {
    const id = await volume();
    const body = { volume: { name: '계정계', description: 'd', metadata: { a: 'b' } } };
    const changed = await cinder(`PUT /volumes/${id}`, { body });
    expect(changed.status).toBe(200);
    expect(at(changed, '/volume')).toMatchObject(body.volume);
    const more = await cinder(`POST /volumes/${id}/metadata`, { body: { metadata: { c: 'd' } } });
    expect([more.status, more.body]).toEqual([200, { metadata: { a: 'b', c: 'd' } }]);
  });

  test('os-reset_status: 202 without a body, and only the row changes', async () => {
    const id = await volume();
    const reset = await cinder(`POST /volumes/${id}/action`, {
      body: { 'os-reset_status': { status: 'maintenance' } },
    });
    expect([reset.status, reset.body]).toEqual([202, undefined]);
    expect(at(await cinder(`GET /volumes/${id}`), '/volume/status')).toBe('maintenance');
    const extend = await cinder(`POST /volumes/${id}/action`, {
      body: { 'os-extend': { new_size: 2 } },
    });
    expect(extend.status).toBe(400);
    expect(fields(extend.body)).toEqual(['badRequest']);
    const bad = await cinder(`POST /volumes/${id}/action`, {
      body: { 'os-reset_status': { status: 'parked' } },
    });
    expect(bad.status).toBe(400);
    const back = { 'os-reset_status': { status: 'available' } };
    expect((await cinder(`POST /volumes/${id}/action`, { body: back })).status).toBe(202);
  });

  test('extend: 202, then bigger; never smaller', async () => {
    const id = await volume();
    const extend = (size: number) =>
      cinder(`POST /volumes/${id}/action`, { body: { 'os-extend': { new_size: size } } });
    const answer = await extend(3);
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    const shown = await statusOf(site, cinder, id, 'available');
    expect(at(shown, '/volume/size')).toBe(3);
    const smaller = await extend(2);
    expect(smaller.status).toBe(400);
    expect(smaller.body).toEqual(
      fault('badRequest', 400, expect.stringContaining('New size for extend must be greater')),
    );
  });

  test('bootable by order; an unknown action: 400', async () => {
    const id = await volume();
    const body = { 'os-set_bootable': { bootable: true } };
    const answer = await cinder(`POST /volumes/${id}/action`, { body });
    expect([answer.status, answer.body]).toEqual([200, undefined]);
    expect(at(await cinder(`GET /volumes/${id}`), '/volume/bootable')).toBe('true');
    const odd = await cinder(`POST /volumes/${id}/action`, { body: { 'os-no-such': {} } });
    expect(odd.status).toBe(400);
    expect(fields(odd.body)).toEqual(['badRequest']);
  });

  test('os-detach of what is not attached: 202, and nothing happens', async () => {
    const id = await volume();
    const answer = await cinder(`POST /volumes/${id}/action`, { body: { 'os-detach': {} } });
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    expect(at(await cinder(`GET /volumes/${id}`), '/volume/status')).toBe('available');
  });

  test('delete: 202, empty, as HTML; then 404', async () => {
    const id = await makeVolume(site, cinder);
    const answer = await cinder(`DELETE /volumes/${id}`);
    expect([answer.status, answer.body]).toEqual([202, undefined]);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    const last = await gone(site, cinder, id);
    expect(last.body).toEqual(fault('itemNotFound', 404, `Volume ${id} could not be found.`));
  });
});

describe('refusals', () => {
  test.each([
    ['GET', `/volumes/${nowhere}`],
    ['DELETE', `/volumes/${nowhere}`],
    ['PUT', `/volumes/${nowhere}`],
    ['POST', `/volumes/${nowhere}/action`],
  ])('%s of an unknown volume: 404', async (method, path) => {
    const body = method === 'PUT' ? { volume: { name: 'x' } } : { 'os-extend': { new_size: 2 } };
    const say = ['PUT', 'POST'].includes(method) ? { body } : {};
    const answer = await cinder(`${method} ${path}`, say);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual(
      fault('itemNotFound', 404, `Volume ${nowhere} could not be found.`),
    );
  });

  test.each([
    ['size nothing', { size: 0 }, 400, 'badRequest'],
    ['size in words', { size: 'big' }, 400, 'badRequest'],
    ['a word nobody knows', { size: 1, colour: 'red' }, 400, 'badRequest'],
    ['a type nobody knows', { size: 1, volume_type: 'no-such-type' }, 404, 'itemNotFound'],
    ['a zone nobody knows', { size: 1, availability_zone: 'moon' }, 400, 'badRequest'],
    ['a snapshot nobody knows', { snapshot_id: nowhere }, 404, 'itemNotFound'],
  ])('%s: refused', async (_, wish, status, key) => {
    const answer = await cinder('POST /volumes', { body: { volume: wish } });
    if (answer.status === 202) made.push(textAt(answer, '/volume/id'));
    expect([answer.status, fields(answer.body)]).toEqual([status, [key]]);
    expect(at(answer, `/${key}/code`)).toBe(status);
  });

  test('no body and no JSON: 400', async () => {
    for (const say of [{ text: '{' }, { body: {} }]) {
      const answer = await cinder('POST /volumes', say);
      expect([answer.status, fields(answer.body)]).toEqual([400, ['badRequest']]);
    }
  });
});

describe('lists', () => {
  test('paged by limit and marker; the next link keeps the filters', async () => {
    const name = `contract-page-${randomUUID()}`;
    const ids = [await volume({ name }), await volume({ name }), await volume({ name })];
    const seen: string[] = [];
    let line = `GET /volumes/detail?name=${name}&limit=2`;
    for (let page = 0; page < 3 && line !== ''; page++) {
      const answer = await cinder(line);
      expect(answer.status).toBe(200);
      const entries = listAt(answer, '/volumes') as { id: string }[];
      seen.push(...entries.map(({ id }) => id));
      const next = at(answer, '/volumes_links/0/href');
      if (entries.length < 2) expect(fields(answer.body)).toEqual(['volumes']);
      if (typeof next === 'string') {
        expect(new URL(next).searchParams.get('name')).toBe(name);
        expect(new URL(next).searchParams.get('marker')).toBe(seen.at(-1));
      }
      line = typeof next === 'string' ? `GET ${next}` : '';
    }
    // The newest first; those of the same second in no order that anybody promised.
    expect([...seen].sort()).toEqual([...ids].sort());
    const brief = await cinder(`GET /volumes?name=${name}`);
    expect(fields(listAt(brief, '/volumes')[0])).toEqual(['id', 'links', 'name']);
    const none = await cinder(`GET /volumes?name=${name}&status=in-use`);
    expect(none.body).toEqual({ volumes: [] });
    const counted = await cinder(`GET /volumes?name=${name}&limit=1&with_count=true`);
    expect(at(counted, '/count')).toBe(3);
  });

  test('a marker nobody knows: 404; a limit that is none: 400', async () => {
    const lost = await cinder(`GET /volumes?marker=${nowhere}`);
    expect([lost.status, fields(lost.body)]).toEqual([404, ['itemNotFound']]);
    const bad = await cinder('GET /volumes?limit=-1');
    expect([bad.status, fields(bad.body)]).toEqual([400, ['badRequest']]);
  });

  test('a member sees no hosts, and all_tenants does nothing for them', async () => {
    const id = await volume();
    const member = await sessionOf(site, site.member);
    const theirs = member.service('cinder', 'volume 3.59');
    const shown = await theirs(`GET /volumes/${id}`);
    expect(shown.status).toBe(200);
    const hidden = ['os-vol-host-attr:host', 'provider_id', 'cluster_name', 'migration_status'];
    expect(fields(at(shown, '/volume')).filter((name) => hidden.includes(name))).toEqual([]);
    const all = await theirs('GET /volumes/detail?all_tenants=1');
    expect(all.status).toBe(200);
    const reset = await theirs(`POST /volumes/${id}/action`, {
      body: { 'os-reset_status': { status: 'error' } },
    });
    expect(reset.status).toBe(403);
    const rule = 'volume_extension:volume_admin_actions:reset_status';
    expect(reset.body).toEqual(
      fault('forbidden', 403, `Policy doesn't allow ${rule} to be performed.`),
    );
  });
});

describe('types', () => {
  test('an admin sees all extra specs, a member only those for everybody', async () => {
    const member = await sessionOf(site, site.member);
    const specs = async (caller: Caller) => {
      const answer = await caller('GET /types');
      const types = listAt(answer, '/volume_types') as { name: string; extra_specs: object }[];
      return types.find(({ name }) => name === 'replicated')?.extra_specs;
    };
    expect(await specs(cinder)).toMatchObject({
      ...{ replication_enabled: '<is> True', volume_backend_name: expect.any(String) },
    });
    expect(await specs(member.service('cinder', 'volume 3.59'))).toEqual({
      replication_enabled: '<is> True',
    });
  });

  test('a replicated volume says so once it is there', async () => {
    const id = await volume({ volume_type: 'replicated' });
    expect(at(await cinder(`GET /volumes/${id}`), '/volume/replication_status')).toBe('enabled');
    const found = await cinder('GET /volumes?replication_status=enabled');
    expect(listAt(found, '/volumes')).toContainEqual(expect.objectContaining({ id }));
  });
});

describe('snapshots', () => {
  const snapshots = (id: string, more: object = {}) =>
    cinder('POST /snapshots', { body: { snapshot: { volume_id: id, name: 's', ...more } } });

  test('made, listed, booted from, and in the way of a delete', async () => {
    const id = await volume();
    const answer = await snapshots(id);
    expect(answer.status).toBe(202);
    const snapshot = textAt(answer, '/snapshot/id');
    expect(at(answer, '/snapshot')).toMatchObject({
      ...{ status: 'creating', volume_id: id, size: 1, name: 's', metadata: {} },
    });
    const show = () => cinder(`GET /snapshots/${snapshot}`);
    const shown = await eventually(
      site,
      show,
      (one) => at(one, '/snapshot/status') === 'available',
    );
    expect(fields(at(shown, '/snapshot'))).toEqual(
      [
        'consumes_quota created_at description group_snapshot_id id metadata name',
        'os-extended-snapshot-attributes:progress os-extended-snapshot-attributes:project_id',
        'size status updated_at user_id volume_id',
      ]
        .join(' ')
        .split(' ')
        .filter((name) => name !== 'consumes_quota'),
    );
    const refused = await cinder(`DELETE /volumes/${id}`);
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual(
      fault('badRequest', 400, expect.stringMatching(/^Invalid volume: Volume status must be /)),
    );
    const copy = await volume({ snapshot_id: snapshot });
    expect(at(await cinder(`GET /volumes/${copy}`), '/volume/snapshot_id')).toBe(snapshot);
    expect((await cinder(`DELETE /snapshots/${snapshot}`)).status).toBe(202);
    const last = await eventually(site, show, ({ status }) => status === 404);
    expect(last.body).toEqual(
      fault('itemNotFound', 404, `Snapshot ${snapshot} could not be found.`),
    );
  });

  test('of a volume nobody knows: 404', async () => {
    const answer = await snapshots(nowhere);
    expect([answer.status, fields(answer.body)]).toEqual([404, ['itemNotFound']]);
  });
});
