/** OpenStack on the wire: what is asked, how it is routed, and the envelopes of the answers. */
import type * as z from 'zod';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { Random } from '../../random.ts';

/** A request below one service's root: `path` starts with a slash, without query. */
export interface Ask {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Minor of the negotiated microversion; 0 where the service has none. */
  readonly minor: number;
}

export type Handler = (ask: Ask, params: Readonly<Record<string, string>>) => HttpResponse;
/** Method, path pattern with `:name` segments, handler. */
export type Route = readonly [method: string, pattern: string, handler: Handler];

export function askOf(request: HttpRequest, root: string, minor = 0): Ask {
  const url = new URL(request.url);
  return {
    method: request.method.toUpperCase(),
    path: url.pathname.slice(root.length).replace(/\/$/, '') || '/',
    query: url.searchParams,
    headers: request.headers,
    body: request.body ?? '',
    minor,
  };
}

/** Runs the matching route; an unknown path or method gets the paste framework's own 404. */
export function dispatch(routes: readonly Route[], ask: Ask): HttpResponse {
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
export const empty = (status: 202 | 204): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/html; charset=UTF-8', 'content-length': '0' },
  body: '',
});

const faultKeys: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  406: 'computeFault',
  409: 'conflictingRequest',
  500: 'computeFault',
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
  const field = issue?.path.join('/') ?? '';
  return { ok: false, why: `Invalid input for field/attribute ${field}. ${issue?.message ?? ''}` };
}

export interface VersionRange {
  /** The word in `OpenStack-API-Version`: `volume` or `compute`. */
  readonly service: string;
  readonly major: number;
  readonly min: number;
  readonly max: number;
}

/** The minor version asked for, or the refusal the service gives (400 junk, 406 out of range). */
export function negotiate(header: string | undefined, range: VersionRange): number | HttpResponse {
  const [service, version] = (header ?? '').trim().split(/\s+/);
  if (service !== range.service || version === undefined) return range.min;
  if (version === 'latest') return range.max;
  const found = /^(\d+)\.(\d+)$/.exec(version);
  if (found === null) {
    return fault(400, `API Version String ${version} is of invalid format.`);
  }
  const minor = Number(found[2]);
  if (Number(found[1]) === range.major && minor >= range.min && minor <= range.max) return minor;
  const { major, min, max } = range;
  const limits = `Minimum is ${major}.${min} and maximum is ${major}.${max}.`;
  return fault(406, `Version ${version} is not supported by the API. ${limits}`);
}

/** A version 4 UUID from the given chance. */
export function uuid(random: Random): string {
  const hex = random(16);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const version4 = `4${hex.slice(13, 16)}`;
  const groups = [hex.slice(0, 8), hex.slice(8, 12), version4, `${variant}${hex.slice(17, 20)}`];
  return [...groups, hex.slice(20)].join('-');
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
