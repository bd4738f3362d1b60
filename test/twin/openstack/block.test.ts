import { seededRandom } from '../../../lib/random.ts';
import { createCloud } from '../../../lib/twin/openstack/cloud.ts';
import { cloudSchema } from '../../../lib/twin/openstack/seed.ts';
import { cinder, cinderUnderTest, shown, volume } from './block-support.ts';
import {
  cloudUnderTest,
  fakeArray,
  PROJECT,
  session,
  statusOf,
  unpark,
  V1,
  V2,
  V3,
  volumePath,
} from './support.ts';

describe('Cinder', () => {
  it('parks and unparks, refuses unknown statuses, and says the version it used', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const parked = await unpark(api, V1);
    expect([parked.status, parked.body]).toEqual([202, undefined]);
    expect(await statusOf(api, V1)).toBe('available');
    expect((await unpark(api, V1, 'fine')).body.badRequest.code).toBe(400);
    expect((await unpark(api, 'nope')).body.itemNotFound.code).toBe(404);
    const shown = await api(`GET ${volumePath(V1)}`);
    expect(shown.headers).toMatchObject({
      'openstack-api-version': 'volume 3.59',
      'x-simulator': 'true',
      'x-openstack-request-id': expect.stringMatching(/^req-[0-9a-f-]{36}$/),
      date: 'Sun, 22 Nov 2026 01:00:00 GMT',
    });
    expect(shown.body.volume).toMatchObject({
      name: '계정계 복제본 0',
      size: 100,
      bootable: 'true',
    });
  });

  it('answers 406 above its maximum, 400 to junk and to another project', async () => {
    const api = await session(cloudUnderTest());
    const high = await api(`GET ${volumePath(V1)}`, undefined, 'volume 3.71');
    expect(high.status).toBe(406);
    expect(high.body.computeFault.message).toContain('Minimum is 3.0 and maximum is 3.70.');
    expect((await api(`GET ${volumePath(V1)}`, undefined, 'volume x')).status).toBe(400);
    const other = await api('GET /volume/v3/other/volumes');
    expect(other.body).toEqual({ badRequest: { code: 400, message: 'Malformed request url' } });
    expect((await api(`PATCH ${volumePath(V1)}`)).body.code).toBe('404 Not Found');
  });

  it('pages, and its links keep the filters', async () => {
    const api = await session(cloudUnderTest());
    let line = `GET /volume/v3/${PROJECT}/volumes/detail?limit=2&status=maintenance`;
    const seen: string[] = [];
    for (let pages = 0; pages < 3; pages++) {
      const { body } = await api(line);
      seen.push(...body.volumes.map((one: { id: string }) => one.id));
      const next: string | undefined = body.volumes_links?.[0]?.href;
      if (next === undefined) break;
      expect(next).toContain('status=maintenance');
      line = `GET ${next.replace('http://cloud.dr.twin', '')}`;
    }
    expect(seen).toEqual([V1, V2, V3]);
  });
});

describe('faults', () => {
  const outcome = {
    'volume-stuck-creating': { volume: 'creating', snapshot: undefined, gone: undefined },
    'snapshot-failing': { volume: 'available', snapshot: 'error', gone: 'gone' },
    'volume-delete-failing': { volume: 'available', snapshot: 'available', gone: 'error_deleting' },
    'backend-down': { volume: 'error', snapshot: undefined, gone: 'error_deleting' },
  } as const;

  it.each(Object.entries(outcome))('%s', async (name, expected) => {
    const rig = await cinderUnderTest();
    const { api, cloud, clock } = rig;
    cloud.fault(name as keyof typeof outcome, true);
    const id = await volume(rig);
    clock.advance(600_000);
    expect((await shown(api, id)).status).toBe(expected.volume);
    if (expected.snapshot !== undefined) {
      const made = await api('POST /snapshots', { snapshot: { volume_id: id } });
      const snapshot = `/snapshots/${made.body.snapshot.id}`;
      clock.advance(1_000);
      expect((await api(`GET ${snapshot}`)).body.snapshot.status).toBe(expected.snapshot);
      await api(`DELETE ${snapshot}`);
      clock.advance(2_000);
    }
    if (expected.gone === undefined) return;
    expect((await api(`DELETE /volumes/${id}`)).status).toBe(202);
    clock.advance(2_000);
    expect((await shown(api, id))?.status ?? 'gone').toBe(expected.gone);
  });

  it('quota-full leaves room for nothing more', async () => {
    const { api, cloud } = await cinderUnderTest();
    cloud.fault('quota-full', true);
    expect((await api('POST /volumes', { volume: { size: 1 } })).status).toBe(413);
    cloud.fault('quota-full', false);
    expect((await api('POST /volumes', { volume: { size: 1 } })).status).toBe(202);
  });
});

it('one cloud over two sites puts each volume on the array of its back end', async () => {
  const [here, there] = [fakeArray(), fakeArray()];
  const stretched = cloudSchema.parse({
    name: 'both',
    projects: [{ id: PROJECT, name: 'drillbook' }],
    users: [{ name: 'drillbook', password: 'secret', roles: { drillbook: ['admin'] } }],
    backends: [
      { host: 'cinder@near', arrayId: 'a', zone: 'az-a' },
      { host: 'cinder@far', arrayId: 'b', zone: 'az-b' },
    ],
    hosts: [
      { name: 'c1', zone: 'az-a', site: 'a' },
      { name: 'c2', zone: 'az-b', site: 'b' },
    ],
  });
  const rig = cloudUnderTest();
  const cloud = createCloud(stretched, {
    ...{ clock: rig.clock, random: seededRandom('both'), baseUrl: () => 'http://cloud.dr.twin' },
    ...{ onEffect: () => undefined, changed: () => undefined },
    arrays: { a: here.port, b: there.port },
  });
  const api = await cinder({ cloud });
  const before = there.ldevs.size;
  for (const zone of ['az-a', 'az-b']) {
    await api('POST /volumes', { volume: { size: 1, availability_zone: zone } });
    rig.clock.advance(1_000);
  }
  const { volumes } = (await api('GET /volumes/detail')).body;
  const hosts = volumes.map((one: Record<string, string>) => one['os-vol-host-attr:host']);
  expect(hosts).toEqual(['cinder@far#pool0', 'cinder@near#pool0']);
  expect([here.ldevs.size, there.ldevs.size]).toEqual([before + 1, before + 1]);
  there.state.answers = false;
  const lost = await api('POST /volumes', { volume: { size: 1, availability_zone: 'az-b' } });
  rig.clock.advance(1_000);
  expect((await shown(api, lost.body.volume.id)).status).toBe('error');
});
