/** Faults of clouds, and how each shows. */
import { type Case, type Cloud, outcome, type Place } from './support.ts';

const CINDER = '/volume/v3';
const NOVA = '/compute/v2.1';
const LONG_MS = 3_600_000;

const volumes = ({ keptCloud }: Place) => outcome(keptCloud(`GET ${CINDER}/volumes`));

async function volumeStatus(cloud: Cloud, id: string): Promise<string> {
  const { status, body } = await cloud(`GET ${CINDER}/volumes/${id}`);
  return status === 200 ? body.volume.status : String(status);
}

/** A new volume, and how it stands after a while. */
async function newVolume({ cloud, clock }: Place, ms = 600_000) {
  const as = await cloud();
  const made = await as(`POST ${CINDER}/volumes`, { volume: { size: 1, name: 'v' } });
  if (made.status !== 202) return { as, id: '', status: String(made.status) };
  const { id } = made.body.volume;
  clock.advance(ms);
  return { as: await cloud(), id, status: await volumeStatus(await cloud(), id) };
}

/** A server from a new volume; its status after `ms`. */
async function newServer(place: Place, ms: number) {
  const { as, id: volume } = await newVolume(place);
  await as(`POST ${CINDER}/volumes/${volume}/action`, { 'os-set_bootable': { bootable: true } });
  const { flavors } = (await as(`GET ${NOVA}/flavors`)).body;
  const made = await as(`POST ${NOVA}/servers`, {
    server: {
      name: 's',
      flavorRef: flavors[0].id,
      networks: 'none',
      block_device_mapping_v2: [
        { uuid: volume, source_type: 'volume', destination_type: 'volume', boot_index: 0 },
      ],
    },
  });
  const id: string = made.body.server.id;
  place.clock.advance(ms);
  const again = await place.cloud();
  const { status, body } = await again(`GET ${NOVA}/servers/${id}`);
  return { as: again, id, volume, status: status === 200 ? body.server.status : String(status) };
}

async function service(place: Place, path: string, binary: string) {
  place.clock.advance(300_000);
  const { services } = (await (await place.cloud())(`GET ${path}/os-services`)).body;
  return services.filter((one: { binary: string }) => one.binary === binary);
}

export const cloudCases: Readonly<Record<string, Case>> = {
  'http-500': { see: volumes, well: 200, ill: 500 },
  'token-revoked': { see: volumes, well: 200, ill: 401 },
  'token-short': {
    see: async ({ cloud, clock }) => {
      const as = await cloud();
      clock.advance(21_000);
      return outcome(as(`GET ${CINDER}/volumes`));
    },
    well: 200,
    ill: 401,
  },
  'cloud-clock-wrong': {
    see: async ({ keptCloud, clock }) => {
      const { headers } = await keptCloud(`GET ${CINDER}/volumes`);
      return Math.round((Date.parse(headers['date'] ?? '') - clock.now()) / 60_000);
    },
    well: 0,
    ill: -7,
  },
  'cinder-down': {
    see: async (place) => {
      const [found] = await service(place, CINDER, 'cinder-volume');
      return [found.state, (await place.array('dr', 'GET ldevs/2000')).status];
    },
    well: ['up', 200],
    ill: ['down', 200],
    onMs: 300_000,
  },
  'backend-down': {
    // Soon enough: a back end that was away for a minute is lost to the scheduler for good.
    see: async (place) => (await newVolume(place, 20_000)).status,
    well: 'available',
    ill: 'error',
  },
  'volume-stuck-creating': {
    see: async (place) => (await newVolume(place)).status,
    well: 'available',
    ill: 'creating',
  },
  'volume-stuck-attaching': {
    see: async (place) => {
      const { as, volume } = await newServer(place, 120_000);
      return volumeStatus(as, volume);
    },
    well: 'in-use',
    ill: 'attaching',
  },
  'volume-delete-failing': {
    see: async (place) => {
      const { as, id } = await newVolume(place);
      await as(`DELETE ${CINDER}/volumes/${id}`);
      place.clock.advance(600_000);
      return volumeStatus(await place.cloud(), id);
    },
    well: '404',
    ill: 'error_deleting',
  },
  'snapshot-failing': {
    see: async (place) => {
      const { as, id } = await newVolume(place);
      const made = await as(`POST ${CINDER}/snapshots`, { snapshot: { volume_id: id, name: 's' } });
      place.clock.advance(600_000);
      const found = await (await place.cloud())(`GET ${CINDER}/snapshots/${made.body.snapshot.id}`);
      return found.body.snapshot.status;
    },
    well: 'available',
    ill: 'error',
  },
  'quota-full': {
    see: async (place) => {
      const as = await place.cloud();
      const port = { port: { network_id: place.world.map.services[0]?.network } };
      return [
        (await newVolume(place)).status,
        (await outcome(as('POST /network/v2.0/ports', port))) === 201,
      ];
    },
    well: ['available', true],
    ill: ['413', false],
  },
  'boot-failing': {
    see: async (place) => (await newServer(place, 120_000)).status,
    well: 'ACTIVE',
    ill: 'ERROR',
  },
  'boot-slow': {
    see: async (place) => (await newServer(place, 600_000)).status,
    well: 'ACTIVE',
    ill: 'BUILD',
  },
  'slow-delete': {
    see: async (place) => {
      const { as, id } = await newServer(place, 120_000);
      await as(`DELETE ${NOVA}/servers/${id}`);
      place.clock.advance(60_000);
      return outcome((await place.cloud())(`GET ${NOVA}/servers/${id}`));
    },
    well: 404,
    ill: 200,
  },
  'compute-down': {
    see: async (place) => {
      const found = await service(place, NOVA, 'nova-compute');
      return found.map(({ state }: { state: string }) => state);
    },
    well: ['up', 'up'],
    ill: ['down', 'up'],
    onMs: LONG_MS,
  },
  'router-attached': {
    see: async ({ keptCloud }) => {
      const { ports } = (await keptCloud('GET /network/v2.0/ports')).body;
      const owners = ports.map((port: { device_owner: string }) => port.device_owner);
      return owners.some((owner: string) => owner.startsWith('network:router'));
    },
    well: false,
    ill: true,
  },
};
