/** Glance: an image from its name to its bytes and away again. */
import { randomUUID } from 'node:crypto';
import { type Caller, openSite, plain, type Session, type Site, sessionOf } from './site.ts';
import { at, fields, listAt, REQUEST_ID, textAt, UUID, ZULU } from './wire.ts';

let site: Site;
let own: Session;
let glance: Caller;
const made: string[] = [];
beforeAll(async () => {
  site = await openSite();
  own = await sessionOf(site);
  glance = own.service('glance');
});
afterAll(async () => {
  for (const id of made) await glance(`DELETE /images/${id}`);
  await site.close();
});

const BYTES = { 'content-type': 'application/octet-stream' };
const FIELDS = [
  'checksum container_format created_at disk_format file id min_disk min_ram name os_hash_algo',
  'os_hash_value os_hidden owner protected schema self size status tags updated_at virtual_size',
  'visibility',
].flatMap((words) => words.split(' '));

async function image(more: object = {}): Promise<string> {
  const wish = { name: 'contract', disk_format: 'raw', container_format: 'bare', ...more };
  const id = textAt(await glance('POST /images', { body: wish }), '/id');
  made.push(id);
  return id;
}

test('versions: 300 without a token, the newest first', async () => {
  const base = own.endpoint('glance').replace(/\/v2$/, '');
  const answer = await plain(base, 'GET /');
  expect(answer.status).toBe(300);
  const [first] = listAt(answer, '/versions');
  expect(first).toEqual({
    ...{ id: expect.stringMatching(/^v2\.\d+$/), status: 'CURRENT' },
    links: [{ rel: 'self', href: expect.stringMatching(/\/v2\/$/) }],
  });
});

test('created queued: 201 with all its fields and no envelope', async () => {
  const body = { name: 'contract-new', disk_format: 'raw', container_format: 'bare', os: 'x' };
  const answer = await glance('POST /images', { body });
  expect(answer.status).toBe(201);
  const id = textAt(answer, '/id');
  made.push(id);
  expect(id).toMatch(UUID);
  expect(answer.headers['location']).toMatch(new RegExp(`/v2/images/${id}$`));
  expect(answer.headers['x-openstack-request-id']).toMatch(REQUEST_ID);
  expect(fields(answer.body)).toEqual([...FIELDS, 'os'].sort());
  expect(answer.body).toMatchObject({
    ...{ status: 'queued', size: null, checksum: null, owner: site.project.id, os: 'x' },
    ...{ visibility: 'shared', protected: false, min_disk: 0, min_ram: 0, tags: [] },
    ...{ created_at: expect.stringMatching(ZULU), self: `/v2/images/${id}` },
    ...{ file: `/v2/images/${id}/file`, schema: '/v2/schemas/image', os_hidden: false },
  });
});

test('uploaded: 204; then active with size and checksums, and its bytes come back', async () => {
  const id = await image();
  const early = await glance(`GET /images/${id}/file`);
  expect([early.status, early.body]).toEqual([204, undefined]);
  const put = await glance(`PUT /images/${id}/file`, { text: 'volume data', headers: BYTES });
  expect([put.status, put.body]).toEqual([204, undefined]);
  const shown = await glance(`GET /images/${id}`);
  expect(shown.body).toMatchObject({
    ...{ status: 'active', size: 11, os_hash_algo: 'sha512' },
    ...{ checksum: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ...{ os_hash_value: expect.stringMatching(/^[0-9a-f]{128}$/) },
  });
  const file = await glance(`GET /images/${id}/file`);
  expect([file.status, file.body]).toEqual([200, 'volume data']);
  const twice = await glance(`PUT /images/${id}/file`, { text: 'x', headers: BYTES });
  expect(twice.status).toBe(409);
});

test('listed, and filtered by name', async () => {
  const name = `contract-${randomUUID()}`;
  const id = await image({ name });
  const listed = await glance(`GET /images?name=${name}`);
  expect(listed.status).toBe(200);
  expect(fields(listed.body)).toEqual(['first', 'images', 'schema']);
  expect(listAt(listed, '/images')).toEqual([expect.objectContaining({ id, name })]);
  await image({ name });
  const first = await glance(`GET /images?name=${name}&limit=1`);
  expect(fields(first.body)).toEqual(['first', 'images', 'next', 'schema']);
  expect(textAt(first, '/next')).toMatch(/^\/v2\/images\?.*marker=/);
});

test('deleted: 204, then 404 as the router says it; a protected one: 403', async () => {
  const id = await image();
  const answer = await glance(`DELETE /images/${id}`);
  expect([answer.status, answer.body]).toEqual([204, undefined]);
  const shown = await glance(`GET /images/${id}`);
  expect(shown.status).toBe(404);
  expect(shown.body).toEqual({
    ...{ code: '404 Not Found', title: 'Not Found' },
    message: expect.stringContaining(`No image found with ID ${id}`),
  });
  const kept = await image({ protected: true });
  expect((await glance(`DELETE /images/${kept}`)).status).toBe(403);
  const patch = await glance(`PATCH /images/${kept}`, {
    body: [{ op: 'replace', path: '/protected', value: false }],
    headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
  });
  expect([patch.status, at(patch, '/protected')]).toEqual([200, false]);
});

test('no token: 401 as a page; a name for a format nobody knows: 400', async () => {
  const answer = await plain(`${own.endpoint('glance').replace(/\/v2$/, '')}/v2`, 'GET /images');
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toMatch(/^Keystone uri="/);
  const bad = await glance('POST /images', { body: { name: 'x', disk_format: 'tape' } });
  expect(bad.status).toBe(400);
});
