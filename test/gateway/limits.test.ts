/** Doors under clients that are large, slow, many, or repeat themselves: by real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { manualClock, systemClock } from '../../lib/clock.ts';
import { GatewayError } from '../../lib/gateway/errors.ts';
import { bodyLimit, doorLimits } from '../../lib/gateway/server/limits.ts';
import { openNonces } from '../../lib/gateway/server/nonces.ts';
import { type DoorLimits, type HttpRequest, networkHttp, serveHttp } from '../../lib/http.ts';
import { openHouse, URL_OF_GATEWAY } from './support.ts';

const MIB = 1024 * 1024;
const small: DoorLimits = { headersMs: 150, requestMs: 300, connections: 6, perClient: 4 };
const open: { close(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const served of open.splice(0)) await served.close();
});

async function door(limits = doorLimits) {
  const house = openHouse();
  const handled: HttpRequest[] = [];
  const handle = (request: HttpRequest) => {
    handled.push(request);
    // The door's own address is not the one that messages are signed for.
    return house.running.handle({
      ...request,
      url: request.url.replace(/^http:\/\/[^/]+/, URL_OF_GATEWAY),
    });
  };
  const served = await serveHttp(handle, { host: '127.0.0.1', port: 0, limits, bodyLimit });
  open.push(served);
  return { house, handled, url: served.url, port: Number(new URL(served.url).port) };
}

const codeOf = (body: string): string => (body === '' ? '' : JSON.parse(body).code);
const post = (url: string, path: string, body: string) =>
  networkHttp()({ method: 'POST', url: `${url}${path}`, headers: {}, body });

test('only a registration may be large; more is refused in words, signed and unread', async () => {
  const { url, handled } = await door();
  const large = await post(url, '/v1/reads', 'x'.repeat(MIB + 1));
  expect([large.status, codeOf(large.body)]).toEqual([413, 'GW-TOO-LARGE']);
  expect(large.headers['signature']).toBeTruthy();
  expect(handled.at(-1)).toMatchObject({ oversize: true });
  expect(handled.at(-1)?.body).toBeUndefined();
  const fits = await post(url, '/v1/plans', 'x'.repeat(2 * MIB));
  expect(codeOf(fits.body)).toBe('GW-SIGNATURE');
  expect(bodyLimit({ url: `${url}/v1/plans` })).toBe(32 * MIB);
  expect(bodyLimit({ url: `${url}/v1/plans/else` })).toBe(MIB);
});

test('one that does not say how much it brings is cut off where the limit is', async () => {
  const { port } = await door();
  const socket = knock(port);
  const answer = text(socket);
  socket.write('POST /v1/asks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
  const piece = 'x'.repeat(64 * 1024);
  for (let sent = 0; sent < 2 * MIB && !socket.destroyed; sent += piece.length) {
    socket.write(`10000\r\n${piece}\r\n`);
  }
  expect(await answer).toMatch(/^HTTP\/1\.1 413 .*connection: close.*GW-TOO-LARGE/is);
});

test('also a message that came without a socket is measured', async () => {
  const { house } = await door();
  const body = 'x'.repeat(MIB + 1);
  const request = { method: 'POST', url: `${URL_OF_GATEWAY}/v1/asks`, headers: {}, body };
  expect(codeOf((await house.running.handle(request)).body)).toBe('GW-TOO-LARGE');
});

test('clients that drip headers or bodies are let go, others are served meanwhile', async () => {
  const { port, url } = await door(small);
  const headers = knock(port);
  headers.write('POST /v1/asks HTTP/1.1\r\nhost: x\r\n');
  const body = knock(port);
  body.write('POST /v1/asks HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx');
  const ended = Promise.all([text(headers), text(body)]);
  expect(codeOf((await post(url, '/v1/asks', '{}')).body)).toBe('GW-SIGNATURE');
  expect(await ended).toEqual([expect.stringMatching(/408/), expect.stringMatching(/408|^$/)]);
});

test('one address gets no more than its share of connections', async () => {
  const { port } = await door(small);
  const held = Array.from({ length: 4 }, () => knock(port));
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  const fifth = knock(port);
  expect(await text(fifth)).toBe('');
  held[0]?.destroy();
  await systemClock().sleep(20);
  const next = knock(port);
  const answer = text(next);
  next.write('GET /v1/clock HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 401/);
});

test('an answer without end is no answer, and does not fill the memory of who asked', async () => {
  const body = 'x'.repeat(65 * MIB);
  const served = await serveHttp(async () => ({ status: 200, headers: {}, body }), {
    ...{ host: '127.0.0.1', port: 0 },
  });
  open.push(served);
  const asked = networkHttp()({ method: 'GET', url: served.url, headers: {} });
  await expect(asked).rejects.toThrow(/maxContentLength/);
});

test('the memory of messages is bounded: a flood is refused, nothing is forgotten for it', () => {
  const clock = manualClock();
  const nonces = openNonces(clock, 3);
  const codeAt = (message: string) => {
    try {
      nonces.first(message, clock.now());
    } catch (error) {
      return error instanceof GatewayError ? error.code : 'another error';
    }
    return 'first';
  };
  expect(['a', 'b', 'a', 'c', 'd', 'a'].map(codeAt)).toEqual([
    ...['first', 'first', 'GW-REPLAY', 'first', 'GW-BUSY', 'GW-REPLAY'],
  ]);
  clock.advance(302_000);
  expect(['d', 'a'].map(codeAt)).toEqual(['first', 'first']);
});

test('a clock that leaps and comes back lets no message in again', () => {
  let now = 1_000_000;
  const nonces = openNonces({ ...manualClock(), now: () => now });
  const created = now;
  nonces.first('a', created);
  now += 700_000;
  nonces.first('b', now);
  now = created + 1_000;
  expect(() => nonces.first('a', created)).toThrow(/GW-REPLAY/);
  nonces.first('c', now);
});

function knock(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Everything that comes until the other side has enough. */
function text(socket: Socket): Promise<string> {
  let all = '';
  socket.on('data', (data) => {
    all += String(data);
  });
  return new Promise((resolve) => socket.once('close', () => resolve(all)));
}
