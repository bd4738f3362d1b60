/**
 * One network port of the twin. It hands requests to the very handler that is called in process,
 * and does to the answer what networks do: lose it, cut it off, let it trickle.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../clock.ts';
import { type Http, type HttpResponse, requestOf } from '../../http.ts';
import type { Authority } from './authority.ts';

export interface DoorOptions {
  /** Common name of its certificate. */
  readonly name: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly clock: Clock;
  /** With it the door speaks TLS only. */
  readonly authority?: Authority | undefined;
  /** Whether a fault of the door is on now. */
  readonly has: (fault: DoorFault) => boolean;
}

export type DoorFault = 'certificate-expired' | 'door-slow' | 'door-truncated' | 'door-reset';

export interface Door {
  readonly url: string;
  close(): Promise<void>;
}

/** Everything of the twin listens here and nowhere else. */
export const HOST = '127.0.0.1';

/** Rejects with the system's error when the port is taken. */
export async function openDoor(handler: Http, options: DoorOptions): Promise<Door> {
  const { authority, port } = options;
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    void serve(handler, { incoming, outgoing, options });
  const server =
    authority === undefined ? createServer(answer) : tlsServer(authority, options, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const scheme = authority === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://${HOST}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The certificate is chosen anew for each connection: an expired one is seen by the next. */
function tlsServer(
  authority: Authority,
  { name, has }: DoorOptions,
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const good = authority.issue(name);
  const expired = authority.issue(name, { expired: true });
  const server = createTlsServer(good, answer);
  server.prependListener('connection', () => {
    server.setSecureContext(has('certificate-expired') ? expired : good);
  });
  return server;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly options: DoorOptions;
}

async function serve(handler: Http, exchange: Exchange): Promise<void> {
  const { incoming, outgoing, options } = exchange;
  if (options.has('door-reset')) {
    reset(incoming);
    return;
  }
  try {
    const request = await requestOf(incoming);
    if (request === undefined) {
      outgoing.writeHead(413, { connection: 'close' }).end();
      return;
    }
    const scheme = options.authority === undefined ? 'http:' : 'https:';
    const url = request.url.replace(/^http:/, scheme);
    await send(exchange, await handler({ ...request, url }));
  } catch {
    // The handler rejects when no answer is to come: the caller sees the line break.
    reset(incoming);
  }
}

/** TLS sockets know no reset; for the caller the line breaks either way. */
function reset({ socket }: IncomingMessage): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Virtual time between two bytes of a slow answer (ms). */
const TRICKLE_MS = 1000;

async function send(exchange: Exchange, answer: HttpResponse): Promise<void> {
  const { incoming, outgoing, options } = exchange;
  const body = Buffer.from(answer.body, 'utf8');
  outgoing.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) outgoing.setHeader(name, value);
  if (options.has('door-truncated')) {
    await truncate(exchange, body);
    return;
  }
  if (!options.has('door-slow')) {
    outgoing.end(body);
    return;
  }
  outgoing.setHeader('content-length', body.length);
  outgoing.flushHeaders();
  for (const byte of body) {
    await options.clock.sleep(TRICKLE_MS);
    if (incoming.socket.destroyed) return;
    outgoing.write(Buffer.from([byte]));
  }
  outgoing.end();
}

/** Promises the whole and gives half; of an answer without body only the first letters come. */
async function truncate({ incoming, outgoing }: Exchange, body: Buffer): Promise<void> {
  const { socket } = incoming;
  if (body.length === 0) {
    socket.end('HTTP/1.1 ');
    return;
  }
  outgoing.setHeader('content-length', body.length);
  await new Promise<void>((resolve) => {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => resolve());
  });
  socket.end();
}
