/** What a gateway can do to an array, a cloud, or a web address of the drill network. */
import type * as z from 'zod';
import type { Http, HttpRequest, HttpResponse } from '../../../http.ts';
import { GatewayError } from '../../errors.ts';
import type { Session } from './session.ts';

export interface Change {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** A session of the other array, for this exchange alone. */
  readonly peerSession?: string;
  /** Whose it is; told to a site task, and to nobody else. */
  readonly intent?: { readonly key: string; readonly run: string; readonly step: string };
}

export interface Target {
  /** Rejects with GW-TARGET-SILENT, -OPEN or -LOGIN when there is no answer to the GET. */
  get(path: string): Promise<HttpResponse>;
  /** A turn to change something. Rejects with GW-BUSY, GW-LATE or GW-TARGET-OPEN. */
  enter(putBy: number): Promise<Turn>;
  close(): Promise<void>;
}

/** One change on its way. `leave` must be called in the end, whatever happened. */
export interface Turn {
  /** Makes sure by a GET that the session is good, so that a change is not turned down for it. */
  prove(): Promise<void>;
  /** Sends once and never again. Rejects when no answer came: the effect is then unknown. */
  send(change: Change): Promise<HttpResponse>;
  leave(): void;
}

/** Reads and changes of one kind of target, without limits. */
export interface Line {
  get(path: string): Promise<HttpResponse>;
  /** Opens what a change needs beyond a read. */
  begin(): Turn;
  close(): Promise<void>;
}

/** How one kind of target is spoken to: addresses and headers for a login. */
export interface Dialect<T> {
  readonly name: string;
  readonly session: Session<T>;
  url(login: T, path: string): string;
  headers(login: T): Readonly<Record<string, string>>;
  /** Headers that only changes carry. */
  readonly changeHeaders?: Readonly<Record<string, string>>;
  /** A cheap read that needs the session. */
  provePath(login: T): string;
}

const CHANGE_LIMIT_MS = 60_000;
const JSON_TYPE = { accept: 'application/json', 'content-type': 'application/json' };

/** GETs log in again once after a 401; two in a row are a matter of credentials. */
export function sessionTarget<T>(
  dialect: Dialect<T>,
  http: Http,
): Pick<Line, 'get'> & Omit<Turn, 'leave'> {
  async function getOnce(path: (login: T) => string): Promise<{ login: T; answer: HttpResponse }> {
    const login = await dialect.session.get();
    const headers = { ...JSON_TYPE, ...dialect.headers(login) };
    const request = { method: 'GET', url: dialect.url(login, path(login)), headers };
    return { login, answer: await ask(http, dialect.name, request) };
  }

  async function get(path: (login: T) => string): Promise<HttpResponse> {
    const first = await getOnce(path);
    if (first.answer.status !== 401) return first.answer;
    dialect.session.drop(first.login);
    return (await getOnce(path)).answer;
  }

  return {
    get: (path) => get(() => path),
    prove: async () => {
      const { status } = await get((login) => dialect.provePath(login));
      if (status === 401) throw new GatewayError('GW-TARGET-LOGIN', `${dialect.name} answers 401.`);
    },
    send: async ({ method, path, body, peerSession }) => {
      const login = await dialect.session.get();
      return http({
        method,
        url: dialect.url(login, path),
        headers: {
          ...JSON_TYPE,
          ...dialect.changeHeaders,
          ...dialect.headers(login),
          ...(peerSession === undefined
            ? {}
            : { 'remote-authorization': `Session ${peerSession}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs: CHANGE_LIMIT_MS,
      });
    },
  };
}

/** An exchange that changes nothing. The error names the target, never what was sent. */
export async function ask(http: Http, name: string, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await http(request);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('GW-TARGET-SILENT', `${name} gave no answer.`, { why });
  }
}

/** What a login must give. The error does not repeat the answer, which may hold a token. */
export function loginAnswer<T>(name: string, body: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch {
    throw new GatewayError('GW-TARGET-LOGIN', `${name} answers the login with something else.`);
  }
}
