import {
  boot,
  bootBody,
  cloudUnderTest,
  PORTS,
  probe,
  SERVERS,
  session,
  statusOf,
  unpark,
  V1,
  V2,
  V3,
  volumePath,
} from './support.ts';

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
