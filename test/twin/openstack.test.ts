import {
  bootBody,
  call,
  cloudUnderTest,
  login,
  NETWORK,
  PORTS,
  PROJECT,
  parsed,
  type Rig,
  SERVERS,
  session,
  V1,
  V2,
  V3,
  volumePath,
} from './openstack-support.ts';

const TOKENS = '/identity/v3/auth/tokens';
type Api = Awaited<ReturnType<typeof session>>;

const unpark = (api: Api, id: string, status = 'available') =>
  api(`POST ${volumePath(id)}/action`, { 'os-reset_status': { status } });
const statusOf = async (api: Api, id: string) =>
  (await api(`GET ${volumePath(id)}`)).body?.volume?.status;

/** Volumes made available, a port, a server asked for; returns their ids. */
async function boot(api: Api, options: Parameters<typeof bootBody>[0] = {}) {
  for (const id of options.volumes ?? [V1, V2]) await unpark(api, id);
  const wish = { network_id: NETWORK, name: 'k1', fixed_ips: [{ ip_address: '10.90.1.11' }] };
  const made = await api(`POST ${PORTS}`, { port: { ...wish, mac_address: 'FA:16:3e:c4:12:1f' } });
  const port: string = made.body.port.id;
  const answer = await api(`POST ${SERVERS}`, bootBody({ ...options, port }));
  return { port, server: answer.body?.server?.id as string, answer };
}

const probe = async (rig: Rig, path: string, host = '10.90.1.11:8080') =>
  parsed(await rig.cloud.probe({ method: 'GET', url: `http://${host}${path}`, headers: {} }));

describe('Keystone', () => {
  it('gives a scoped token with a catalogue and refuses all wrong logins alike', async () => {
    const rig = cloudUnderTest();
    const good = await call(rig, `POST ${TOKENS}`, { body: login() });
    expect(good.status).toBe(201);
    expect(good.body.token.expires_at).toBe('2026-11-22T02:00:00.000000Z');
    const urls = good.body.token.catalog.map(
      (one: { type: string; endpoints: { url: string }[] }) => [one.type, one.endpoints[0]?.url],
    );
    expect(urls).toEqual(
      expect.arrayContaining([
        ['volumev3', `http://cloud.dr.twin/volume/v3/${PROJECT}`],
        ['compute', 'http://cloud.dr.twin/compute/v2.1'],
        ['network', 'http://cloud.dr.twin/network'],
      ]),
    );
    for (const body of [login({ password: 'wrong' }), login({ project: 'other' })]) {
      const bad = await call(rig, `POST ${TOKENS}`, { body });
      expect([bad.status, bad.body.error.title]).toEqual([401, 'Unauthorized']);
      expect(bad.headers['www-authenticate']).toMatch(/^Keystone uri=/);
    }
    expect((await call(rig, `POST ${TOKENS}`, { body: { auth: 1 } })).status).toBe(400);
  });

  it('lets a token expire to the second, and revokes', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    rig.clock.advance(3_599_000);
    expect((await api(`GET ${volumePath(V1)}`)).status).toBe(200);
    rig.clock.advance(1_000);
    const late = await api(`GET ${volumePath(V1)}`);
    expect(late.status).toBe(401);
    expect(late.headers['openstack-api-version']).toBeUndefined();

    const first = await call(rig, `POST ${TOKENS}`, { body: login() });
    const token = first.headers['x-subject-token'] ?? '';
    const headers = { 'x-auth-token': token, 'x-subject-token': token };
    expect((await call(rig, `GET ${TOKENS}`, { headers })).status).toBe(200);
    expect((await call(rig, `DELETE ${TOKENS}`, { headers })).status).toBe(204);
    expect((await call(rig, `GET ${TOKENS}`, { headers })).status).toBe(401);
  });
});

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
    expect((await api(`PUT ${volumePath(V1)}`)).body.code).toBe('404 Not Found');
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

