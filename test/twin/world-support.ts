/** A twin in process, and the few requests that every test of it makes. */
import { readFileSync } from 'node:fs';
import { type ManualClock, manualClock } from '../../lib/clock.ts';
import type { Config } from '../../lib/config.ts';
import type { HttpResponse } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { seededRandom } from '../../lib/random.ts';
import { parseScenario, type Scenario } from '../../lib/twin/scenario.ts';
import { buildWorld, originOf, type World } from '../../lib/twin/world.ts';

export const MAIN = '900000040014';
export const DR = '900000040015';
export const SPLIT = { parameters: { quickMode: true } };

export const config: Config = await loadConfig('config');
export const scenario: Scenario = parseScenario({
  file: 'config/twin.yml',
  text: readFileSync('config/twin.yml', 'utf8'),
});

export interface Bench {
  readonly clock: ManualClock;
  readonly world: World;
}

export function bench(
  options: { folder?: string; clock?: ManualClock; seed?: string } = {},
): Bench {
  const clock = options.clock ?? manualClock();
  const random = seededRandom(options.seed ?? 'bench');
  const { folder } = options;
  const deps = { clock, random, ...(folder === undefined ? {} : { folder }) };
  return { clock, world: buildWorld(config, scenario, deps) };
}

export interface Sent {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  /** Looked at freely: a test fails on what is not there. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface ArrayClient {
  readonly token: string;
  send(method: string, path: string, more?: More): Promise<Sent>;
  get(path: string): Promise<Sent>;
}

export interface More {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** One request to an array, without a session unless `headers` bring one. */
export async function ask(
  world: World,
  [site, method, path]: readonly [string, string, string],
  { body, headers }: More = {},
): Promise<Sent> {
  const answer = await world.http({
    method,
    url: `${originOf('array', site)}/ConfigurationManager${path}`,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { ...answer, body: JSON.parse(answer.body) };
}

/** The `Authorization` of a log-in at a site's array. */
export function basic(world: World, site: string): string {
  const { user, password } = world.credentials.arrays[site] ?? { user: '', password: '' };
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export async function login(world: World, site: string): Promise<ArrayClient> {
  const authorization = basic(world, site);
  const opened = await ask(world, [site, 'POST', '/v1/objects/sessions'], {
    headers: { authorization },
  });
  const token = `Session ${opened.body.token}`;
  const send = (method: string, path: string, { body, headers }: More = {}) =>
    ask(world, [site, method, path], { body, headers: { authorization: token, ...headers } });
  return { token, send, get: (path) => send('GET', path) };
}

/** The path of a ShadowImage group in the long form. */
export function clones(group: string, action?: 'split' | 'resync' | 'restore'): string {
  const id = `/v1/objects/storages/${DR}/local-clone-copygroups/${group},${group}P_,${group}S_`;
  return action === undefined ? id : `${id}/actions/${action}/invoke`;
}

/** Distinct states of all pairs of a ShadowImage group. */
export async function states(client: ArrayClient, group: string): Promise<string[]> {
  const { body } = await client.get(clones(group));
  const all = body.copyPairs.map(
    (pair: { pvolStatus: string; svolStatus: string }) => `${pair.pvolStatus}/${pair.svolStatus}`,
  );
  return [...new Set<string>(all)].sort();
}

/** A caller with a token of the DR cloud; `path` begins with the service. */
export async function cloudSession(world: World) {
  const { userName = '', password = '', projectName = '' } = world.credentials.clouds['dr'] ?? {};
  return await cloudCaller(world, 'dr', { name: userName, password, projectName });
}

/** The same for any cloud and user. */
export async function cloudCaller(
  world: Pick<World, 'http'>,
  cloud: string,
  login: { readonly name: string; readonly password: string; readonly projectName: string },
) {
  const { name, password, projectName } = login;
  const domain = { name: 'Default' };
  const call = async (line: string, body: unknown, token?: string) => {
    const [method = '', path = ''] = line.split(' ');
    const version = path.startsWith('/compute') ? 'compute 2.79' : 'volume 3.59';
    const answer = await world.http({
      method,
      url: `${originOf('cloud', cloud)}${path}`,
      headers: {
        'content-type': 'application/json',
        'openstack-api-version': version,
        ...(token === undefined ? {} : { 'x-auth-token': token }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { ...answer, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  const opened = await call('POST /identity/v3/auth/tokens', {
    auth: {
      identity: { methods: ['password'], password: { user: { name, domain, password } } },
      scope: { project: { name: projectName, domain } },
    },
  });
  const token = opened.headers['x-subject-token'];
  return (line: string, body?: unknown) => call(line, body, token);
}
