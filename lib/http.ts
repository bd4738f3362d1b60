/**
 * One shape for every HTTP exchange in the house. A server is a function from request to answer, so
 * the gateway and the twin are called over the network or in process through the very same handlers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import axios from 'axios';

/** `url` is absolute for clients; header names are lower case; `body` is text as sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A server's handler is told so when the body was larger than it takes; it was not read then. */
  readonly oversize?: boolean;
  /** Limit of the whole exchange in milliseconds (default 30,000). */
  readonly timeoutMs?: number;
  /** Forward proxy, e.g. `http://127.0.0.1:4799`, for addresses inside an isolated network. */
  readonly proxy?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Rejects only when no answer came: what the other side did is then unknown. */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** PEM texts of one end of mutual TLS: its own certificate and key, and whom it trusts. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/**
 * The real network, through axios: never follows redirects, never throws for a status. `tls` is asked
 * before each `https` exchange, so that a renewed certificate is used without a restart.
 */
export function networkHttp(how: { readonly tls?: () => TlsFiles | undefined } = {}): Http {
  const client = axios.create();
  let agent: { readonly files: TlsFiles; readonly agent: Agent } | undefined;
  const agentNow = () => {
    const files = how.tls?.();
    if (files === undefined) return {};
    if (agent?.files !== files) agent = { files, agent: new Agent({ ...files, ...KEPT }) };
    return { httpsAgent: agent.agent };
  };
  return async (request) => {
    const answer = await client.request<string>({
      method: request.method,
      url: request.url,
      headers: { ...request.headers },
      data: request.body,
      timeout: request.timeoutMs ?? 30_000,
      signal: AbortSignal.timeout(request.timeoutMs ?? 30_000),
      responseType: 'text',
      transformResponse: (text: string) => text,
      transformRequest: (data: unknown) => data,
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: ANSWER_LIMIT_BYTES,
      proxy: proxyOf(request.proxy),
      ...agentNow(),
    });
    return { status: answer.status, headers: flat(answer.headers), body: answer.data ?? '' };
  };
}

/** All LDEVs of an array in one list are a quarter of it; an answer without end is none. */
const ANSWER_LIMIT_BYTES = 64 * 1024 * 1024;
const ONLY_1_3 = { minVersion: 'TLSv1.3' } as const;
/** A handshake costs five times what a small exchange does: a few connections are kept. */
const KEPT = { ...ONLY_1_3, keepAlive: true, maxFreeSockets: 4 } as const;

/** What a door holds against clients that are many, slow, or never finish. */
export interface DoorLimits {
  /** From the connection to the last header, and to the last byte of the body (ms). */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Connections open at once, of everybody and of one address. */
  readonly connections: number;
  readonly perClient: number;
}

/** Who a client says it is: the common name of its certificate, and what is wrong with it. */
export interface TlsPeer {
  readonly name: string;
  /** OpenSSL's word for it, e.g. `CERT_HAS_EXPIRED`; undefined when the certificate is good. */
  readonly problem: string | undefined;
}

export interface ServeAt {
  readonly host: string;
  readonly port: number;
  /** With it the door speaks TLS 1.3 only, and asks each client for a certificate. */
  readonly tls?: TlsFiles;
  /** Refuses a client by an answer of its own before anything else is read. */
  readonly admit?: (peer: TlsPeer) => HttpResponse | undefined;
  readonly limits?: DoorLimits;
  /** Bytes that this request may bring (default 8 MiB). */
  readonly bodyLimit?: (head: Pick<HttpRequest, 'method' | 'url'>) => number;
}

export interface Served {
  readonly url: string;
  /** Another certificate for connections from now on; open ones live on. */
  renew(tls: TlsFiles): void;
  close(): Promise<void>;
}

