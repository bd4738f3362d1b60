/** Messages that are fetched: over real sockets, through lost polls, double delivery and forgers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock, systemClock } from '../../lib/clock.ts';
import { gatewayClient } from '../../lib/gateway/client.ts';
import { mailboxHttp } from '../../lib/gateway/outbound/client.ts';
import { mailboxDoor } from '../../lib/gateway/outbound/door.ts';
import { pollMail } from '../../lib/gateway/outbound/poller.ts';
import { MAIL_LIFE_MS } from '../../lib/gateway/outbound/wire.ts';
import { signRequest } from '../../lib/gateway/signatures.ts';
import { type Http, type HttpRequest, serveHttp } from '../../lib/http.ts';
import { seededRandom, systemRandom } from '../../lib/random.ts';
import { memoryMailbox } from '../../lib/store/memory.ts';
import { deskOf, freePort, writeGatewayFolder } from './desk.ts';
import { codeOf, keys, newPair } from './support.ts';

const MAIL = 'https://mail.example';
const signer = { keyId: 'dr', privateKey: keys.own.privateKey };
const ID = `${'1'.padStart(14, '0')}-0123456789abcdef`;

/** A door, a gateway that echoes what it is asked, and a network between them that a test bends. */
function post() {
  const clock = manualClock();
  const random = seededRandom('outbound');
  const mailbox = memoryMailbox();
  const door = mailboxDoor({
    ...{ mailbox, clock },
    keyOf: (site) => (site === 'dr' ? keys.own.publicKey : undefined),
  });
  const handled: HttpRequest[] = [];
  const said: string[] = [];
  const stop = new AbortController();
  const world = {
    ...{ clock, random, mailbox, door, handled, said, stop },
    net: ((request) => door(request)) as Http,
    engine: mailboxHttp({ mailbox, site: 'dr', clock, random }),
    poll: () =>
      pollMail({
        ...{ url: MAIL, site: 'dr', signer, clock, random, stop: stop.signal },
        say: (text) => void said.push(text),
        http: (request) => world.net(request),
        handle: async (request) => {
          handled.push(request);
          return { status: 200, headers: {}, body: request.body ?? '' };
        },
      }),
  };
  return world;
}

const ask = (body: string) => ({
  ...{ method: 'POST', url: 'http://127.0.0.1:4720/v1/asks', headers: {}, body },
  timeoutMs: 60_000,
});

test('a gateway nobody can call serves its site over real sockets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-outbound-'));
  const mailbox = memoryMailbox();
  const clock = systemClock();
  const door = mailboxDoor({ mailbox, clock, keyOf: () => keys.own.publicKey });
  const served = await serveHttp(door, { host: '127.0.0.1', port: 0 });
  const port = await freePort();
  await writeGatewayFolder(folder, {
    listen: { host: '127.0.0.1', port },
    transport: { poll: { url: served.url } },
  });
  const desk = deskOf();
  const running = desk.run('run', folder);
  await desk.said(/listens on/);
  const gateway = gatewayClient({
    ...{ site: 'dr', url: `http://127.0.0.1:${port}`, clock, random: systemRandom },
    http: mailboxHttp({ mailbox, site: 'dr', clock, random: systemRandom }),
    signer: { keyId: 'control', privateKey: keys.control.privateKey },
    gatewayKey: keys.own.publicKey,
  });
  expect(await gateway.health()).toMatchObject({ site: 'dr' });
  desk.stop();
  // The poll that still waits in the door gets something, and ends.
  const id = `${String(clock.now()).padStart(14, '0')}-0123456789abcdef`;
  await mailbox.putMail('dr', { id, text: '' });
  await served.close();
  expect(await running).toBe(0);
  await rm(folder, { recursive: true });
});

