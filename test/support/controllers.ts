/** The controllers of the twin in an administrator's hands, past Drillbook. */
import * as z from 'zod';
import { twinCredentials } from '../../lib/twin/map.ts';
import { originOf } from '../../lib/twin/world.ts';
import type { Bank } from './bank.ts';

const roots = {
  keystone: () => '/identity/v3',
  nova: () => '/compute/v2.1',
  neutron: () => '/network',
  glance: () => '/image',
  cinder: (project: string) => `/volume/v3/${project}`,
} as const;
type Service = keyof typeof roots;

/** Glance answers without an envelope. */
const answer = z.union([
  z.looseObject({ id: z.string() }),
  z.record(z.string(), z.looseObject({ id: z.string().optional() })),
]);

export interface Admin {
  readonly project: string;
  /** The id of what was made. Throws unless the answer is a 2xx. */
  make(service: Service, path: string, body: object): Promise<string>;
  /** The same for a change or a removal; text is sent as bytes. */
  change(
    method: 'PUT' | 'POST' | 'DELETE',
    at: readonly [Service, string],
    body?: object | string,
  ): Promise<void>;
  /** Ids and names in a list. */
  ids(service: Service, path: string): Promise<string[]>;
  names(service: Service, path: string): Promise<string[]>;
}

export async function adminOf({ world, config }: Bank, cloud: string): Promise<Admin> {
  const login = twinCredentials(config).clouds[cloud];
  if (login === undefined) throw new Error(`no cloud ${cloud}`);
  const { userName: name, password, projectId, projectName } = login;
  const domain = { name: 'Default' };
  const origin = originOf('cloud', cloud);
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const identity = { methods: ['password'], password: { user: { name, password, domain } } };
  const scope = { project: { name: projectName, domain } };
  const token = await world.http({
    method: 'POST',
    url: `${origin}/identity/v3/auth/tokens`,
    headers,
    body: JSON.stringify({ auth: { identity, scope } }),
  });
  async function ask(
    method: string,
    [service, path]: readonly [Service, string],
    body?: object | string,
  ) {
    const bytes = typeof body === 'string';
    const type = bytes ? { 'content-type': 'application/octet-stream' } : {};
    const versions: Partial<Record<Service, string>> = {
      nova: 'compute 2.79',
      cinder: 'volume 3.59',
    };
    const version = versions[service];
    const { status, body: text } = await world.http({
      method,
      url: `${origin}${roots[service](projectId)}${path}`,
      headers: {
        ...headers,
        ...type,
        'x-auth-token': token.headers['x-subject-token'] ?? '',
        ...(version === undefined ? {} : { 'openstack-api-version': version }),
      },
      ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
    });
    if (status >= 300) throw new Error(`${method} ${service} ${path}: ${status} ${text}`);
    return text;
  }
  const rows = async (service: Service, path: string) => {
    const body = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(await ask('GET', [service, path])));
    const list = Object.values(body).find(Array.isArray);
    return z.array(z.looseObject({ id: z.string(), name: z.string() })).parse(list);
  };
  return {
    project: projectId,
    make: async (service, path, wish) => {
      const made = answer.parse(JSON.parse(await ask('POST', [service, path], wish)));
      const [inner] = Object.values(made);
      return String(made.id ?? Object(inner).id);
    },
    change: async (method, at, wish) => {
      await ask(method, at, wish);
    },
    ids: async (service, path) => (await rows(service, path)).map(({ id }) => id),
    names: async (service, path) => (await rows(service, path)).map(({ name: own }) => own).sort(),
  };
}
