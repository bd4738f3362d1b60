/** Two arrays, `main` and `dr`, on a clock that stands still, and the requests tests make. */
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { HttpResponse } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { createArray, type TwinArray } from '../../lib/twin/array/array.ts';
import { createWriters, type Writers } from '../../lib/twin/array/data/writers.ts';
import { linkedTo } from '../../lib/twin/array/objects/storages.ts';
import type { RoomMaker } from '../../lib/twin/array/room.ts';
import type { Effect } from '../../lib/twin/seams.ts';
import { type Topology, topologySchema } from '../../lib/twin/topology.ts';

export const MAIN = '900000040014';
export const DR = '900000040015';

const ldevs = (first: number, count: number, label: string) =>
  Array.from({ length: count }, (_, i) => ({
    ldevId: first + i,
    label: `${label}-${i + 1}`,
    sizeGiB: 10,
    paths: [{ portId: 'CL1-A', hostGroupNumber: 1 }],
  }));

const users = [
  { user: 'admin', password: 'admin-password' },
  { user: 'reader', password: 'reader-password', roles: ['view'] },
  { user: 'cinder', password: 'cinder-password', roles: ['view', 'provisioning', 'local-copy'] },
  { user: 'copier', password: 'copier-password', roles: ['view', 'local-copy', 'remote-copy'] },
];

const half = (id: string, storageDeviceId: string) => ({
  id,
  storageDeviceId,
  users,
  pools: [
    { poolId: 0, poolName: 'DP-POOL', capacityGiB: 100_000 },
    { poolId: 1, poolName: 'TI-POOL', poolType: 'HTI', capacityGiB: 10_000 },
  ],
  ports: [
    { portId: 'CL1-A' },
    { portId: 'CL2-A', portType: 'ISCSI' },
    { portId: 'CL3-A' },
    { portId: 'CL4-A', portType: 'ISCSI' },
  ],
  hostGroups: [{ portId: 'CL1-A', hostGroupNumber: 1, hostGroupName: 'DRILLBOOK-PAIR' }],
});

/** P-VOLs 1000 to 1003 at main; S-VOLs 2000 to 2003 and copies 3000 to 3003 at DR; none paired. */
export const topology: Topology = topologySchema.parse({
  seed: 'bench',
  arrays: [
    { ...half('main', MAIN), ldevs: ldevs(1000, 4, 'PVOL') },
    { ...half('dr', DR), ldevs: [...ldevs(2000, 4, 'SVOL'), ...ldevs(3000, 4, 'COPY')] },
  ],
});

export interface BenchOptions {
  readonly clock?: ManualClock;
  readonly topology?: Topology;
  /** Rooms of each array, by its id. */
  readonly rooms?: (arrayId: string) => readonly RoomMaker[];
  readonly writers?: Writers;
}

export interface Sent {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  readonly text: string;
  /** Looked at freely: a test fails on what is not there. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export type Bench = ReturnType<typeof twoArrays>;

/** All arrays of a topology (two unless told otherwise), each the peer of the others. */
export function twoArrays(options: BenchOptions = {}) {
  const clock = options.clock ?? manualClock();
  const plan = options.topology ?? topology;
  const writers = options.writers ?? createWriters(plan.writers, clock.now());
  const effects: Omit<Effect, 'at'>[] = [];
  const arrays = new Map<string, TwinArray>();
  for (const spec of plan.arrays) {
    const array = createArray(spec, {
      clock,
      random: seededRandom(spec.id),
      peer: (sid) =>
        [...arrays.values()].find(
          ({ peer }) => sid !== spec.storageDeviceId && sid === peer.storageDeviceId,
        )?.peer,
      onEffect: (effect) => effects.push({ site: spec.id, ...effect }),
      changed: () => undefined,
      writers,
      pace: plan.pace,
      rooms: options.rooms?.(spec.id) ?? [],
      remotes: linkedTo(plan, spec.id),
    });
    arrays.set(spec.id, array);
  }
  const at = (id: string): TwinArray => {
    const array = arrays.get(id);
    if (array === undefined) throw new Error(`no array ${id}`);
    return array;
  };
  return { clock, effects, writers, arrays, main: at('main'), dr: at('dr') };
}

export const basic = (user = 'admin', password = `${user}-password`): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/**
 * One request; `path` from `/v1` on. An object is sent as JSON, a text as it is. Without
 * `authorization` in `headers` there is no session.
 */
export async function call(
  array: TwinArray,
  [method, path]: readonly [string, string],
  { body, headers }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Sent> {
  const answer = await array.handle({
    method,
    url: `http://array.${array.parts.spec.id}.twin/ConfigurationManager${path}`,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const json = answer.headers['content-type'] === 'application/json';
  return { ...answer, text: answer.body, body: json ? JSON.parse(answer.body) : undefined };
}

export interface ArrayClient {
  readonly array: TwinArray;
  /** Value of `Authorization`; as `Remote-Authorization` for the other array. */
  readonly token: string;
  readonly sessionId: number;
  get(path: string, headers?: Record<string, string>): Promise<Sent>;
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Sent>;
  /** Sends a change and waits for its job, as drivers do; the ended job. */
  done(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Sent>;
}

export const WAIT = { 'response-job-status': 'Completed;', 'response-max-wait': '1800' };

/** Paths of a client start at the object type: `ldevs/1000`. */
export async function login(array: TwinArray, user = 'admin'): Promise<ArrayClient> {
  const opened = await call(array, ['POST', '/v1/objects/sessions'], {
    headers: { authorization: basic(user) },
  });
  if (opened.status !== 200) throw new Error(`login refused: ${opened.text}`);
  const token = `Session ${opened.body.token}`;
  const base = `/v1/objects/storages/${array.parts.spec.storageDeviceId}`;
  const send: ArrayClient['send'] = (method, path, body, headers) =>
    call(array, [method, path.startsWith('/') ? path : `${base}/${path}`], {
      ...(body === undefined ? {} : { body }),
      headers: { authorization: token, ...headers },
    });
  return {
    array,
    token,
    sessionId: opened.body.sessionId,
    get: (path, headers) => send('GET', path, undefined, headers),
    send,
    done: (method, path, body, headers) =>
      send(method, path, body, {
        ...WAIT,
        'job-mode-wait-configuration-change': 'NoWait',
        ...headers,
      }),
  };
}
