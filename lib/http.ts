/**
 * One shape for every HTTP exchange in the house. A server is a function from request to answer, so
 * the gateway and the twin are called over the network or in process through the very same handlers.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios, { type AxiosInstance } from 'axios';

/** `url` is absolute for clients; header names are lower case; `body` is text as sent. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
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

/** The real network, through axios: never follows redirects, never throws for a status. */
export function networkHttp(client: AxiosInstance = axios.create()): Http {
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
      proxy: proxyOf(request.proxy),
    });
    return { status: answer.status, headers: flat(answer.headers), body: answer.data ?? '' };
  };
}

/** Serves a handler on loopback or a given address; resolves once the port is open. */
export async function serveHttp(
  handler: Http,
  at: { readonly host: string; readonly port: number },
): Promise<{ server: Server; url: string; close(): Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    void answerTo(handler, incoming).then((answer) => {
      outgoing.writeHead(answer.status, { ...answer.headers });
      outgoing.end(answer.body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const port = (server.address() as AddressInfo).port;
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { server, url: `http://${at.host}:${port}`, close };
}

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

async function answerTo(handler: Http, incoming: IncomingMessage): Promise<HttpResponse> {
  try {
    const request = await requestOf(incoming);
    return request === undefined ? TOO_LARGE : await handler(request);
  } catch {
    return { status: 500, headers: {}, body: '' };
  }
}

const TOO_LARGE: HttpResponse = { status: 413, headers: {}, body: '' };

/** What came in on a server's socket, read to its end; undefined when it is larger than allowed. */
export async function requestOf(incoming: IncomingMessage): Promise<HttpRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  const path = incoming.url ?? '/';
  // A forward proxy is asked with the absolute address in the request line.
  const url = path.startsWith('http') ? path : `http://${incoming.headers.host}${path}`;
  return {
    method: incoming.method ?? 'GET',
    url,
    headers: flat(incoming.headers),
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
