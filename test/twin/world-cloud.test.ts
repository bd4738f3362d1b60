/** Array and cloud together: what a server booted from drill copies sees, and leaves behind. */
import { PROBE_ORIGIN, type World } from '../../lib/twin/world.ts';
import { bench, clones, cloudSession, login, SPLIT } from './world-support.ts';

const PAY = 'PAY01-DRILL';

/** Splits the copies of payments and boots pay-db1 from its five. */
async function bootDatabase() {
  const { world, clock } = bench();
  const array = await login(world, 'dr');
  await array.send('PUT', clones(PAY, 'split'), { body: SPLIT });
  clock.advance(20_000);
  const cloud = await cloudSession(world);
  const project = world.credentials.clouds['dr']?.projectId;
  const service = world.map.services[0];
  const volumes = service?.volumes.filter(({ server }) => server === 'pay-db1') ?? [];
  for (const { copyVolumeId } of volumes) {
    const body = { 'os-reset_status': { status: 'available' } };
    await cloud(`POST /volume/v3/${project}/volumes/${copyVolumeId}/action`, body);
  }
  const fixed = { mac_address: 'fa:16:3e:c4:12:1f', fixed_ips: [{ ip_address: '10.90.1.11' }] };
  const made = await cloud('POST /network/v2.0/ports', {
    port: { network_id: service?.network, name: 'k', ...fixed },
  });
  const flavors = (await cloud('GET /compute/v2.1/flavors/detail')).body.flavors;
  const flavor = flavors.find(({ name }: { name: string }) => name === 'c8.m32');
  const server = await cloud('POST /compute/v2.1/servers', {
    server: {
      name: 'pay-db1',
      flavorRef: flavor.id,
      networks: [{ port: made.body.port.id }],
      block_device_mapping_v2: volumes.map(({ copyVolumeId }, index) => ({
        boot_index: index === 0 ? 0 : null,
        uuid: copyVolumeId,
        source_type: 'volume',
        destination_type: 'volume',
        delete_on_termination: false,
      })),
    },
  });
  expect(server.status).toBe(202);
  clock.advance(120_000);
  const seen = await cloud(`GET /compute/v2.1/servers/${server.body.server.id}`);
  expect(seen.body.server.status).toBe('ACTIVE');
  return { world, clock, array, cloud, volumes, serverId: server.body.server.id };
}

const probe = async (world: World, path: string) => {
  const url = `http://10.90.1.11:8080${path}`;
  return JSON.parse(
    (await world.http({ method: 'GET', url, headers: {}, proxy: PROBE_ORIGIN })).body,
  );
};

it('a server booted from the copies shows one heartbeat, the one of the split', async () => {
  const { world, volumes } = await bootDatabase();
  const records = await probe(world, '/records');
  expect(records.volumes).toHaveLength(5);
  const copies = volumes.map(({ copyLdev }) => world.oracle.contents('dr', copyLdev));
  expect(records.heartbeat).toBe(copies[0]?.heartbeat);
  const live = world.oracle.contents('dr', volumes[0]?.svol ?? 0).heartbeat;
  expect(live - records.heartbeat).toBeGreaterThan(100);
});

it('its writes stay on the copies, and a resync under it is counted', async () => {
  const { world, array, volumes } = await bootDatabase();
  await probe(world, '/health');
  const copy = volumes[0]?.copyLdev ?? 0;
  expect(world.oracle.contents('dr', copy).drillWrites).toBeGreaterThan(0);
  expect(world.oracle.contents('dr', volumes[0]?.svol ?? 0).drillWrites).toBe(0);
  expect((await array.get(`/v1/objects/ldevs/${copy}`)).body.numOfPorts).toBe(2);
  await array.send('PUT', clones(PAY, 'resync'), { body: {} });
  expect(world.oracle.resyncUnderPath()).toBe(1);
});

it('once it is deleted only the pair path is left', async () => {
  const { world, clock, array, cloud, volumes, serverId } = await bootDatabase();
  await cloud(`DELETE /compute/v2.1/servers/${serverId}`);
  clock.advance(120_000);
  expect((await cloud(`GET /compute/v2.1/servers/${serverId}`)).status).toBe(404);
  for (const { copyLdev } of volumes) {
    expect((await array.get(`/v1/objects/ldevs/${copyLdev}`)).body.numOfPorts).toBe(1);
  }
  const kinds = new Set(world.effects.map(({ target }) => target));
  expect(kinds).toEqual(new Set(['array', 'cinder', 'neutron', 'nova']));
});
