/** Forged, altered, old, foreign and repeated messages, in both directions. */
import { canonical } from '../../lib/canonical.ts';
import { signAnswer, signRequest, verifyAnswer } from '../../lib/gateway/signatures.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { codeOf, keys, newPair, openHouse, URL_OF_GATEWAY } from './support.ts';

const signer = { keyId: 'control', privateKey: keys.control.privateKey };
const read = { target: 'array:900000040015', path: '/configuration/version' };
const request = (change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: `${URL_OF_GATEWAY}/v1/reads`,
  headers: {},
  body: canonical(read),
  ...change,
});
let serial = 0;
const nonce = () => (++serial).toString(16).padStart(16, '0');

/** What the gateway answers to one raw message. */
async function answerTo(message: HttpRequest, house = openHouse()) {
  const answer = await house.running.handle(message);
  const code =
    answer.body === '' ? undefined : (JSON.parse(answer.body).code as string | undefined);
  return { status: answer.status, code, signed: 'signature' in answer.headers };
}

const refusedAs = (code: string) => ({ status: 401, code, signed: true });

test('unsigned, forged, altered and foreign messages are refused, and the refusal is signed', async () => {
  const house = openHouse();
  const at = { createdMs: house.clock.now(), nonce: nonce() };
  const good = await signRequest(request(), { signer, ...at });
  const stranger = { keyId: 'control', privateKey: newPair().privateKey };
  const unknown = { ...signer, keyId: 'else' };
  const reject = refusedAs('GW-SIGNATURE');
  expect(await answerTo(request(), house)).toEqual(reject);
  expect(await answerTo(await signRequest(request(), { signer: stranger, ...at }), house)).toEqual(
    reject,
  );
  expect(await answerTo(await signRequest(request(), { signer: unknown, ...at }), house)).toEqual(
    reject,
  );
  expect(await answerTo({ ...good, body: canonical({ ...read, path: '/x' }) }, house)).toEqual(
    reject,
  );
  expect(await answerTo({ ...good, method: 'PUT' }, house)).toEqual(reject);
  expect(await answerTo({ ...good, url: `${URL_OF_GATEWAY}/v1/asks` }, house)).toEqual(reject);
  for (const name of ['signature', 'signature-input', 'content-digest']) {
    const { [name]: _gone, ...headers } = good.headers;
    expect(await answerTo({ ...good, headers }, house)).toEqual(reject);
  }
  expect(await answerTo(good, house)).toEqual({ status: 200, code: undefined, signed: true });
});

test('a signature that leaves the body out is refused', async () => {
  const house = openHouse();
  const good = await signRequest(request(), {
    signer,
    createdMs: house.clock.now(),
    nonce: nonce(),
  });
  const input = good.headers['signature-input']?.replace(' "content-digest"', '') ?? '';
  const headers = { ...good.headers, 'signature-input': input };
  expect(await answerTo({ ...good, headers }, house)).toEqual(refusedAs('GW-SIGNATURE'));
});

test('a message for the other gateway is refused here', async () => {
  const house = openHouse();
  const url = 'http://127.0.0.1:4710/v1/reads';
  const stamp = { signer, createdMs: house.clock.now(), nonce: nonce() };
  const message = await signRequest(request({ url }), stamp);
  expect(await answerTo(message, house)).toEqual(refusedAs('GW-ADDRESS'));
});

test('outside 300 seconds, twice, or from before the start: refused', async () => {
  const house = openHouse();
  house.clock.advance(400_000);
  const now = house.clock.now();
  const stamped = (createdMs: number) =>
    signRequest(request(), { signer, createdMs, nonce: nonce() });
  expect(await answerTo(await stamped(now - 302_000), house)).toEqual(refusedAs('GW-CLOCK'));
  expect(await answerTo(await stamped(now + 302_000), house)).toEqual(refusedAs('GW-CLOCK'));
  const good = await stamped(now - 290_000);
  expect((await answerTo(good, house)).status).toBe(200);
  expect(await answerTo(good, house)).toEqual(refusedAs('GW-REPLAY'));
  house.clock.advance(5_000);
  expect(await answerTo(good, house)).toEqual(refusedAs('GW-REPLAY'));
  const fresh = await stamped(house.clock.now());
  expect((await answerTo(fresh, house)).status).toBe(200);
  house.restart();
  expect(await answerTo(fresh, house)).toEqual(refusedAs('GW-STALE'));
});

