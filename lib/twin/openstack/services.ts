/** The services behind one origin, and the gate in front of each: token, version, project. */
import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { Effect } from '../seams.ts';
import { cinderRoutes } from './block/routes.ts';
import { novaRoutes, novaVersions } from './compute/routes.ts';
import { identityUrl } from './identity/refusals.ts';
import { keystoneRoutes } from './identity/routes.ts';
import { tokenFor } from './identity/tokens.ts';
import { glanceRoutes } from './image/routes.ts';
import { neutronRoutes } from './network/routes.ts';
import { type CloudContext, hasFault } from './state.ts';
import { cinderVersions, versionDocument } from './versions.ts';
import {
  type Ask,
  askOf,
  dispatch,
  fault,
  json,
  negotiate,
  type Route,
  unauthorized,
  type VersionRange,
  versionHeaders,
} from './wire.ts';

export interface Service {
  readonly root: string;
  readonly target: Effect['target'];
  readonly routes: readonly Route[];
  readonly versions?: VersionRange;
}

/** Everything that answers under the cloud's origin. */
export interface Services {
  /** The service whose changes count as effects; undefined for logins and for documents. */
  at(path: string): Service | undefined;
  answer(request: HttpRequest, requestId: string): HttpResponse | Promise<HttpResponse>;
}

const within = (path: string, root: string) => path === root || path.startsWith(`${root}/`);

export function servicesOf(context: CloudContext): Services {
  const keystone = keystoneRoutes(context);
  const cinder = { root: '/volume/v3', target: 'cinder', versions: cinderVersions } as const;
  const nova = { root: '/compute/v2.1', target: 'nova', versions: novaVersions } as const;
  const services: readonly Service[] = [
    { ...cinder, routes: cinderRoutes(context) },
    { ...nova, routes: novaRoutes(context) },
    { root: '/network', target: 'neutron', routes: neutronRoutes(context) },
    { root: '/image', target: 'glance', routes: glanceRoutes(context) },
  ];
  // Of Keystone only projects: logging in changes nothing.
  const projects = { root: '/identity/v3/projects', target: 'keystone', routes: keystone } as const;
  const counted: readonly Service[] = [...services, projects];
  const at = (path: string) => counted.find(({ root }) => within(path, root));
  return {
    at,
    answer(request, requestId) {
      const { pathname } = new URL(request.url);
      if (within(pathname, '/identity')) {
        return dispatch(keystone, askOf(request, { root: '/identity', requestId }));
      }
      const asks = request.method.toUpperCase() === 'GET';
      const document = asks ? versionDocument(context, pathname, novaVersions) : undefined;
      if (document !== undefined) return document;
      const service = at(pathname);
      if (service !== undefined) return gate(context, service, { request, requestId });
      return json(404, { error: { code: 404, message: 'Not Found', title: 'Not Found' } });
    },
  };
}

interface Arrived {
  readonly request: HttpRequest;
  readonly requestId: string;
}

function gate(
  context: CloudContext,
  service: Service,
  { request, requestId }: Arrived,
): HttpResponse | Promise<HttpResponse> {
  const { versions, root, routes } = service;
  const token = tokenFor(context, request.headers, root);
  if (token === undefined) return unauthorized(identityUrl(context));
  if (hasFault(context, 'http-500')) {
    return fault(500, 'The server has either erred or is incapable of performing the request.');
  }
  if (versions === undefined) return dispatch(routes, askOf(request, { root, requestId }));
  const minor = negotiate(request.headers, versions);
  if (typeof minor !== 'number') return minor;
  const whole = askOf(request, { root, requestId, minor });
  const ask = service.target === 'cinder' ? withoutProject(whole, routes, token.projectId) : whole;
  const answer = ask === undefined ? fault(400, 'Malformed request url') : dispatch(routes, ask);
  // An older name of the request id, which the services with microversions still send.
  const headers = { ...versionHeaders(versions, minor), 'x-compute-request-id': requestId };
  return Promise.resolve(answer).then((one) => ({
    ...one,
    headers: { ...one.headers, ...headers },
  }));
}

/**
 * Cinder's paths may begin with a project: then it is the token's. Without one they were taken at
 * every microversion, although the notes of 3.67 say since when.
 */
function withoutProject(ask: Ask, routes: readonly Route[], mine: string | null): Ask | undefined {
  const [, first = '', ...rest] = ask.path.split('/');
  if (first === mine) return { ...ask, path: `/${rest.join('/')}` };
  const known = first === '' || routes.some(([, pattern]) => pattern.split('/')[1] === first);
  return known ? ask : undefined;
}
