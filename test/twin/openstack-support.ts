/** A cloud with three parked volumes, a fake array below it, and a logged-in caller. */
import { manualClock } from '../../lib/clock.ts';
import type { HttpResponse } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { createCloud } from '../../lib/twin/openstack/cloud.ts';
import type { ArrayPort, CloudSeed, Effect } from '../../lib/twin/seams.ts';

export const PROJECT = '6f70656e-0000-4000-8000-000000000001';
export const NETWORK = '3ceaaf30-8142-48ea-91d9-3080f9b439fc';
export const [V1, V2, V3] = [
  '11111111-0000-4000-8000-000000000001',
  '11111111-0000-4000-8000-000000000002',
  '11111111-0000-4000-8000-000000000003',
] as const;

export const seed: CloudSeed = {
  name: 'dr',
  projectId: PROJECT,
  userName: 'drillbook',
  password: 'secret',
  volumes: [V1, V2, V3].map((id, index) => ({
    id,
    name: `계정계 복제본 ${index}`,
    sizeGiB: 100,
    ldevId: 500 + index,
    status: 'maintenance',
    bootable: index === 0,
  })),
  networks: [
    {
      id: NETWORK,
      name: 'drill-payments',
      cidr: '10.90.1.0/24',
      external: false,
      shared: false,
      segment: 901,
    },
    { id: 'ext', name: 'public', cidr: '203.0.113.0/24', external: true, shared: true, segment: 5 },
  ],
  flavors: [{ id: 'f-1', name: 'c8.m32', vcpus: 8, ramMiB: 32_768 }],
};

/** Keeps paths and writes; an LDEV in `readOnly` refuses writes as an S-VOL in PAIR does. */
export function fakeArray() {
  const paths: string[] = [];
  const writes: number[] = [];
  const readOnly = new Set<number>();
  const beats = new Map<number, number>();
  const port: ArrayPort = {
    addPath: (ldevId, host) => {
      paths.push(`${ldevId}@${host}`);
    },
    removePath: (ldevId, host) => {
      paths.splice(paths.indexOf(`${ldevId}@${host}`), 1);
    },
    write: (ldevId) => {
      if (readOnly.has(ldevId)) throw new Error(`LDEV ${ldevId} is write protected`);
      writes.push(ldevId);
    },
    contents: (ldevId) => ({
      record: ldevId * 10,
      heartbeat: beats.get(ldevId) ?? 7,
      drillWrites: 0,
    }),
  };
  return { port, paths, writes, readOnly, beats };
}

export function cloudUnderTest() {
  const clock = manualClock();
  const array = fakeArray();
  const effects: Omit<Effect, 'at' | 'site'>[] = [];
  const counts = { changed: 0 };
  const deps = {
    clock,
    baseUrl: () => 'http://cloud.dr.twin',
    onEffect: (effect: Omit<Effect, 'at' | 'site'>) => {
      effects.push(effect);
    },
    changed: () => {
      counts.changed++;
    },
  };
  /** A process started anew: same seed, so the same chance from its beginning. */
  const fresh = () => createCloud(seed, array.port, { ...deps, random: seededRandom('openstack') });
  return { clock, array, effects, counts, fresh, cloud: fresh() };
}
export type Rig = ReturnType<typeof cloudUnderTest>;

export const login = (overrides: { password?: string; project?: string } = {}) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: {
        user: {
          name: 'drillbook',
          domain: { name: 'Default' },
          password: overrides.password ?? 'secret',
        },
      },
    },
    scope: { project: { name: overrides.project ?? 'drillbook', domain: { name: 'Default' } } },
  },
});

interface Call {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Calls `METHOD /path` and gives status, headers and the parsed body. */
export async function call(
  rig: Pick<Rig, 'cloud'>,
  line: string,
  { body, headers = {} }: Call = {},
) {
  const [method = 'GET', path = '/'] = line.split(' ');
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const url = `http://cloud.dr.twin${path}`;
  return parsed(await rig.cloud.handle({ method, url, headers, ...text }));
}

export function parsed(answer: HttpResponse) {
  const body = answer.body === '' ? undefined : JSON.parse(answer.body);
  return { status: answer.status, headers: answer.headers, body };
}

/** Logs in and gives a caller with microversions as the gateway uses them. */
export async function session(rig: Pick<Rig, 'cloud'>) {
  const answer = await call(rig, 'POST /identity/v3/auth/tokens', { body: login() });
  const token = answer.headers['x-subject-token'] ?? '';
  return (line: string, body?: unknown, version?: string) => {
    const usual = line.includes('/compute/') ? 'compute 2.79' : 'volume 3.59';
    const headers = { 'x-auth-token': token, 'openstack-api-version': version ?? usual };
    return call(rig, line, { body, headers });
  };
}

export const volumePath = (id: string) => `/volume/v3/${PROJECT}/volumes/${id}`;
export const SERVERS = '/compute/v2.1/servers';
export const PORTS = '/network/v2.0/ports';

export const bootBody = (options: {
  name?: string;
  port?: string;
  volumes?: readonly string[];
  deleteOnTermination?: boolean;
}) => ({
  server: {
    name: options.name ?? 'pay-db1',
    flavorRef: 'f-1',
    networks: options.port === undefined ? 'none' : [{ port: options.port }],
    metadata: { 'drillbook-key': 'k1' },
    block_device_mapping_v2: (options.volumes ?? [V1, V2]).map((id, index) => ({
      boot_index: index === 0 ? 0 : null,
      uuid: id,
      source_type: 'volume',
      destination_type: 'volume',
      delete_on_termination: options.deleteOnTermination ?? false,
    })),
  },
});
