/** The doors of a gateway under anything at all: coded refusals, and nothing reaches the array. */
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { canonical } from '../../lib/canonical.ts';
import { doorLimits } from '../../lib/gateway/server/limits.ts';
import { signRequest } from '../../lib/gateway/signatures.ts';
import { type HttpRequest, serveHttp } from '../../lib/http.ts';
import { seededRandom } from '../../lib/random.ts';
import { type House, keys, openHouse, URL_OF_GATEWAY } from '../gateway/support.ts';
import { bytes, json, spoilt, spoiltJson } from './inputs.ts';
import { INPUTS, survives } from './survive.ts';

const random = seededRandom('fuzz');
const signer = { keyId: 'control', privateKey: keys.control.privateKey };
const paths = [
  'plans',
  'approvals',
  'skips',
  'epochs',
  'asks',
  'journal',
  'reads',
  'grants',
  'health',
];
const path = fc.oneof(
  fc.constantFrom(...paths, 'peers/epochs', `calls/${'a'.repeat(64)}`).map((name) => `/v1/${name}`),
  fc.webPath(),
  fc.stringMatching(/^\/[!-~]{0,40}$/),
);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'post', 'M-SEARCH');

/** A door as it is, most of the time: behind it is more that could break. */
const door = fc
  .constantFrom(...paths, `calls/${'a'.repeat(64)}`)
  .map((name) => ({ method: name.startsWith('calls') ? 'PUT' : 'POST', path: `/v1/${name}` }));

/** What the wire carried when a run was registered, approved and went on. */
async function goodMessages(): Promise<HttpRequest[]> {
  const house = openHouse();
  const seen: HttpRequest[] = [];
  house.tap = (http) => (request) => {
    seen.push(request);
    return http(request);
  };
  await house.approve();
  await house.done('split.group');
  await house.gateway.health();
  return seen;
}

/** The answer's code; whatever it was, no fault was met and nothing was sent. */
async function knock(house: House, request: HttpRequest): Promise<string> {
  const { status, body } = await house.running.handle(request);
  expect(house.said.filter((line) => line.includes('fault'))).toEqual([]);
  if (status >= 500) throw new Error(`${status}: ${house.said.at(-1)}`);
  if (status < 300) return `${status}`;
  const { code } = JSON.parse(body);
  expect(code).toMatch(/^GW-[A-Z-]+$/);
  return code;
}

test('strangers: any method, path, headers and body', async () => {
  const house = openHouse();
  const headers = fc.dictionary(
    fc.constantFrom(
      'signature',
      'signature-input',
      'content-digest',
      'content-type',
      'drillbook-seen',
    ),
    fc.oneof(
      fc.string(),
      bytes,
      fc.constant('sig=:AA==:'),
      fc.constant('sig=("@method");keyid="control"'),
    ),
  );
  const counts = await survives({
    name: 'gateway, strangers',
    inputs: fc.record({
      method,
      path,
      headers,
      body: fc.oneof(
        bytes,
        json.map((one) => JSON.stringify(one)),
      ),
    }),
    trial: ({ path: tail, ...rest }) => knock(house, { ...rest, url: `${URL_OF_GATEWAY}${tail}` }),
  });
  expect([...counts.keys()].filter((code) => /^\d/.test(code))).toEqual([]);
  expect(house.site.accepted).toEqual([]);
}, 3_600_000);

test('a control plane that sends anything: signed well, and still refused', async () => {
  const good = await goodMessages();
  const bodies = good.flatMap(({ body }) => (body === undefined ? [] : [JSON.parse(body)]));
  const house = openHouse();
  const counts = await survives({
    name: 'gateway, signed nonsense',
    inputs: fc.record({
      at: fc.oneof(
        { weight: 6, arbitrary: door },
        { weight: 1, arbitrary: fc.record({ method, path }) },
      ),
      body: fc.oneof(fc.oneof(json, spoiltJson(bodies), spoiltJson(bodies)).map(safely), bytes),
    }),
    trial: async ({ at, body }) => {
      const stamp = { signer, createdMs: house.clock.now(), nonce: random(16) };
      const plain = { method: at.method, url: `${URL_OF_GATEWAY}${at.path}`, headers: {}, body };
      return knock(house, await signRequest(plain, stamp));
    },
  });
  expect(counts.size).toBeGreaterThan(1);
  expect(house.site.accepted).toEqual([]);
}, 3_600_000);

/** Canonical where that is possible: else the door would see nothing but that it is not. */
function safely(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return JSON.stringify(value);
  }
}

test('good messages with a place spoilt on the way are nobody’s', async () => {
  const good = await goodMessages();
  const spoilers = fc.record({
    which: fc.nat(good.length - 1),
    part: fc.constantFrom(
      'body',
      'url',
      'method',
      'signature',
      'signature-input',
      'content-digest',
    ),
    text: fc.nat(1_000_000),
  });
  const house = openHouse();
  await survives({
    name: 'gateway, spoilt on the way',
    inputs: spoilers.chain(({ which, part }) => {
      const now = partOf(good[which], part);
      return spoilt([now]).map((text) => ({ which, part, text, same: text === now }));
    }),
    trial: async ({ which, part, text, same }) => {
      const message = good[which];
      // A server of Node refuses what is no word as a method: no door ever sees it.
      if (same || message === undefined || (part === 'method' && !/^[\w-]+$/.test(text)))
        return '-';
      const whole = ['body', 'url', 'method'].includes(part);
      const request: HttpRequest = whole
        ? { ...message, [part]: part === 'url' ? urlOf(text) : text }
        : { ...message, headers: { ...message.headers, [part]: text } };
      const code = await knock(house, request);
      expect(code).toMatch(/^GW-/);
      return code;
    },
  });
  expect(house.site.accepted).toEqual([]);
}, 3_600_000);

const partOf = (message: HttpRequest | undefined, part: string): string =>
  String({ ...message?.headers, ...message }[part as 'body'] ?? '');

/** A server makes an address of what was asked: something else never gets to the door. */
const urlOf = (text: string): string =>
  URL.canParse(text) ? new URL(text).href : `${URL_OF_GATEWAY}/v1/x`;

test('bytes on a socket', async () => {
  const house = openHouse();
  const served = await serveHttp((request) => house.running.handle(request), {
    ...{ host: '127.0.0.1', port: 0, limits: { ...doorLimits, headersMs: 300, requestMs: 300 } },
  });
  const port = Number(new URL(served.url).port);
  const head = 'POST /v1/asks HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}';
  const counts = await survives({
    name: 'gateway, bytes on a socket',
    runs: Math.ceil(INPUTS / 3),
    inputs: fc.oneof(bytes, spoilt([head, 'GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n'])),
    trial: async (text) => {
      const socket = connect(port, '127.0.0.1');
      let heard = '';
      socket.on('data', (chunk) => {
        heard += String(chunk);
      });
      socket.on('error', () => undefined);
      socket.end(text);
      await once(socket, 'close');
      return /^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 'closed';
    },
  });
  expect(counts.get('500')).toBeUndefined();
  const alive = await fetch(`${served.url}/v1/clock`, { signal: AbortSignal.timeout(5_000) });
  expect(alive.status).toBe(401);
  await served.close();
}, 3_600_000);