describe('Neutron', () => {
  it('has a DHCP port in each network and no other', async () => {
    const api = await session(cloudUnderTest());
    const { body } = await api(`GET ${PORTS}?network_id=${NETWORK}`);
    expect(body.ports.map((port: { device_owner: string }) => port.device_owner)).toEqual([
      'network:dhcp',
    ]);
    const network = (await api(`GET /network/v2.0/networks/${NETWORK}`)).body.network;
    expect(network).toMatchObject({
      'router:external': false,
      shared: false,
      'provider:segmentation_id': 901,
    });
    const missing = await api('GET /network/v2.0/networks/x');
    expect(missing.body.NeutronError.type).toBe('NetworkNotFound');
  });

  it('gives an address and a MAC away once', async () => {
    const api = await session(cloudUnderTest());
    const wish = { network_id: NETWORK, fixed_ips: [{ ip_address: '10.90.1.11' }] };
    const first = await api(`POST ${PORTS}`, {
      port: { ...wish, mac_address: 'fa:16:3e:00:00:01' },
    });
    expect(first.status).toBe(201);
    const again = await api(`POST ${PORTS}`, { port: wish });
    expect([again.status, again.body.NeutronError.type]).toEqual([
      409,
      'IpAddressAlreadyAllocated',
    ]);
    const mac = { network_id: NETWORK, mac_address: 'FA:16:3E:00:00:01' };
    expect((await api(`POST ${PORTS}`, { port: mac })).body.NeutronError.type).toBe(
      'MacAddressInUse',
    );
    const foreign = { network_id: NETWORK, fixed_ips: [{ ip_address: '10.91.1.11' }] };
    expect((await api(`POST ${PORTS}`, { port: foreign })).status).toBe(400);
    const { id } = first.body.port;
    expect((await api(`DELETE ${PORTS}/${id}`)).status).toBe(204);
    expect((await api(`DELETE ${PORTS}/${id}`)).status).toBe(404);
    expect((await api(`POST ${PORTS}`, { port: wish })).status).toBe(201);
  });
});

