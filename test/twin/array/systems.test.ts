/** Pools, ports, the storage system itself and the ones it was told of. */
import { topologySchema } from '../../../lib/twin/topology.ts';
import { DR, login, MAIN, topology, twoArrays } from '../array-support.ts';

describe('pools', () => {
  it('count what is located and what is used', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    main.port.write(1000);
    expect((await client.get('pools/0')).body).toMatchObject({
      poolId: 0,
      poolName: 'DP-POOL',
      poolType: 'HDP',
      poolStatus: 'POLN',
      totalPoolCapacity: 102_400_000,
      availableVolumeCapacity: 102_400_000 - 10_240,
      totalLocatedCapacity: 40_960,
      locatedVolumeCount: 4,
    });
    const { data } = (await client.get('pools')).body;
    expect(data.map(({ poolName }: { poolName: string }) => poolName)).toEqual([
      'DP-POOL',
      'TI-POOL',
    ]);
    expect((await client.get('pools?poolType=HTI')).body.data).toHaveLength(1);
    expect((await client.get('pools/9')).body.messageId).toBe('KART30013-E');
  });
});

describe('ports', () => {
  it('show what the driver looks for', async () => {
    const { main, dr } = twoArrays();
    const [client, other] = [await login(main), await login(dr)];
    const fibre = (await client.get('ports/CL1-A')).body;
    expect(fibre).toMatchObject({
      portType: 'FIBRE',
      lunSecuritySetting: true,
      fabricMode: true,
      portConnection: 'PtoP',
      wwn: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect((await other.get('ports/CL1-A')).body.wwn).not.toBe(fibre.wwn);
    const iscsi = (await client.get('ports/CL2-A')).body;
    expect(iscsi).toMatchObject({ portType: 'ISCSI', tcpPort: 3260 });
    expect(iscsi.ipv4Address).toMatch(/^198\.51\.100\.\d+$/);
    expect((await other.get('ports/CL2-A')).body.ipv4Address).not.toBe(iscsi.ipv4Address);
    expect((await client.get('ports/CL9-A')).status).toBe(404);
  });

  it.each([
    ['', 4],
    ['?portType=ISCSI&portAttributes=TAR', 2],
    ['?portAttributes=TAR', 4],
    ['?portAttributes=ELSE', 0],
  ])('are listed by %s', async (query, count) => {
    const { main } = twoArrays();
    const client = await login(main);
    expect((await client.get(`ports${query}`)).body.data).toHaveLength(count);
  });
});

describe('storage systems', () => {
  it('know themselves under both forms', async () => {
    const { main } = twoArrays();
    const client = await login(main);
    const self = { storageDeviceId: MAIN, model: 'VSP 5600', serialNumber: 40014 };
    expect((await client.get('/v1/objects/storages')).body.data).toMatchObject([self]);
    expect((await client.get(`/v1/objects/storages/${MAIN}`)).body).toMatchObject(self);
    expect((await client.get(`/v1/objects/storages/${DR}`)).status).toBe(404);
  });

  it('are introduced with a token of the other, to one or to both', async () => {
    const { main, dr } = twoArrays();
    const [client, other] = [await login(main), await login(dr)];
    const wish = { storageDeviceId: DR, restServerIp: '192.0.2.20', restServerPort: 443 };
    const headers = { 'remote-authorization': other.token };
    expect((await client.send('POST', 'remote-storages', wish)).status).toBe(401);
    const own = { 'remote-authorization': client.token };
    expect((await client.send('POST', 'remote-storages', wish, own)).status).toBe(401);
    const known = async (which: typeof client) =>
      (await which.get('remote-storages')).body.data.map(
        (one: { dkcType: string; storageDeviceId: string }) =>
          `${one.dkcType} ${one.storageDeviceId}`,
      );
    await client.done('POST', 'remote-storages', { ...wish, isMutualDiscovery: true }, headers);
    expect(await known(client)).toEqual([`Local ${MAIN}`, `Remote ${DR}`]);
    expect(await known(other)).toEqual([`Local ${DR}`, `Remote ${MAIN}`]);
    expect((await client.get(`remote-storages/${DR}`)).body).toMatchObject({
      model: 'VSP 5600',
      serialNumber: 40015,
      restServerIp: '192.0.2.20',
    });
    const again = await client.done('POST', 'remote-storages', wish, headers);
    expect(again.body.state).toBe('Failed');
    await client.done('DELETE', `remote-storages/${DR}`, { isMutualDeletion: true }, headers);
    expect(await known(client)).toEqual([`Local ${MAIN}`]);
    expect(await known(other)).toEqual([`Local ${DR}`]);
    const gone = await client.send('DELETE', `remote-storages/${DR}`, {}, headers);
    expect(gone.status).toBe(404);
  });

  it('are not introduced while the other does not answer, nor when there is none', async () => {
    const { main, dr } = twoArrays();
    const [client, other] = [await login(main), await login(dr)];
    const headers = { 'remote-authorization': other.token };
    dr.parts.faults.add('management-cut');
    const wish = (storageDeviceId: string) => ({ storageDeviceId, restServerIp: '192.0.2.20' });
    expect((await client.send('POST', 'remote-storages', wish(DR), headers)).status).toBe(500);
    const stranger = wish('900000049999');
    expect((await client.send('POST', 'remote-storages', stranger, headers)).status).toBe(404);
    expect((await client.get('remote-storages')).body.data).toHaveLength(1);
  });

  it('at the ends of a link know each other from the start', async () => {
    const links = [{ from: 'main', to: 'dr' }];
    const { main, dr } = twoArrays({ topology: topologySchema.parse({ ...topology, links }) });
    for (const [array, other] of [
      [main, DR],
      [dr, MAIN],
    ] as const) {
      const client = await login(array);
      expect((await client.get(`remote-storages/${other}`)).body.dkcType).toBe('Remote');
    }
  });

  it('remember whom they know over a restart', async () => {
    const [before, after] = [twoArrays(), twoArrays()];
    const [client, other] = [await login(before.main), await login(before.dr)];
    const headers = { 'remote-authorization': other.token };
    const wish = { storageDeviceId: DR, restServerIp: '192.0.2.20' };
    await client.done('POST', 'remote-storages', wish, headers);
    after.main.restore(JSON.parse(JSON.stringify(before.main.snapshot())));
    const again = await login(after.main);
    expect((await again.get('remote-storages')).body.data).toHaveLength(2);
  });
});
