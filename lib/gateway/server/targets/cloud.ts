/**
 * A cloud: one Keystone token for its services, found through the catalogue, renewed before it runs
 * out and once after a 401.
 */
import * as z from 'zod';
import type { Clock } from '../../../clock.ts';
import type { Http, HttpResponse } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { CloudLogin } from '../settings.ts';
import { type Logins, loginError } from './logins.ts';
import { keptSession } from './session.ts';
import { ask, type Line, loginAnswer, sessionTarget } from './target.ts';

/** One row a service: names in the catalogue, version header, and a read that needs the token. */
export const cloudServices = {
  cinder: {
    types: ['volumev3', 'block-storage'],
    version: 'volume 3.59',
    prove: '/volumes/detail?limit=1',
  },
  nova: { types: ['compute'], version: 'compute 2.79', prove: '/servers/detail?limit=1' },
  neutron: { types: ['network'], version: undefined, prove: '/v2.0/networks?limit=1' },
  glance: { types: ['image'], version: undefined, prove: '/v2/images?limit=1' },
  keystone: { types: ['identity'], version: undefined, prove: '/auth/projects' },
} as const;
type Service = keyof typeof cloudServices;

const tokenSchema = z.looseObject({
  token: z.looseObject({
    expires_at: z.string(),
    roles: z.array(z.looseObject({ name: z.string() })).optional(),
    catalog: z.array(
      z.looseObject({
        type: z.string(),
        endpoints: z.array(
          z.looseObject({ interface: z.string(), region_id: z.string().nullish(), url: z.url() }),
        ),
      }),
    ),
  }),
});

interface Token {
  readonly value: string;
  readonly roles: readonly string[];
  readonly expiresMs: number;
  readonly catalogue: z.infer<typeof tokenSchema>['token']['catalog'];
}

const RENEW_BEFORE_MS = 60_000;

/** The services of one cloud as targets `cinder:<name>`, `nova:<name>`, `neutron:<name>`, … */
export function cloudTargets(
  cloud: { readonly name: string; readonly login: CloudLogin },
  { http, clock, logins }: { readonly http: Http; readonly clock: Clock; readonly logins: Logins },
): Map<string, Line> {
  const isFresh = (token: Token) => token.expiresMs - RENEW_BEFORE_MS > clock.now();
  const account = `User ${cloud.login.auth.username} of cloud ${cloud.name}`;
  const session = keptSession(() => logins(account, () => logIn(cloud.login, http)), isFresh);
  const targets = Object.keys(cloudServices).map((key): [string, Line] => {
    const service = key as Service;
    const name = `${service}:${cloud.name}`;
    const { version, prove } = cloudServices[service];
    const dialect = {
      name,
      session,
      url: (token: Token, path: string) => `${endpoint(token, service, cloud.login)}${path}`,
      headers: (token: Token): Record<string, string> => ({
        'x-auth-token': token.value,
        ...(version === undefined ? {} : { 'openstack-api-version': version }),
      }),
      provePath: () => prove,
    };
    const target = sessionTarget(dialect, http);
    const withoutSecrets: Line = {
      get: async (path) => scrubbed(await target.get(path)),
      begin: () => ({
        prove: target.prove,
        send: async (change) => scrubbed(await target.send(change)),
        leave: () => {},
      }),
      close: async () => {},
    };
    return [name, withoutSecrets];
  });
  return new Map(targets);
}

const projectsSchema = z.looseObject({ projects: z.array(z.looseObject({ name: z.string() })) });

/** What the login may do: its roles where it logs in, and the projects it could log in to. */
export async function cloudUser(
  login: CloudLogin,
  http: Http,
): Promise<{ readonly roles: readonly string[]; readonly projects: readonly string[] }> {
  const { value, roles } = await logIn(login, http);
  const answer = await ask(http, 'keystone', {
    method: 'GET',
    url: `${identityOf(login)}/auth/projects`,
    headers: { accept: 'application/json', 'x-auth-token': value },
  });
  if (answer.status !== 200) return { roles, projects: [] };
  const { projects } = loginAnswer('keystone', answer.body, projectsSchema);
  return { roles, projects: projects.map(({ name }) => name) };
}

/** What Nova tells an administrator and nobody may find in a journal or a pack. */
const SECRETS = ['adminPass', 'OS-EXT-SRV-ATTR:user_data'];
const SCRUBBED = '(taken out by the gateway)';

/** An answer that holds no secret stays as it is, byte for byte. */
function scrubbed(answer: HttpResponse): HttpResponse {
  if (!SECRETS.some((name) => answer.body.includes(name))) return answer;
  try {
    const clean = (key: string, value: unknown) =>
      SECRETS.includes(key) && value !== null ? SCRUBBED : value;
    return { ...answer, body: JSON.stringify(JSON.parse(answer.body, clean)) };
  } catch {
    // Not the JSON it should be: it says nothing that anybody could use, so nothing of it is kept.
    return { ...answer, body: SCRUBBED };
  }
}

async function logIn(login: CloudLogin, http: Http): Promise<Token> {
  const { auth } = login;
  const url = `${identityOf(login)}/auth/tokens`;
  const answer = await ask(http, 'keystone', {
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(passwordLogin(auth)),
  });
  const value = answer.headers['x-subject-token'];
  if (answer.status !== 201 || value === undefined) {
    throw loginError('Keystone', answer.status);
  }
  const { token } = loginAnswer('keystone', answer.body, tokenSchema);
  const roles = (token.roles ?? []).map(({ name }) => name);
  return { value, roles, expiresMs: Date.parse(token.expires_at), catalogue: token.catalog };
}

/** Its address with the version, whether `auth_url` has it or not. */
function identityOf({ auth }: CloudLogin): string {
  const base = auth.auth_url.replace(/\/+$/, '');
  return base.endsWith('/v3') ? base : `${base}/v3`;
}

const passwordLogin = (auth: CloudLogin['auth']) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: {
        user: {
          name: auth.username,
          password: auth.password,
          domain: { name: auth.user_domain_name },
        },
      },
    },
    scope: { project: { name: auth.project_name, domain: { name: auth.project_domain_name } } },
  },
});

function endpoint(token: Token, service: Service, login: CloudLogin): string {
  // Where the token came from, whatever the catalogue says.
  if (service === 'keystone') return identityOf(login);
  const types: readonly string[] = cloudServices[service].types;
  const found = token.catalogue
    .filter(({ type }) => types.includes(type))
    .flatMap(({ endpoints }) => endpoints)
    .find(
      (one) =>
        one.interface === 'public' &&
        (login.region_name === undefined || one.region_id === login.region_name),
    );
  if (found !== undefined) return found.url.replace(/\/+$/, '');
  const why = 'The catalogue of Keystone has no public endpoint of it.';
  throw new GatewayError('GW-TARGET', `This cloud has no ${types[0]}.`, { why });
}