describe('Nova', () => {
  it('boots from volumes step by step, and gives everything back on delete', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const { server, port, answer } = await boot(api, { name: '지급결제 DB 1호' });
    expect(answer.status).toBe(202);
    const seen: unknown[] = [];
    for (let second = 0; second <= 9; second++) {
      const { body } = await api(`GET ${SERVERS}/${server}`);
      seen.push(
        [body.server.status, body.server['OS-EXT-STS:task_state'], await statusOf(api, V1)].join(),
      );
      rig.clock.advance(1_000);
    }
    expect([...new Set(seen)]).toEqual([
      'BUILD,scheduling,reserved',
      'BUILD,networking,reserved',
      'BUILD,block_device_mapping,attaching',
      'BUILD,spawning,in-use',
      'ACTIVE,,in-use',
    ]);
    expect(rig.array.paths).toEqual(['500@dr-compute-1', '501@dr-compute-1']);
    const active = (await api(`GET ${SERVERS}/${server}`)).body.server;
    expect(active.name).toBe('지급결제 DB 1호');
    expect(active.addresses['drill-payments'][0].addr).toBe('10.90.1.11');
    expect((await api(`GET ${volumePath(V2)}`)).body.volume.attachments[0]).toMatchObject({
      server_id: server,
      device: '/dev/vdb',
    });

    expect((await api(`DELETE ${SERVERS}/${server}`)).status).toBe(204);
    expect((await api(`GET ${SERVERS}/${server}`)).body.server['OS-EXT-STS:task_state']).toBe(
      'deleting',
    );
    rig.clock.advance(3_000);
    expect((await api(`GET ${SERVERS}/${server}`)).body.itemNotFound.code).toBe(404);
    expect([await statusOf(api, V1), await statusOf(api, V2)]).toEqual(['available', 'available']);
    expect(rig.array.paths).toEqual([]);
    const left = (await api(`GET ${PORTS}/${port}`)).body.port;
    expect([left.device_id, left.status]).toEqual(['', 'DOWN']);
  });

  it('attaches no parked, attached or unbootable volume, and takes nothing then', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const parked = await api(`POST ${SERVERS}`, bootBody({}));
    expect(parked.body.badRequest.message).toContain('the current status is maintenance');
    await unpark(api, V1);
    expect((await api(`POST ${SERVERS}`, bootBody({}))).status).toBe(400);
    expect(await statusOf(api, V1)).toBe('available');
    await unpark(api, V2);
    expect(
      (await api(`POST ${SERVERS}`, bootBody({ volumes: [V2] }))).body.badRequest.message,
    ).toContain('not bootable');
    expect((await api(`POST ${SERVERS}`, bootBody({}))).status).toBe(202);
    expect((await api(`POST ${SERVERS}`, bootBody({}))).body.badRequest.message).toContain(
      'reserved',
    );
    expect((await api(`GET ${SERVERS}/detail`)).body.servers).toHaveLength(1);
  });

  it('refuses unknown keys and flavors, tags before 2.52, unknown versions', async () => {
    const api = await session(cloudUnderTest());
    const { port } = await boot(api);
    const body = bootBody({ port });
    const change = (key: string, value: unknown) => ({ server: { ...body.server, [key]: value } });
    expect((await api(`POST ${SERVERS}`, change('flavorRef', 'c8.m32'))).status).toBe(400);
    expect((await api(`POST ${SERVERS}`, change('surprise', 1))).status).toBe(400);
    const tagged = await api(`POST ${SERVERS}`, change('tags', ['k']), 'compute 2.51');
    expect(tagged.body.badRequest.message).toContain('tags');
    expect((await api(`GET ${SERVERS}`, undefined, 'compute 2.94')).status).toBe(406);
  });

  it('keeps a port in use from a second server', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const { port, server } = await boot(api);
    await unpark(api, V1);
    const second = await api(`POST ${SERVERS}`, bootBody({ port, volumes: [V1] }));
    expect([second.status, second.body.conflictingRequest.code]).toEqual([409, 409]);
    // Two writers on one volume is what resetting a status allows: the twin must not hide it.
    const double = await api(`POST ${SERVERS}`, bootBody({ volumes: [V1] }));
    expect(double.status).toBe(202);
    rig.clock.advance(10_000);
    const { attachments } = (await api(`GET ${volumePath(V1)}`)).body.volume;
    expect(attachments).toHaveLength(2);
    await api(`DELETE ${SERVERS}/${server}`);
    rig.clock.advance(5_000);
    expect(await statusOf(api, V1)).toBe('in-use');
    expect(rig.array.paths).toContain('500@dr-compute-1');
  });

  it('really deletes volumes when delete_on_termination says so', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const { server } = await boot(api, { deleteOnTermination: true });
    rig.clock.advance(10_000);
    await api(`DELETE ${SERVERS}/${server}`);
    rig.clock.advance(3_000);
    expect(await statusOf(api, V1)).toBe('deleting');
    rig.clock.advance(2_000);
    expect((await api(`GET ${volumePath(V1)}`)).status).toBe(404);
    expect((await api(`GET ${volumePath(V3)}`)).status).toBe(200);
  });

  it('is found by name and by tag', async () => {
    const api = await session(cloudUnderTest());
    await unpark(api, V1);
    const wish = bootBody({ volumes: [V1] });
    await api(`POST ${SERVERS}`, { server: { ...wish.server, tags: ['key-1'] } });
    const found = async (query: string) =>
      (await api(`GET ${SERVERS}/detail?${query}`)).body.servers.length;
    expect(await found('tags=key-1')).toBe(1);
    expect(await found('tags=key-2')).toBe(0);
    expect(await found('name=pay-db1&status=build')).toBe(1);
  });
});

describe('the way into the drill network', () => {
  it('answers only for an ACTIVE server, writes once per health check, shows records', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const { server } = await boot(api);
    rig.clock.advance(7_900);
    expect((await probe(rig, '/health')).status).toBe(502);
    rig.clock.advance(100);
    expect((await probe(rig, '/health')).body).toEqual({ status: 'ok', server: 'pay-db1' });
    expect(rig.array.writes).toEqual([500, 501]);
    expect((await probe(rig, '/records')).body).toEqual({
      server: 'pay-db1',
      heartbeat: 7,
      volumes: [
        { device: '/dev/vda', record: 5000, heartbeat: 7 },
        { device: '/dev/vdb', record: 5010, heartbeat: 7 },
      ],
    });
    expect((await probe(rig, '/health', '10.90.1.99:8080')).status).toBe(502);
    expect((await probe(rig, '/health', '10.90.1.11:22')).status).toBe(502);
    await api(`DELETE ${SERVERS}/${server}`);
    expect((await probe(rig, '/health')).status).toBe(502);
  });

  it('tells disks of two instants apart, and a server that cannot write', async () => {
    const rig = cloudUnderTest();
    await boot(await session(rig));
    rig.clock.advance(8_000);
    rig.array.beats.set(501, 8);
    expect((await probe(rig, '/records')).body.heartbeat).toBeNull();
    rig.array.readOnly.add(501);
    const sick = await probe(rig, '/health');
    expect([sick.status, sick.body.device]).toEqual([503, '/dev/vdb']);
  });
});

