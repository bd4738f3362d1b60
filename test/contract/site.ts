/**
 * The cloud under test. With DRILLBOOK_RIG naming the folder of a running rig it is the real
 * OpenStack of its DR site, otherwise the twin's, served over HTTP by this very process. The tests
 * around this file know which of the two it is only where they must say what could not be run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { networkHttp } from '../../lib/http.ts';
import { rigHands } from './rig-hands.ts';
import { type Answer, exchange, listAt, type Say, textAt } from './wire.ts';

export type Service = 'cinder' | 'nova' | 'glance' | 'neutron';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The outside world of a cloud: its arrays and the processes of Cinder. */
export interface Hands {
  /** The array below the back end. */
  array(state: 'silent' | 'answers'): Promise<void>;
  /** The one it fails over to. */
  otherArray(state: 'silent' | 'answers'): Promise<void>;
  /** Kills cinder-volume as `kill -9` does. */
  kill(): Promise<void>;
  start(): Promise<void>;
  restartScheduler(): Promise<void>;
  /** Resolves when nothing is being started any more. */
  rest(): Promise<void>;
}

export interface Site {
  readonly kind: 'rig' | 'twin';
  /** `http://…/v3`. */
  readonly authUrl: string;
  /** Roles admin and member on the project. */
  readonly operator: Login;
  /** Role member only. */
  readonly member: Login;
  readonly project: { readonly name: string; readonly id: string };
  readonly services: readonly string[];
  /** `host@backend#pool` of a backend that replicates to `backendId`. */
  readonly backend: string;
  readonly backendId: string;
  /** How the driver below knows a volume that Cinder has given up. */
  readonly referenceOf: (volume: string) => Readonly<Record<string, string>>;
  /** How long a service honours a token that it has seen and that was revoked since. */
  readonly tokenCacheMs: number;
  readonly hands: Hands;
  /** Real time on the rig; in the twin a time that moves when somebody waits. */
  readonly clock: Clock;
  close(): Promise<void>;
}

/** One service as one logged-in user speaks to it; paths are relative to its endpoint. */
export type Caller = (line: string, say?: Say) => Promise<Answer>;

const loginSchema = z.object({ username: z.string(), password: z.string() });
const rigSchema = z.object({
  sites: z.object({
    dr: loginSchema.extend({
      authUrl: z.url(),
      project: z.string(),
      projectId: z.string(),
      member: loginSchema,
      services: z.array(z.string()),
      backends: z.object({ file: z.string() }),
      array: z.string(),
    }),
  }),
});

/** The folder of the rig to be tried; undefined = the twin. */
function rigFolder(): string | undefined {
  const folder = process.env['DRILLBOOK_RIG'];
  return folder === '' ? undefined : folder;
}

function describedIn(folder: string) {
  const file = join(folder, 'rig.json');
  if (!existsSync(file)) throw new Error(`${file} is not there: test/rig/up makes it`);
  return rigSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).sites.dr;
}

export const isRig = (): boolean => rigFolder() !== undefined;

/** Which services the cloud under test has, known before any test begins. */
export function servicesAtHand(): readonly string[] {
  const folder = rigFolder();
  return folder === undefined ? TWIN_SERVICES : describedIn(folder).services;
}
export const TWIN_SERVICES = ['keystone', 'cinder', 'glance', 'nova', 'neutron'] as const;

/** The real site of a rig, as its rig.json describes it. */
function rigSite(folder: string): Site {
  const dr = describedIn(folder);
  return {
    kind: 'rig',
    authUrl: dr.authUrl,
    operator: { username: dr.username, password: dr.password },
    member: dr.member,
    project: { name: dr.project, id: dr.projectId },
    services: dr.services,
    backend: dr.backends.file,
    backendId: 'main',
    referenceOf: (volume) => ({ 'source-name': `volume-${volume}` }),
    tokenCacheMs: 10_000,
    hands: rigHands(folder, dr.array),
    clock: systemClock(),
    close: async () => {},
  };
}