test('the client signs a stale message again, once', async () => {
  const house = openHouse();
  house.restart();
  house.clock.advance(-1000);
  let tries = 0;
  house.tap = (http) => (message) => {
    tries++;
    return http(message);
  };
  expect((await house.gateway.health()).site).toBe('dr');
  expect(tries).toBe(2);
});

test('answers that are altered, unsigned, of another request or of another key are no answers', async () => {
  const house = openHouse();
  const stranger = { keyId: 'x', privateKey: newPair().privateKey };
  let earlier: Awaited<ReturnType<typeof house.running.handle>> | undefined;
  const taps: (typeof house.tap)[] = [
    (http) => async (one) => ({ ...(await http(one)), body: '{}' }),
    (http) => async (one) => ({ ...(await http(one)), status: 404 }),
    (http) => async (one) => ({ ...(await http(one)), headers: {} }),
    (http) => async (one) =>
      signAnswer(await http(one), one, { signer: stranger, createdMs: 0, nonce: nonce() }),
    (http) => async (one) => {
      const answer = await http(one);
      earlier ??= answer;
      return earlier === answer ? answer : earlier;
    },
    () => async () => ({ status: 502, headers: {}, body: '<html>bad gateway</html>' }),
    () => async () => {
      throw new Error('connect ECONNREFUSED');
    },
  ];
  for (const tap of taps) {
    house.tap = tap;
    await house.gateway.health().catch(() => {});
    expect(await codeOf(house.gateway.health())).toBe('GW-UNREACHABLE');
  }
});

test('a receipt that was signed by somebody else, or is about another read, is no answer', async () => {
  const house = openHouse();
  const resign: typeof house.tap = (http) => async (one) => {
    const answer = await http(one);
    const body = canonical({ ...JSON.parse(answer.body), counter: 99 });
    const stamp = {
      signer: { keyId: 'x', privateKey: keys.own.privateKey },
      createdMs: house.clock.now(),
      nonce: nonce(),
    };
    return signAnswer({ status: 200, headers: {}, body }, one, stamp);
  };
  house.tap = resign;
  expect(await codeOf(house.gateway.read(read.target, read.path))).toBe('GW-UNREACHABLE');
});

test('verifying binds an answer to its request', async () => {
  const stamp = { signer, createdMs: 1_000_000, nonce: nonce() };
  const asked = await signRequest(request(), stamp);
  const other = await signRequest(request({ method: 'PUT' }), { ...stamp, nonce: nonce() });
  const reply = { status: 200, headers: {}, body: '{}' };
  const answer = await signAnswer(reply, asked, stamp);
  expect(await verifyAnswer(answer, asked, keys.control.publicKey)).toMatchObject({ ok: true });
  expect(await verifyAnswer(answer, other, keys.control.publicKey)).toMatchObject({ ok: false });
});

test('bodies that are not canonical, not of the agreed shape, or for no door are refused', async () => {
  const house = openHouse();
  const send = async (change: Partial<HttpRequest>) => {
    const stamp = { signer, createdMs: house.clock.now(), nonce: nonce() };
    return (await answerTo(await signRequest(request(change), stamp), house)).code;
  };
  expect(await send({ body: '{ "target":"probe","path":"x" }' })).toBe('GW-BODY');
  expect(await send({ body: '{"path":"x","target":"probe","path":"y"}' })).toBe('GW-BODY');
  expect(await send({ body: 'no json' })).toBe('GW-BODY');
  expect(await send({ body: canonical({ ...read, more: 1 }) })).toBe('GW-BODY');
  expect(await send({ url: `${URL_OF_GATEWAY}/v1/nothing` })).toBe('GW-DOOR');
  expect(await send({ url: `${URL_OF_GATEWAY}/v1/reads?x=1` })).toBe('GW-DOOR');
  expect(await send({ url: `${URL_OF_GATEWAY}/v1/asks`, body: canonical({ key: 'x' }) })).toBe(
    'GW-BODY',
  );
});