describe('what a test can rely on', () => {
  it('counts accepted mutations once, refused ones and logins never', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    await unpark(api, V1, 'nonsense');
    await api(`DELETE ${SERVERS}/nope`);
    expect(rig.effects).toEqual([]);
    const { server } = await boot(api);
    await api(`DELETE ${SERVERS}/${server}`);
    expect(rig.effects.map((effect) => `${effect.target} ${effect.method}`)).toEqual([
      'cinder POST',
      'cinder POST',
      'neutron POST',
      'nova POST',
      'nova DELETE',
    ]);
    expect(rig.effects[4]?.path).toBe(`${SERVERS}/${server}`);
  });

  it('goes on from a snapshot as if nothing had happened, time included', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    const { server } = await boot(api);
    const before = rig.counts.changed;
    rig.clock.advance(3_000);
    await api(`GET ${SERVERS}/${server}`);
    expect(rig.counts.changed).toBe(before + 1);
    const state = JSON.parse(JSON.stringify(rig.cloud.snapshot()));
    rig.cloud = rig.fresh();
    rig.cloud.restore(state);
    rig.clock.advance(60_000);
    expect((await api(`GET ${SERVERS}/${server}`)).body.server.status).toBe('ACTIVE');
    expect(rig.array.paths).toHaveLength(2);
    for (let more = 0; more < 20; more++)
      await api(`POST ${PORTS}`, { port: { network_id: NETWORK } });
    const ids = (await api(`GET ${PORTS}`)).body.ports.map((port: { id: string }) => port.id);
    expect(new Set(ids).size).toBe(23);
    expect(() => rig.cloud.restore({ volumes: [] })).toThrow();
  });

  it.each([
    ['boot-failing', 'ERROR'],
    ['slow-delete', 'ACTIVE'],
  ] as const)('%s', async (name, status) => {
    const rig = cloudUnderTest();
    rig.cloud.fault(name, true);
    const api = await session(rig);
    const { server } = await boot(api);
    rig.clock.advance(10_000);
    const shown = (await api(`GET ${SERVERS}/${server}`)).body.server;
    expect(shown.status).toBe(status);
    if (name === 'boot-failing') expect(shown.fault.message).toContain('No valid host');
    await api(`DELETE ${SERVERS}/${server}`);
    rig.clock.advance(60_000);
    const later = await api(`GET ${SERVERS}/${server}`);
    expect(later.status).toBe(name === 'slow-delete' ? 200 : 404);
    rig.clock.advance(120_000);
    expect((await api(`GET ${SERVERS}/${server}`)).status).toBe(404);
    expect(await statusOf(api, V1)).toBe('available');
  });

  it('fails with 500 without doing it, loses its tokens, grows a router', async () => {
    const rig = cloudUnderTest();
    const api = await session(rig);
    rig.cloud.fault('http-500', true);
    expect((await unpark(api, V1)).body.computeFault.code).toBe(500);
    rig.cloud.fault('http-500', false);
    expect(await statusOf(api, V1)).toBe('maintenance');
    rig.cloud.fault('router-attached', true);
    const owners = await api(
      `GET ${PORTS}?network_id=${NETWORK}&device_owner=network:router_interface`,
    );
    expect(owners.body.ports).toHaveLength(1);
    rig.cloud.fault('token-revoked', true);
    expect((await unpark(api, V1)).status).toBe(401);
    expect((await unpark(await session(rig), V1)).status).toBe(202);
  });
});
