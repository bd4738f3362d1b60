/** One cloud over two sites: three hosts, two arrays, a running server, an administrator, a member. */
import { manualClock } from '../../../lib/clock.ts';
import { seededRandom } from '../../../lib/random.ts';
import { createCloud } from '../../../lib/twin/openstack/cloud.ts';
import { type CloudWish, cloudSchema } from '../../../lib/twin/openstack/seed.ts';
import { call, fakeArray } from './support.ts';

export const HOME = 'aaaaaaaa000040008000000000000001';
export const OTHER = 'aaaaaaaa000040008000000000000002';
export const INNER = '22222222-0000-4000-8000-000000000001';
export const OUTER = '22222222-0000-4000-8000-000000000002';
export const IMAGE = '33333333-0000-4000-8000-000000000001';
export const RUNNING = '44444444-0000-4000-8000-000000000001';
/** Boot volume and data volume of the running server; then one bootable and two plain spares. */
export const volumeIds = [1, 2, 3, 4, 5].map((n) => `55555555-0000-4000-8000-00000000000${n}`);
export const [BOOT = '', DATA = '', SPARE = '', EXTRA = '', FAR = ''] = volumeIds;

const wish: CloudWish = {
  name: 'metro',
  projects: [
    { id: HOME, name: 'payments' },
    { id: OTHER, name: 'loans' },
  ],
  users: [
    { name: 'admin', password: 'secret', roles: { payments: ['admin'], loans: ['admin'] } },
    { name: 'minsu', password: 'secret', roles: { payments: ['member'] } },
    { name: 'jiwoo', password: 'secret', roles: { loans: ['member'] } },
  ],
  backends: [
    { host: 'cinder-a@hbsd', arrayId: 'a', zone: 'a-az' },
    { host: 'cinder-b@hbsd', arrayId: 'b', zone: 'b-az' },
  ],
  volumes: volumeIds.map((id, place) => ({
    id,
    name: `v${place}`,
    sizeGiB: 10,
    ldevId: 700 + place,
    status: place < 2 ? 'in-use' : 'available',
    bootable: place === 0 || place === 2,
    ...(place === 4 ? { host: 'cinder-b@hbsd#pool0' } : {}),
  })),
  networks: [
    { id: INNER, name: 'inner', cidr: '10.1.0.0/24', segment: 101 },
    { id: OUTER, name: 'outer', cidr: '203.0.113.0/24', external: true, segment: 102 },
  ],
  flavors: [
    { id: 'small', name: 'c1.m2', vcpus: 1, ramMiB: 2048 },
    { id: 'large', name: 'c4.m16', vcpus: 4, ramMiB: 16_384, diskGiB: 20 },
  ],
  hosts: [
    { name: 'a1', zone: 'a-az', site: 'a' },
    { name: 'a2', zone: 'a-az', site: 'a' },
    { name: 'b1', zone: 'b-az', site: 'b' },
  ],
  images: [{ id: IMAGE, name: 'rocky-9', sizeBytes: 1_000_000 }],
  servers: [
    {
      id: RUNNING,
      name: 'pay-db1',
      flavorId: 'small',
      volumes: [BOOT, DATA],
      ports: [{ networkId: INNER, ip: '10.1.0.11', mac: 'fa:16:3e:00:00:11' }],
    },
  ],
};

/** The cloud and its callers; `more` goes over the seed. */
export function metro(more: Partial<CloudWish> = {}) {
  const clock = manualClock();
  const [a, b] = [fakeArray(), fakeArray()];
  const fresh = () =>
    createCloud(cloudSchema.parse({ ...wish, ...more }), {
      arrays: { a: a.port, b: b.port },
      clock,
      random: seededRandom('metro'),
      baseUrl: () => 'http://cloud.dr.twin',
      onEffect: () => undefined,
      changed: () => undefined,
    });
  const rig = { clock, a, b, fresh, cloud: fresh() };
  // A test may put a cloud started anew in the place of the first; callers follow it.
  return Object.assign(rig, {
    as: (user: string, project = 'payments') => caller(rig, user, project),
  });
}
export type Metro = ReturnType<typeof metro>;

type Answering = Pick<Metro, 'cloud'>;

/** Calls `METHOD path` under Nova unless the path names another service. */
async function caller(rig: Answering, name: string, project: string) {
  const domain = { name: 'Default' };
  const identity = {
    methods: ['password'],
    password: { user: { name, domain, password: 'secret' } },
  };
  const body = { auth: { identity, scope: { project: { name: project, domain } } } };
  const answer = await call(rig, 'POST /identity/v3/auth/tokens', { body });
  const token = answer.headers['x-subject-token'] ?? '';
  return (line: string, wanted?: unknown, minor = 79) => {
    const [method, path = ''] = line.split(' ');
    const full = /^\/(network|volume|image)\//.test(path) ? path : `/compute/v2.1${path}`;
    const version = full.startsWith('/volume/') ? 'volume 3.59' : `compute 2.${minor}`;
    const headers = { 'x-auth-token': token, 'openstack-api-version': version };
    return call(rig, `${method} ${full}`, { body: wanted, headers });
  };
}
export type Caller = Awaited<ReturnType<typeof caller>>;

export const volumeDisk = (uuid: string, index: number | null = 0) => ({
  uuid,
  boot_index: index,
  source_type: 'volume',
  destination_type: 'volume',
});

export const serverBody = (server: object) => ({
  server: {
    name: 'new',
    flavorRef: 'small',
    networks: 'none',
    block_device_mapping_v2: [volumeDisk(SPARE)],
    ...server,
  },
});

/** Status, task and host of a server as an administrator sees them. */
export async function seen(api: Caller, id: string) {
  const { body } = await api(`GET /servers/${id}`);
  const { status, ...rest } = body.server;
  return [status, rest['OS-EXT-STS:task_state'], rest['OS-EXT-SRV-ATTR:host']];
}

export async function volumeStatus(api: Caller, id: string): Promise<string> {
  return (await api(`GET /volume/v3/${HOME}/volumes/${id}`)).body?.volume?.status;
}

export const message = (answer: { status: number; body?: Record<string, { message: string }> }) =>
  [answer.status, Object.values(answer.body ?? {})[0]?.message] as const;
