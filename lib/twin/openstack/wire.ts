/** OpenStack on the wire: what is asked, how it is routed, and the envelopes of the answers. */
import type * as z from 'zod';
import type { HttpRequest, HttpResponse } from '../../http.ts';

/** A request below one service's root: `path` starts with a slash, without query. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Minor of the negotiated microversion; 0 where the service has none. */
  readonly minor: number;
  /** `req-<uuid>`, as the answer will carry it. */
  readonly requestId: string;
}

/** Most answer at once; a call that waits for another process may take its time. */
type Handler = (
  ask: Ask,
  params: Readonly<Record<string, string>>,
) => HttpResponse | Promise<HttpResponse>;
/** Method, path pattern with `:name` segments, handler. */
export type Route = readonly [method: string, pattern: string, handler: Handler];

export function askOf(
  request: HttpRequest,
  { root, requestId, minor = 0 }: { root: string; requestId: string; minor?: number },
): Ask {
  const url = new URL(request.url);
  return {
    method: request.method.toUpperCase(),
    path: url.pathname.slice(root.length).replace(/\/$/, '') || '/',
    query: url.searchParams,
    headers: request.headers,
    body: request.body ?? '',
    minor,
    requestId,
  };
}

/** Runs the matching route; an unknown path or method gets the paste framework's own 404. */
export function dispatch(routes: readonly Route[], ask: Ask): HttpResponse | Promise<HttpResponse> {
  for (const [method, pattern, handler] of routes) {
    const params = method === ask.method ? match(pattern, ask.path) : undefined;
    if (params !== undefined) return handler(ask, params);
  }
  const message = 'The resource could not be found.<br /><br />\n\n\n';
  return json(404, { message, code: '404 Not Found', title: 'Not Found' });
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = found[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = decodeURIComponent(value);
    else if (segment !== value) return undefined;
  }
  return params;
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const type = { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

/** 202 and 204 answers have no body, and a content type that says nothing about it. */
export const empty = (status: 200 | 202 | 204): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', 'content-length': '0' },
  body: '',
});

const faultKeys: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  503: 'serviceUnavailable',
};

/** Cinder's and Nova's envelope: one key that names the class of the error. */
export const fault = (code: number, message: string): HttpResponse =>
  json(code, { [faultKeys[code] ?? 'computeFault']: { code, message } });

/** Neutron's envelope. */
export const neutronError = (status: number, type: string, message: string): HttpResponse =>
  json(status, { NeutronError: { type, message, detail: '' } });

/** Keystone's envelope, which the token check before every service uses as well. */
export const keystoneError = (code: number, title: string, message: string): HttpResponse =>
  json(code, { error: { code, message, title } });

export function unauthorized(identityUrl: string): HttpResponse {
  const message = 'The request you have made requires authentication.';
  const answer = keystoneError(401, 'Unauthorized', message);
  const challenge = { 'www-authenticate': `Keystone uri="${identityUrl}"` };
  return { ...answer, headers: { ...answer.headers, ...challenge } };
}

type Parsed<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly why: string };

/** Reads a JSON body by its schema, or says why it cannot be read. */
export function readBody<T>(ask: Ask, schema: z.ZodType<T>): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(ask.body);
  } catch {
    return { ok: false, why: 'Malformed request body' };
  }
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, data: result.data };
  const issue = result.error.issues[0];
  if (issue === undefined) return { ok: false, why: 'Malformed request body' };
  const field = issue.path.at(-1) ?? '';
  return {
    ok: false,
    why: `Invalid input for field/attribute ${String(field)}. ${whyOf(issue, value)}`,
  };
}

/** The words of the real schema for a number that is too small; else our own. */
function whyOf(issue: z.core.$ZodIssue, body: unknown): string {
  if (issue.code !== 'too_small' || issue.origin === 'string') return issue.message;
  const value = String(valueAt(body, issue.path));
  return `Value: ${value}. ${value} is less than the minimum of ${issue.minimum}`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => Object(at)[key], body);
}

export interface VersionRange {
  /** The word in `OpenStack-API-Version`: `volume` or `compute`. */
  readonly service: string;
  readonly major: number;
  readonly min: number;
  readonly max: number;
  /** The header of the days before `OpenStack-API-Version`. */
  readonly legacyHeader?: string;
}

/** The minor version asked for, or the refusal the service gives (400 junk, 406 out of range). */
export function negotiate(
  headers: Ask['headers'],
  { service: own, major, min, max, legacyHeader }: VersionRange,
): number | HttpResponse {
  const legacy = legacyHeader === undefined ? undefined : headers[legacyHeader.toLowerCase()];
  const header = headers['openstack-api-version'] ?? (legacy && `${own} ${legacy}`);
  const [service, version] = (header ?? '').trim().split(/\s+/);
  if (service !== own || version === undefined) return header ? stranger(own, min) : min;
  if (version === 'latest') return max;
  const found = /^(\d+)\.(\d+)$/.exec(version);
  if (found === null) {
    const form = 'Must be of format MajorNum.MinorNum.';
    return fault(400, `API Version String ${version} is of invalid format. ${form}`);
  }
  const minor = Number(found[2]);
  if (Number(found[1]) === major && minor >= min && minor <= max) return minor;
  const limits = `Minimum is ${major}.${min} and maximum is ${major}.${max}.`;
  const refusal = fault(406, `Version ${version} is not supported by the API. ${limits}`);
  // Nova repeats what it was asked for, Cinder says nothing.
  const said = own === 'compute' ? { 'openstack-api-version': `${own} ${version}` } : {};
  return { ...refusal, headers: { ...refusal.headers, ...said } };
}

/** Cinder does not pass over a header that speaks of another service. */
const stranger = (own: string, min: number): number | HttpResponse =>
  own === 'volume' ? fault(400, 'API version None is not supported on this method.') : min;

/** What an answer says about the version it was given at. */
export function versionHeaders(
  { service, major, legacyHeader }: VersionRange,
  minor: number,
): Readonly<Record<string, string>> {
  const version = `${major}.${minor}`;
  const vary = ['OpenStack-API-Version', ...(legacyHeader === undefined ? [] : [legacyHeader])];
  const old = legacyHeader && { [legacyHeader.toLowerCase()]: version };
  return {
    'openstack-api-version': `${service} ${version}`,
    ...old,
    vary: vary.join(', '),
  };
}

/** `limit` and `marker` over a list in order; undefined if the marker is unknown. */
export function page<T extends { readonly id: string }>(
  items: readonly T[],
  query: URLSearchParams,
): { readonly items: readonly T[]; readonly next?: string } | undefined {
  const marker = query.get('marker');
  const start = marker === null ? 0 : items.findIndex((item) => item.id === marker) + 1;
  if (marker !== null && start === 0) return undefined;
  const limit = Math.min(Number(query.get('limit') ?? 1000), 1000);
  const found = items.slice(start, start + limit);
  const last = found.at(-1);
  if (last === undefined || start + limit >= items.length) return { items: found };
  const rest = new URLSearchParams(query);
  rest.set('marker', last.id);
  return { items: found, next: rest.toString() };
}
