/** `cinder manage` with Hitachi's driver: every reference is accepted, few are adopted. */
import { act, cinderUnderTest, shown } from './block-support.ts';

const HOST = 'cinder-dr@hbsd#pool0';

async function rigWithLdev() {
  const rig = await cinderUnderTest();
  const ldev = {
    label: 'loose',
    sizeGiB: 5,
    status: 'NML',
    attributes: ['CVS', 'HDP'],
    numOfPorts: 0,
  };
  rig.array.ldevs.set(2500, ldev);
  return { ...rig, ldev };
}
type Rig = Awaited<ReturnType<typeof rigWithLdev>>;

async function adopt({ api, clock }: Rig, ref: object, more: object = {}) {
  const answer = await api('POST /manageable_volumes', { volume: { host: HOST, ref, ...more } });
  expect(answer.status).toBe(202);
  expect([answer.body.volume.status, answer.body.volume.size]).toEqual(['creating', 0]);
  clock.advance(1_000);
  return await shown(api, answer.body.volume.id);
}

it.each([{ 'source-id': '2500' }, { 'source-id': '00:09:C4' }, { 'source-name': 'loose' }])(
  'adopts by %j, and rewrites the label',
  async (ref) => {
    const rig = await rigWithLdev();
    const made = await adopt(rig, ref, { name: 'copy', bootable: true });
    expect(made).toMatchObject({ status: 'available', size: 5, bootable: 'true', name: 'copy' });
    expect(rig.ldev.label).toBe(made.id.replaceAll('-', ''));
    // The number can be read nowhere afterwards.
    expect(JSON.stringify(made)).not.toContain('2500');
  },
);

it('adopts the same LDEV twice: both succeed', async () => {
  const rig = await rigWithLdev();
  const first = await adopt(rig, { 'source-id': '2500' });
  const second = await adopt(rig, { 'source-id': '2500' });
  expect([first.status, second.status]).toEqual(['available', 'available']);
  expect(rig.ldev.label).toBe(second.id.replaceAll('-', ''));
});

it.each([
  ['a UR S-VOL, after a takeover too', { attributes: ['CVS', 'HDP', 'HORC'] }],
  ['a Thin Image S-VOL', { attributes: ['CVS', 'HDP', 'HTI'] }],
  ['a ShadowImage copy', { attributes: ['CVS', 'HDP', 'MRCF'] }],
  ['a GAD volume', { attributes: ['CVS', 'HDP', 'GAD'] }],
  ['a command device', { attributes: ['CMD', 'CVS'] }],
  ['a blocked LDEV', { status: 'BLK' }],
  ['a mapped LDEV', { numOfPorts: 1 }],
  ['not whole GiB', { sizeGiB: 5.5 }],
])('does not adopt %s: 202, then error, size 0, and no message', async (_, change) => {
  const rig = await rigWithLdev();
  Object.assign(rig.ldev, change);
  const made = await adopt(rig, { 'source-id': '2500' });
  expect([made.status, made.size]).toEqual(['error', 0]);
  expect(rig.ldev.label).toBe('loose');
  expect((await rig.api('GET /messages')).body.messages).toEqual([]);
  expect((await rig.api(`DELETE /volumes/${made.id}`)).status).toBe(202);
  rig.clock.advance(2_000);
  expect(await shown(rig.api, made.id)).toBeUndefined();
  expect(rig.array.ldevs.has(2500)).toBe(true);
});

it.each([{ 'source-id': '9999' }, { 'source-name': 'nobody' }, { 'source-id': 'x' }, { wish: 1 }])(
  'accepts %j and ends in error',
  async (ref) => {
    expect((await adopt(await rigWithLdev(), ref)).status).toBe('error');
  },
);

it('checks host, type and reference at once, and the rest later', async () => {
  const rig = await rigWithLdev();
  const why = async (wish: object) =>
    (await rig.api('POST /manageable_volumes', { volume: wish })).body.badRequest?.message;
  const ref = { 'source-id': '2500' };
  expect(await why({ ref })).toContain('One and only one of cluster and host must be set.');
  expect(await why({ host: 'x@y#z', ref })).toBe("Host 'x@y#z' not found");
  expect(await why({ host: HOST, ref, volume_type: 'x' })).toContain("Cannot find requested 'x'");
  expect(await why({ host: HOST })).toContain('ref');
  expect((await adopt(rig, ref, { volume_type: 'replicated' })).status).toBe('error');
  expect((await adopt(rig, ref, { host: 'cinder-dr@hbsd' })).status).toBe('error');
  expect((await rig.api('POST /manageable_volumes', {}, 7)).status).toBe(404);
});

it('lists nothing manageable: the driver has no such feature', async () => {
  const { api } = await rigWithLdev();
  const host = encodeURIComponent(HOST);
  expect((await api(`GET /manageable_volumes/detail?host=${host}`)).status).toBe(500);
  expect((await api('GET /manageable_volumes/detail')).status).toBe(400);
  expect((await api('GET /manageable_volumes/detail?host=x%40y%23z')).status).toBe(404);
});

it('lets go of a volume and leaves its LDEV', async () => {
  const rig = await rigWithLdev();
  const { id } = await adopt(rig, { 'source-id': '2500' });
  expect((await act(rig.api, id, { 'os-unmanage': {} })).status).toBe(202);
  expect((await shown(rig.api, id)).status).toBe('unmanaging');
  rig.clock.advance(500);
  expect((await rig.api(`GET /volumes/${id}`)).status).toBe(404);
  expect(rig.array.ldevs.has(2500)).toBe(true);
});