/** Serves a handler on loopback or a given address; resolves once the port is open. */
export async function serveHttp(handler: Http, at: ServeAt): Promise<Served> {
  const scheme = at.tls === undefined ? 'http' : 'https';
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void answerTo(handler, { incoming, at, scheme }).then((made) => {
      // What was not read to its end cannot be followed by another request.
      if (!incoming.complete) outgoing.setHeader('connection', 'close');
      outgoing.writeHead(made.status, { ...made.headers });
      outgoing.end(made.body);
    });
  const server = serverOf(at, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const port = (server.address() as AddressInfo).port;
  return {
    url: `${scheme}://${at.host}:${port}`,
    renew: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext({ ...tls, ...ONLY_1_3 });
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const CHECK_EVERY_MS = 1_000;
const HANDSHAKE_MS = 10_000;

function serverOf(
  { tls, limits }: ServeAt,
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const times =
    limits === undefined
      ? {}
      : {
          headersTimeout: limits.headersMs,
          requestTimeout: limits.requestMs,
          connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersMs),
        };
  // Who is not welcome is told so in words, by `admit`, and not by a broken line.
  const secure = { requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_MS };
  const server =
    tls === undefined
      ? createServer(times, answer)
      : createTlsServer({ ...times, ...tls, ...ONLY_1_3, ...secure }, answer);
  if (limits !== undefined) limitConnections(server, limits);
  return server;
}

function limitConnections(server: Server, { connections, perClient }: DoorLimits): void {
  server.maxConnections = connections;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const from = socket.remoteAddress ?? '';
    const count = (open.get(from) ?? 0) + 1;
    open.set(from, count);
    socket.once('close', () => {
      const left = (open.get(from) ?? 1) - 1;
      if (left === 0) open.delete(from);
      else open.set(from, left);
    });
    if (count > perClient) socket.destroy();
  });
}

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

interface Coming {
  readonly incoming: IncomingMessage;
  readonly at: ServeAt;
  readonly scheme: string;
}

async function answerTo(handler: Http, coming: Coming): Promise<HttpResponse> {
  try {
    const { incoming, at, scheme } = coming;
    const refused =
      incoming.socket instanceof TLSSocket ? at.admit?.(peerOf(incoming.socket)) : undefined;
    if (refused !== undefined) return refused;
    const limit = at.bodyLimit?.(headOf(incoming, scheme));
    const request = await requestOf(incoming, {
      scheme,
      ...(limit === undefined ? {} : { limit }),
    });
    if (request !== undefined) return await handler(request);
    // A door with limits of its own says in its own words that it was too much.
    return limit === undefined
      ? TOO_LARGE
      : await handler({ ...headOf(incoming, scheme), oversize: true });
  } catch {
    return { status: 500, headers: {}, body: '' };
  }
}

const TOO_LARGE: HttpResponse = { status: 413, headers: {}, body: '' };

function peerOf(socket: TLSSocket): TlsPeer {
  const { subject } = socket.getPeerCertificate();
  const name = subject?.CN ?? '';
  if (socket.authorized) return { name, problem: undefined };
  return { name, problem: String(socket.authorizationError) };
}

function headOf(incoming: IncomingMessage, scheme: string): HttpRequest {
  const path = incoming.url ?? '/';
  // A forward proxy is asked with the absolute address in the request line.
  const url = path.startsWith('http') ? path : `${scheme}://${incoming.headers.host}${path}`;
  return { method: incoming.method ?? 'GET', url, headers: flat(incoming.headers) };
}

/** What came in on a server's socket, read to its end; undefined when it is larger than allowed. */
export async function requestOf(
  incoming: IncomingMessage,
  how: { readonly limit?: number; readonly scheme?: string } = {},
): Promise<HttpRequest | undefined> {
  const limit = how.limit ?? BODY_LIMIT_BYTES;
  if (Number(incoming.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open: a request that is too large is still answered.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limit) return undefined;
    chunks.push(chunk as Buffer);
  }
  return {
    ...headOf(incoming, how.scheme ?? 'http'),
    ...(size > 0 ? { body: Buffer.concat(chunks).toString('utf8') } : {}),
  };
}

function proxyOf(proxy: string | undefined) {
  if (proxy === undefined) return false as const;
  const url = new URL(proxy);
  return { protocol: 'http', host: url.hostname, port: Number(url.port) };
}

function flat(headers: object): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && value !== null) out[name.toLowerCase()] = String(value);
  }
  return out;
}
