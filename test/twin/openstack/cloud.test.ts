import {
  boot,
  cloudUnderTest,
  NETWORK,
  PORTS,
  SERVERS,
  session,
  statusOf,
  unpark,
  V1,
} from './support.ts';

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
