/** A cloud with three parked volumes, a fake array below it, and a logged-in caller. */
import { manualClock } from '../../../lib/clock.ts';
import type { HttpResponse } from '../../../lib/http.ts';
import { seededRandom } from '../../../lib/random.ts';
import { createCloud } from '../../../lib/twin/openstack/cloud.ts';
import { cloudSchema } from '../../../lib/twin/openstack/seed.ts';
import type { ArrayPort, Effect } from '../../../lib/twin/seams.ts';

export const PROJECT = '6f70656e-0000-4000-8000-000000000001';
export const OTHER_PROJECT = '6f70656e-0000-4000-8000-000000000002';
export const NETWORK = '3ceaaf30-8142-48ea-91d9-3080f9b439fc';
export const IMAGE = '22222222-0000-4000-8000-000000000001';
export const [V1, V2, V3] = [
  '11111111-0000-4000-8000-000000000001',
  '11111111-0000-4000-8000-000000000002',
  '11111111-0000-4000-8000-000000000003',
] as const;

export const seed = cloudSchema.parse({
  name: 'dr',
  projects: [
    { id: PROJECT, name: 'drillbook' },
    { id: OTHER_PROJECT, name: 'other' },
  ],
  users: [
    { name: 'drillbook', password: 'secret', roles: { drillbook: ['admin'] } },
    { name: 'member', password: 'secret', roles: { drillbook: ['member'], other: ['member'] } },
  ],
  backends: [
    { host: 'cinder-dr@hbsd', arrayId: 'dr' },
    {
      host: 'cinder-dr@repl',
      arrayId: 'dr',
      replicates: { backendId: 'far', arrayId: 'far' },
    },
  ],
  volumeTypes: [
    { name: 'hitachi-vsp', extraSpecs: { volume_backend_name: 'hbsd' } },
    {
      name: 'replicated',
      extraSpecs: { volume_backend_name: 'repl', replication_enabled: '<is> True' },
    },
    { name: 'unreplicated', extraSpecs: { volume_backend_name: 'repl' } },
  ],
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
  // Room for two servers of this flavor.
  quotas: { ramMiB: 65_536 },
  images: [{ id: IMAGE, name: 'rocky-9', minDiskGiB: 10, properties: { hw_disk_bus: 'scsi' } }],
});

/** An LDEV of the fake array; tests change it as a storage administrator would. */
export interface FakeLdev {
  label: string;
  sizeGiB: number;
  status: string;
  attributes: string[];
  /** LU paths of pairs and of hosts nobody told the cloud about. */
  numOfPorts: number;
  /** The LDEV it was copied from. */
  from?: number;
}

/** Keeps LDEVs, paths and writes; an LDEV in `readOnly` refuses writes as an S-VOL in PAIR does. */
export function fakeArray() {
  const paths: string[] = [];
  const writes: number[] = [];
  const quiet = new Set<number>();
  const readOnly = new Set<number>();
  const beats = new Map<number, number>();
  const ldevs = new Map<number, FakeLdev>();
  const state = { answers: true, errs: false };
  const born = (label: string, sizeGiB: number): FakeLdev => {
    return { label, sizeGiB, status: 'NML', attributes: ['CVS', 'HDP'], numOfPorts: 0 };
  };
  for (const { id, ldevId, sizeGiB } of seed.volumes) {
    ldevs.set(ldevId, born(id.replaceAll('-', ''), sizeGiB));
  }
  const ldev = (ldevId: number): FakeLdev => {
    const found = ldevs.get(ldevId);
    if (found === undefined) throw new Error(`LDEV ${ldevId} is not defined`);
    return found;
  };
  const add = (one: FakeLdev): number => {
    const ldevId = Math.max(599, ...ldevs.keys()) + 1;
    ldevs.set(ldevId, one);
    return ldevId;
  };
  const port: ArrayPort = {
    otherHalf: () => undefined,
    serves: () => state.answers,
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
    beats: () => ({}),
    contents: (ldevId) => ({
      record: ldevId * 10,
      heartbeat: beats.get(ldevId) ?? 7,
      drillWrites: 0,
    }),
    create: ({ label, sizeGiB }) => add(born(label, sizeGiB)),
    copy: (from, { label, sizeGiB }) => {
      ldev(from);
      return add({ ...born(label, sizeGiB), from });
    },
    expand: (ldevId, sizeGiB) => {
      ldev(ldevId).sizeGiB = sizeGiB;
    },
    remove: (ldevId) => {
      ldev(ldevId);
      ldevs.delete(ldevId);
    },
    relabel: (ldevId, label) => {
      ldev(ldevId).label = label;
    },
    facts: (ldevId) => {
      const found = ldevs.get(ldevId);
      return found === undefined ? undefined : factsOf(ldevId, found);
    },
    labelled: (label) => {
      const found = [...ldevs].find(([, one]) => one.label === label);
      return found === undefined ? undefined : factsOf(...found);
    },
    use: (ldevId, { host }) => {
      if (host === null) quiet.add(ldevId);
      else quiet.delete(ldevId);
    },
    answers: () => state.answers,
    errs: () => state.errs,
  };
  return { port, paths, writes, quiet, readOnly, beats, ldevs, state };
}

const factsOf = (ldevId: number, { sizeGiB, ...one }: FakeLdev) => ({
  ldevId,
  label: one.label,
  blockCapacity: sizeGiB * 2_097_152,
  status: one.status,
  emulationType: 'OPEN-V-CVS',
  attributes: one.attributes,
  numOfPorts: one.numOfPorts,
});

export function cloudUnderTest() {
  const clock = manualClock();
  const array = fakeArray();
  const far = fakeArray();
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
  const fresh = () =>
    createCloud(seed, {
      ...deps,
      arrays: { dr: array.port, far: far.port },
      random: seededRandom('openstack'),
    });
  return { clock, array, far, effects, counts, fresh, cloud: fresh() };
}
export type Rig = ReturnType<typeof cloudUnderTest>;

export const login = (overrides: { user?: string; password?: string; project?: string } = {}) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: {
        user: {
          name: overrides.user ?? 'drillbook',
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
export async function session(rig: Pick<Rig, 'cloud'>, who: Parameters<typeof login>[0] = {}) {
  const answer = await call(rig, 'POST /identity/v3/auth/tokens', { body: login(who) });
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

export const TOKENS = '/identity/v3/auth/tokens';
export type Api = Awaited<ReturnType<typeof session>>;

export const unpark = (api: Api, id: string, status = 'available') =>
  api(`POST ${volumePath(id)}/action`, { 'os-reset_status': { status } });
export const statusOf = async (api: Api, id: string) =>
  (await api(`GET ${volumePath(id)}`)).body?.volume?.status;

/** Volumes made available, a port, a server asked for; returns their ids. */
export async function boot(api: Api, options: Parameters<typeof bootBody>[0] = {}) {
  for (const id of options.volumes ?? [V1, V2]) await unpark(api, id);
  const wish = { network_id: NETWORK, name: 'k1', fixed_ips: [{ ip_address: '10.90.1.11' }] };
  const made = await api(`POST ${PORTS}`, { port: { ...wish, mac_address: 'FA:16:3e:c4:12:1f' } });
  const port: string = made.body.port.id;
  const answer = await api(`POST ${SERVERS}`, bootBody({ ...options, port }));
  return { port, server: answer.body?.server?.id as string, answer };
}

export const probe = async (rig: Rig, path: string, host = '10.90.1.11:8080') =>
  parsed(await rig.cloud.probe({ method: 'GET', url: `http://${host}${path}`, headers: {} }));
