/** Images: made, uploaded, shared, and made of a volume. */
import { act, cinderUnderTest, shown, volume } from './block-support.ts';
import { call, IMAGE, login, OTHER_PROJECT, session, TOKENS } from './support.ts';

const IMAGES = '/image/v2/images';

async function glance() {
  const rig = await cinderUnderTest();
  return { ...rig, images: await session(rig) };
}

it('makes an image, takes its data once, and deletes it', async () => {
  const { cloud, images } = await glance();
  const made = await images(`POST ${IMAGES}`, {
    name: 'guest',
    disk_format: 'qcow2',
    container_format: 'bare',
    hw_firmware_type: 'uefi',
  });
  expect([made.status, made.body.status, made.body.hw_firmware_type]).toEqual([
    201,
    'queued',
    'uefi',
  ]);
  const opened = await call({ cloud }, `POST ${TOKENS}`, { body: login() });
  const token = opened.headers['x-subject-token'] ?? '';
  const upload = async (type: string) => {
    const url = `http://cloud.dr.twin${IMAGES}/${made.body.id}/file`;
    const headers = { 'x-auth-token': token, 'content-type': type };
    return (await cloud.handle({ method: 'PUT', url, headers, body: 'some data' })).status;
  };
  expect(await upload('application/json')).toBe(415);
  expect(await upload('application/octet-stream')).toBe(204);
  expect(await upload('application/octet-stream')).toBe(409);
  expect((await images(`GET ${IMAGES}/${made.body.id}`)).body).toMatchObject({
    status: 'active',
    size: 9,
    os_hash_algo: 'sha512',
  });
  expect((await images(`DELETE ${IMAGES}/${made.body.id}`)).status).toBe(204);
});

it('lists, filters and pages', async () => {
  const { images } = await glance();
  for (const name of ['a', 'b', 'c']) await images(`POST ${IMAGES}`, { name });
  expect((await images(`GET ${IMAGES}?name=b`)).body.images).toHaveLength(1);
  const first = (await images(`GET ${IMAGES}?limit=3`)).body;
  expect([first.images.length, first.schema]).toEqual([3, '/v2/schemas/images']);
  const second = (await images(`GET /image${first.next}`)).body;
  expect(second.images.map((one: { name: string }) => one.name)).toEqual(['c']);
  expect(second.next).toBeUndefined();
});

it('changes by JSON patch, and not what is read-only', async () => {
  const { images } = await glance();
  const patched = await images(`PATCH ${IMAGES}/${IMAGE}`, [
    { op: 'replace', path: '/name', value: 'rocky-9.4' },
    { op: 'add', path: '/os_distro', value: 'rocky' },
  ]);
  expect(patched.body).toMatchObject({ name: 'rocky-9.4', os_distro: 'rocky' });
});

it('makes an image of a volume while the volume is uploading', async () => {
  const rig = await glance();
  const { api, clock, images } = rig;
  const id = await volume(rig, { size: 2 });
  const wish = { 'os-volume_upload_image': { image_name: 'of-volume' } };
  const started = await act(api, id, wish);
  expect(started.status).toBe(202);
  const { image_id } = started.body['os-volume_upload_image'];
  expect((await shown(api, id)).status).toBe('uploading');
  expect((await images(`GET ${IMAGES}/${image_id}`)).body.status).toBe('saving');
  clock.advance(10_000);
  expect((await images(`GET ${IMAGES}/${image_id}`)).body).toMatchObject({
    status: 'active',
    min_disk: 2,
    visibility: 'private',
  });
  expect((await shown(api, id)).status).toBe('available');
});

it('shares an image with a project that takes it up', async () => {
  const rig = await glance();
  const { images } = rig;
  const { id } = (await images(`POST ${IMAGES}`, { name: 'shared' })).body;
  const other = await session(rig, { user: 'member', project: 'other' });
  const names = async () =>
    (await other(`GET ${IMAGES}`)).body.images.map((one: { name: string }) => one.name);
  await images(`POST ${IMAGES}/${id}/members`, { member: OTHER_PROJECT });
  expect(await names()).toEqual(['rocky-9']);
  const taken = await other(`PUT ${IMAGES}/${id}/members/${OTHER_PROJECT}`, { status: 'accepted' });
  expect(taken.body).toMatchObject({ image_id: id, status: 'accepted' });
  expect(await names()).toEqual(['rocky-9', 'shared']);
});