export async function openSite(): Promise<Site> {
  const folder = rigFolder();
  if (folder !== undefined) return rigSite(folder);
  const { twinSite } = await import('./twin-site.ts');
  return twinSite();
}

const http = networkHttp();

/** Something asked of an address as it stands, without a token. */
export const plain = (base: string, line: string, say?: Say): Promise<Answer> =>
  exchange(http, { base, line }, say);

const DOMAIN = { name: 'Default' };

/** The body of a log-in with a password, for the project unless told otherwise. */
export const passwordBody = (login: Login, project: string | undefined) => ({
  auth: {
    identity: {
      methods: ['password'],
      password: { user: { name: login.username, password: login.password, domain: DOMAIN } },
    },
    ...(project === undefined ? {} : { scope: { project: { name: project, domain: DOMAIN } } }),
  },
});

/** POST /auth/tokens. */
export const logIn = (site: Site, body: unknown): Promise<Answer> =>
  plain(site.authUrl, 'POST /auth/tokens', { body });

export const tokenOf = (answer: Answer): string => {
  const token = answer.headers['x-subject-token'];
  if (token !== undefined) return token;
  throw new Error(`no token in ${answer.status} ${JSON.stringify(answer.body)}`);
};

export interface Session {
  readonly token: string;
  /** Id of the user, as in the token. */
  readonly user: string;
  readonly roles: readonly string[];
  /** Keystone with this token. */
  readonly keystone: Caller;
  /** Public endpoint of a service in the catalogue. */
  endpoint(service: Service): string;
  /** `version` as in `OpenStack-API-Version`; without it the header stays away. */
  service(service: Service, version?: string): Caller;
}

const TYPES: Readonly<Record<Service, readonly string[]>> = {
  cinder: ['volumev3', 'block-storage'],
  nova: ['compute'],
  glance: ['image'],
  neutron: ['network'],
};

const catalogueSchema = z.array(
  z.looseObject({
    type: z.string(),
    endpoints: z.array(z.looseObject({ interface: z.string(), url: z.string() })),
  }),
);

/** Logs somebody in and finds the services through the catalogue, as the gateway does. */
export async function sessionOf(site: Site, login: Login = site.operator): Promise<Session> {
  const answer = await logIn(site, passwordBody(login, site.project.name));
  const token = tokenOf(answer);
  const catalogue = catalogueSchema.parse(listAt(answer, '/token/catalog'));
  const endpoint = (service: Service): string => {
    const found = catalogue
      .filter(({ type }) => TYPES[service].includes(type))
      .flatMap(({ endpoints }) => endpoints)
      .find((one) => one.interface === 'public');
    if (found === undefined) throw new Error(`${service} is not in the catalogue`);
    return found.url.replace(/\/+$/, '');
  };
  const caller =
    (base: string, fixed: Readonly<Record<string, string>>): Caller =>
    (line, say = {}) =>
      exchange(http, { base, line }, { ...say, headers: { ...fixed, ...say.headers } });
  const own = { 'x-auth-token': token };
  return {
    token,
    user: textAt(answer, '/token/user/id'),
    roles: listAt(answer, '/token/roles').map(
      (role) => z.object({ name: z.string() }).parse(role).name,
    ),
    keystone: caller(site.authUrl, own),
    endpoint,
    service: (service, version) => {
      const said = version === undefined ? {} : { 'openstack-api-version': version };
      const base = endpoint(service);
      return caller(service === 'glance' && !base.endsWith('/v2') ? `${base}/v2` : base, {
        ...own,
        ...said,
      });
    },
  };
}

/** What a service came to. */
export interface Waiting {
  /** Limit in the cloud's own time (60 s). */
  readonly withinMs?: number;
}

/** Asks again until it is as wanted; throws with the last answer when it never is. */
export async function eventually(
  site: Site,
  look: () => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
  { withinMs = 60_000 }: Waiting = {},
): Promise<Answer> {
  const until = site.clock.now() + withinMs;
  for (;;) {
    const answer = await look();
    if (isSo(answer)) return answer;
    if (site.clock.now() > until) {
      throw new Error(`never as wanted; last ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    await site.clock.sleep(250);
  }
}
