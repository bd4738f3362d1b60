/** One simulated OpenStack: Keystone, Cinder, Nova, Neutron and a way into its drill networks. */
import { sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { ArrayPort, CloudSeed, Effect } from '../seams.ts';
import { cinderRoutes, cinderVersions } from './cinder.ts';
import { identityUrl, keystoneRoutes, newRequestId, tokenOf } from './keystone.ts';
import { neutronRoutes } from './neutron.ts';
import { novaRoutes, novaVersions } from './nova.ts';
import { answerProbe } from './probe.ts';
import { settle } from './settle.ts';
import {
  type CloudContext,
  type CloudFault,
  cloudStateSchema,
  initialState,
  servicePort,
} from './state.ts';
import {
  askOf,
  dispatch,
  fault,
  json,
  negotiate,
  type Route,
  unauthorized,
  type VersionRange,
} from './wire.ts';

export type { CloudFault } from './state.ts';

export interface CloudDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Origin under which clients reach this cloud; goes into the catalogue and into links. */
  readonly baseUrl: () => string;
  /** Once per accepted mutation of Cinder, Nova or Neutron. */
  onEffect(effect: Omit<Effect, 'at' | 'site'>): void;
  /** After every change of state and before the answer leaves. */
  changed(): void | Promise<void>;
  /** Life of a token; one hour unless said otherwise. */
  readonly tokenTtlSeconds?: number;
}

export interface Cloud {
  readonly handle: Http;
  /** Forward proxy of the drill networks: asked with `http://<fixed ip>:8080/…`. */
  readonly probe: Http;
  snapshot(): unknown;
  /** Throws when the state was not made by `snapshot`. */
  restore(state: unknown): void;
  fault(name: CloudFault, on: boolean): void;
}

interface Service {
  readonly root: string;
  readonly target: Effect['target'];
  readonly routes: readonly Route[];
  readonly versions?: VersionRange;
}

export function createCloud(seed: CloudSeed, array: ArrayPort, deps: CloudDeps): Cloud {
  const { clock, baseUrl } = deps;
  const context: CloudContext = {
    seed,
    array,
    clock,
    // A seeded chance begins anew with each process; the time in it keeps ids apart all the same.
    random: (bytes) => sha256(`${deps.random(bytes)}:${clock.now()}`).slice(0, bytes * 2),
    baseUrl,
    tokenTtlSeconds: deps.tokenTtlSeconds ?? 3600,
    state: initialState(seed, clock.now()),
  };
  const services: readonly Service[] = [
    {
      root: '/volume/v3',
      target: 'cinder',
      routes: cinderRoutes(context),
      versions: cinderVersions,
    },
    { root: '/compute/v2.1', target: 'nova', routes: novaRoutes(context), versions: novaVersions },
    { root: '/network', target: 'neutron', routes: neutronRoutes(context) },
  ];
  const identity = keystoneRoutes(context);

  async function handle(request: HttpRequest): Promise<HttpResponse> {
    const settled = settle(context);
    const { pathname } = new URL(request.url);
    const under = (root: string) => pathname === root || pathname.startsWith(`${root}/`);
    const service = services.find(({ root }) => under(root));
    const changes = request.method.toUpperCase() !== 'GET';
    let answer: HttpResponse;
    if (service !== undefined) answer = serve(context, service, request);
    else if (under('/identity')) answer = dispatch(identity, askOf(request, '/identity'));
    else answer = json(300, { versions: services.map(({ root }) => ({ id: root })) });
    const accepted = changes && answer.status < 300;
    if (accepted && service !== undefined) deps.onEffect(effectOf(service, request));
    if (settled || accepted) await deps.changed();
    return stamped(context, answer);
  }

  async function probe(request: HttpRequest): Promise<HttpResponse> {
    settle(context);
    const answer = answerProbe(context, request);
    await deps.changed();
    return stamped(context, answer);
  }

  return {
    handle,
    probe,
    snapshot: () => structuredClone(context.state),
    restore: (state) => {
      context.state = cloudStateSchema.parse(structuredClone(state));
    },
    fault: (name, on) => setFault(context, name, on),
  };
}

function effectOf({ target }: Service, { method, url, body = '' }: HttpRequest) {
  const { pathname, search } = new URL(url);
  const path = `${pathname}${search}`;
  return { target, method: method.toUpperCase(), path, bodyHash: sha256(body) };
}

function serve(context: CloudContext, service: Service, request: HttpRequest): HttpResponse {
  if (tokenOf(context, request.headers) === undefined) return unauthorized(identityUrl(context));
  if (context.state.faults.includes('http-500')) {
    return fault(500, 'The server has either erred or is incapable of performing the request.');
  }
  const { versions } = service;
  if (versions === undefined) return dispatch(service.routes, askOf(request, service.root));
  const minor = negotiate(request.headers['openstack-api-version'], versions);
  if (typeof minor !== 'number') return minor;
  const ask = askOf(request, service.root, minor);
  if (service.target === 'cinder' && ask.path.split('/')[1] !== context.seed.projectId) {
    return fault(400, 'Malformed request url');
  }
  const answer = dispatch(service.routes, ask);
  const version = `${versions.service} ${versions.major}.${minor}`;
  const said = { 'openstack-api-version': version, vary: 'OpenStack-API-Version' };
  return { ...answer, headers: { ...answer.headers, ...said } };
}

function stamped(context: CloudContext, answer: HttpResponse): HttpResponse {
  const stamps = {
    'x-openstack-request-id': newRequestId(context),
    'x-simulator': 'true',
    date: new Date(context.clock.now()).toUTCString(),
  };
  return { ...answer, headers: { ...answer.headers, ...stamps } };
}

function setFault(context: CloudContext, name: CloudFault, on: boolean): void {
  const { state, seed, clock } = context;
  state.faults = state.faults.filter((one) => one !== name);
  if (name === 'token-revoked') {
    if (on) state.tokens = [];
    return;
  }
  if (on) state.faults.push(name);
  if (name !== 'router-attached') return;
  state.ports = state.ports.filter((port) => port.deviceOwner !== 'network:router_interface');
  if (!on) return;
  for (const network of seed.networks.filter(({ external }) => !external)) {
    state.ports.push(servicePort(network, 'router_interface', clock.now()));
  }
}