test('a lost network is outlived: polls fail, answers are lost, and each message is handled once', async () => {
  const world = post();
  let times = 0;
  world.net = async (request) => {
    times++;
    if (times <= 4) throw new Error('connect ENETUNREACH');
    const answer = await world.door(request);
    // Every third exchange takes place and its answer is lost on the way back.
    if (times % 3 === 0) throw new Error('socket hang up');
    return answer;
  };
  const polling = world.poll();
  const answers = await Promise.all(['a', 'b', 'c'].map((body) => world.engine(ask(body))));
  expect(answers.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  expect(world.handled.map(({ body }) => body).sort()).toEqual(['a', 'b', 'c']);
  expect(world.said[0]).toMatch(/cannot be reached: connect ENETUNREACH/);
  expect(world.said[1]).toMatch(/reached again/);
  world.stop.abort();
  await polling;
});

test('nobody fetches: the sender is told that no answer came, and the message is not handed out late', async () => {
  const world = post();
  await expect(world.engine(ask('x'))).rejects.toThrow(/no message or answered none within 60 s/);
  world.clock.advance(MAIL_LIFE_MS);
  const polling = world.poll();
  const [answer] = await Promise.all([world.engine(ask('y'))]);
  expect(answer.body).toBe('y');
  expect(world.handled.map(({ body }) => body)).toEqual(['y']);
  world.stop.abort();
  await polling;
});

test('pauses grow to half a minute, and no two gateways knock at the same moment', async () => {
  const pauses: number[] = [];
  const world = post();
  const sleep = world.clock.sleep;
  world.net = async () => {
    throw new Error('down');
  };
  world.clock.sleep = async (ms) => {
    pauses.push(ms);
    if (pauses.length === 12) world.stop.abort();
    await sleep(0);
  };
  await world.poll();
  expect(pauses[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  expect(Math.min(...pauses.slice(-4))).toBeGreaterThanOrEqual(15_000);
  expect(new Set(pauses.slice(-4)).size).toBe(4);
});

test('the door: strangers, other sites, old and repeated messages get nothing', async () => {
  const { door, clock, random, mailbox } = post();
  await mailbox.putMail('dr', { id: ID, text: 'secret' });
  const signed = async (change: Partial<HttpRequest> = {}, at = clock.now(), key = signer) => {
    const request = {
      ...{ method: 'POST', url: `${MAIL}/gateway/dr/poll`, headers: {}, body: '{"seen":[]}' },
      ...change,
    };
    return signRequest(request, { signer: key, createdMs: at, nonce: random(16) });
  };
  const codeAt = async (request: HttpRequest) => {
    const { status, body } = await door(request);
    expect(body).not.toContain('secret');
    return status === 200 ? 'was let in' : String(JSON.parse(body).code);
  };
  const stranger = { keyId: 'dr', privateKey: newPair().privateKey };
  const good = await signed();
  expect(await codeAt({ ...good, headers: {} })).toBe('GW-SIGNATURE');
  expect(await codeAt({ ...good, body: '{"seen":[""]}' })).toBe('GW-SIGNATURE');
  expect(await codeAt(await signed({}, clock.now(), stranger))).toBe('GW-SIGNATURE');
  expect(await codeAt(await signed({ url: `${MAIL}/gateway/main/poll` }))).toBe('GW-SIGNATURE');
  expect(await codeAt(await signed({}, clock.now() - 62_000))).toBe('GW-CLOCK');
  expect(await codeAt(await signed({ body: '{"seen":["x"]}' }))).toBe('GW-BODY');
  expect(await codeAt(await signed({ url: `${MAIL}/gateway/dr/else` }))).toBe('GW-DOOR');
  expect(await codeAt(good)).toBe('was let in');
  expect(await codeAt(good)).toBe('GW-REPLAY');
});

test('the first answer stays, a second one is told so', async () => {
  const { mailbox } = post();
  expect(await mailbox.putAnswer('dr', { id: ID, text: 'one' })).toBe(true);
  expect(await mailbox.putAnswer('dr', { id: ID, text: 'two' })).toBe(false);
  expect(await mailbox.answer('dr', ID)).toBe('one');
});

test('what is too large for a mailbox is not sent, and this is said', async () => {
  const { engine } = post();
  const large = { ...ask('x'.repeat(5 * 1024 * 1024)) };
  expect(await codeOf(engine(large))).toMatch(/^GW-TOO-LARGE/);
});
