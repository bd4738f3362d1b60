/** A gateway serves its version of the protocol and the one before, word for word as it was then. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from '@jest/globals';
import { signStatement } from '../../lib/approval/statement.ts';
import { canonical } from '../../lib/canonical.ts';
import type { SignedStatement } from '../../lib/gateway/protocol.ts';
import { signRequest, verifyAnswer } from '../../lib/gateway/signatures.ts';
import type { HttpRequest, HttpResponse } from '../../lib/http.ts';
import { type House, keys, openHouse, URL_OF_GATEWAY } from './support.ts';

interface Said {
  readonly what: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly answer: string;
}

const HISTORIES = 'test/histories';
const versions = readdirSync(HISTORIES).filter((version) =>
  existsSync(join(HISTORIES, version, 'messages.json')),
);
const saidIn = (version: string): Said[] =>
  JSON.parse(readFileSync(join(HISTORIES, version, 'messages.json'), 'utf8'));

let nonces = 0;
async function send(
  house: House,
  asked: Pick<Said, 'method' | 'path'> & { readonly body?: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<{ answer: HttpResponse; believed: boolean }> {
  const unsigned: HttpRequest = {
    method: asked.method,
    url: `${URL_OF_GATEWAY}${asked.path}`,
    headers,
    ...(asked.body === undefined ? {} : { body: asked.body }),
  };
  const signer = { keyId: 'control', privateKey: keys.control.privateKey };
  const stamp = { signer, createdMs: house.clock.now(), nonce: String(nonces++).padStart(16, '0') };
  const request = await signRequest(unsigned, stamp);
  const answer = await house.running.handle(request);
  await house.running.settled();
  return { answer, believed: (await verifyAnswer(answer, request, keys.own.publicKey)).ok };
}

/** The keys of then are gone: what they signed is signed with those of this test. */
function signedAnew(body: string | undefined): string | undefined {
  if (body === undefined || !body.includes('"statements"')) return body;
  const whole = JSON.parse(body) as { statements: SignedStatement[] };
  const signer = { keyId: 'control', privateKey: keys.control.privateKey };
  const statements = whole.statements.map(({ statement }) => signStatement(statement, signer));
  return canonical({ ...whole, statements });
}

/** What differs from one gateway, and one moment, to the next. */
const OWN = /^(incarnation|signature|keyId|counter|nowMs|sentAt|receivedAt|acceptedAt|answeredAt)$/;
const masked = (answer: string): unknown =>
  JSON.parse(answer, (name, value: unknown) => {
    if (name === 'targets' && Array.isArray(value)) return value.filter(isOld);
    return OWN.test(name) ? typeof value : value;
  });

/** A gateway may reach more than it did: an old control plane asks for what it knows. */
const isOld = (target: unknown): boolean =>
  /^(array|cinder|nova|neutron|probe)(:|$)/.test(String(target));

/** Of a refusal the code is agreed, its words are for people. */
const agreed = ({ status, body }: { status: number; body: string }): unknown =>
  status < 400
    ? { status, answer: masked(body) }
    : { status, code: JSON.parse(body).code, fields: Object.keys(JSON.parse(body)).sort() };

describe.each(versions)('what a control plane of %s says', (version) => {
  const house = openHouse();
  const said = saidIn(version);

  it('covers every door it had, and refusals', () => {
    expect(new Set(said.map(({ method, path }) => `${method} ${path.slice(0, 9)}`)).size).toBe(6);
    expect(said.filter(({ status }) => status >= 400).length).toBeGreaterThan(8);
  });

  it.each(said.map((one) => [one.what, one] as const))('%s', async (_, then) => {
    house.clock.advance(Math.max(0, then.at - house.clock.now()));
    const body = signedAnew(then.body);
    const { answer, believed } = await send(house, {
      method: then.method,
      path: then.path,
      ...(body === undefined ? {} : { body }),
    });
    expect(believed).toBe(true);
    expect(agreed(answer)).toEqual(agreed({ status: then.status, body: then.answer }));
  });
});

describe('versions', () => {
  const health = { method: 'GET', path: '/v1/health' };

  test('health says which are served, to whom it can be said', async () => {
    const house = openHouse();
    const now = await send(house, health, { 'drillbook-protocol': '2' });
    expect(JSON.parse(now.answer.body)).toMatchObject({ versions: [1, 2] });
    expect(await house.gateway.health()).toMatchObject({ versions: [1, 2] });
    const then = await send(house, health);
    expect(JSON.parse(then.answer.body)).not.toHaveProperty('versions');
  });

  test.each(['0', '3', '2.0', ''])('version "%s" is refused, saying both', async (said) => {
    const house = openHouse();
    const { answer, believed } = await send(house, health, { 'drillbook-protocol': said });
    expect(believed).toBe(true);
    expect(answer.status).toBe(426);
    const refusal = JSON.parse(answer.body);
    expect(refusal).toMatchObject({ code: 'GW-PROTOCOL' });
    expect(refusal.what).toContain(`version ${said}, this gateway 1 and 2`);
  });

  test('a door that came later is none to version 1, and hears nothing of it', async () => {
    const house = openHouse();
    await house.approve();
    const lines = house.disk.lines.length;
    const { planHash, plan } = house;
    const body = canonical({ unit: plan.unit, epoch: 2, planHash, run: plan.run });
    const { answer } = await send(house, { method: 'POST', path: '/v1/epochs', body });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'GW-DOOR' });
    expect(house.disk.lines).toHaveLength(lines);
  });

  test('the version is signed: changed on the way it is not believed', async () => {
    const house = openHouse();
    house.tap = (http) => (request) =>
      http({ ...request, headers: { ...request.headers, 'drillbook-protocol': '1' } });
    await expect(house.gateway.health()).rejects.toMatchObject({ code: 'GW-SIGNATURE' });
    house.tap = (http) => (request) => {
      const { 'drillbook-protocol': _gone, ...headers } = request.headers;
      return http({ ...request, headers });
    };
    await expect(house.gateway.health()).rejects.toMatchObject({ code: 'GW-SIGNATURE' });
  });

  test('the client speaks its own version only', async () => {
    const house = openHouse();
    const spoken: (string | undefined)[] = [];
    house.tap = (http) => (request) => {
      spoken.push(request.headers['drillbook-protocol']);
      return http(request);
    };
    await house.approve();
    await house.done('split.group');
    expect(new Set(spoken)).toEqual(new Set(['2']));
  });
});
