/** People at a terminal hand in what they signed: the function as AWS calls it, and the words that call it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { handler } from '../../handlers/api.ts';
import type { Offer } from '../../lib/approval/statement.ts';
import { canonical } from '../../lib/canonical.ts';
import { systemClock } from '../../lib/clock.ts';
import { fingerprint } from '../../lib/gateway/keys.ts';
import { type HttpRequest, serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { runDr } from '../../lib/local/dr.ts';
import { openFolder } from '../../lib/local/folder.ts';
import { headSchema } from '../../lib/run/head.ts';
import { causeOf } from '../../lib/run/session.ts';
import { type SignedWish, signWish, type WishOf } from '../../lib/run/wishes.ts';
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoStore } from '../../lib/store/dynamo.ts';
import { makeHead, RUN } from '../slack/fixtures.ts';
import { install } from '../support/installed.ts';

const root = mkdtempSync(join(tmpdir(), 'drillbook-wishes-'));
const before = { ...process.env };
const folder = openFolder(root, { fresh: false });
let database: LocalDatabase;
let aws: Awaited<ReturnType<typeof serveHttp>>;
let gate: Awaited<ReturnType<typeof serveHttp>>;
/** What the engine of these tests says to the next wish. */
let says: 'note' | 'refused' = 'note';

const offer: Offer = {
  ...{ v: 1, run: RUN, planHash: 'a'.repeat(64), factsHash: 'b'.repeat(64) },
  ...{ decision: 'approve', role: 'dr-approver', class: 'data', gateways: ['main', 'dr'] },
  notAfter: 1_795_309_200_000,
};

/** Journals each wish once, as the engine would. */
async function engine(): Promise<void> {
  const store = dynamoStore(database.address);
  for (const { delivery, person } of await store.inbox(RUN)) {
    const seq = (await store.chain(`run:${RUN}`)).length + 1;
    const refusal = { code: 'APR-SELF', what: 'No.', why: 'x', next: 'y' };
    const data =
      says === 'note' ? { person, text: 'taken' } : { person, verb: 'note', delivery, refusal };
    const id = `e${seq}`;
    const place = { v: 1, run: RUN, seq, ts: '2026-11-22T01:00:00.000Z', id, prev: '0'.repeat(64) };
    const actor = { id: person, kind: 'human' };
    const more = { actor, evidence: [], cause: causeOf(delivery), type: says, data };
    await store.append(`run:${RUN}`, { seq, id, line: canonical({ ...place, ...more }) });
    await store.takeInbox(RUN, delivery);
  }
}

/** What API Gateway makes of a request. */
const eventOf = ({ method, url, headers, body = '' }: HttpRequest): APIGatewayProxyEventV2 => ({
  ...{ version: '2.0', routeKey: 'POST /wishes', rawPath: new URL(url).pathname },
  ...{ rawQueryString: '', headers: { ...headers, Host: 'dr.example' }, isBase64Encoded: true },
  body: Buffer.from(body).toString('base64'),
  requestContext: {
    ...{
      accountId: '1',
      apiId: 'a',
      domainName: 'dr.example',
      domainPrefix: 'dr',
      stage: '$default',
    },
    ...{ requestId: 'r', routeKey: 'POST /wishes', time: '', timeEpoch: 0 },
    http: { method, path: '/wishes', protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: '' },
  },
});

async function post(body: string, path = '/wishes') {
  const request = { method: 'POST', url: `https://dr.example${path}`, headers: {}, body };
  const answer = await handler(eventOf(request));
  return { status: answer.statusCode ?? 0, body: JSON.parse(answer.body ?? '{}') };
}

beforeAll(async () => {
  await install(folder);
  database = await startDynalite();
  const host = { host: '127.0.0.1', port: 0 };
  const lambda = async () => ({ status: 202, headers: {}, body: '' });
  aws = await serveHttp(async () => {
    await engine();
    return lambda();
  }, host);
  gate = await serveHttp(async (request) => {
    const { statusCode = 0, body = '' } = await handler(eventOf(request));
    return { status: statusCode, headers: {}, body };
  }, host);
  Object.assign(process.env, {
    ...{ AWS_REGION: 'ap-northeast-2', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
    ...{ DRILLBOOK_CONFIG: folder.config, DRILLBOOK_KEYS: folder.keys },
    DRILLBOOK_TABLE: database.address.table,
    DRILLBOOK_DYNAMO_ENDPOINT: database.address.endpoint,
    DRILLBOOK_SIGNAL_URL: `${aws.url}/2015-03-31/functions/advance/invocations`,
  });
  const approval = {
    ...{ state: 'requested', needed: 2, role: 'dr-approver', granted: [] },
    ...{ expiresAt: offer.notAfter, statement: offer },
  } as const;
  const { decision: _, ...rest } = offer;
  const { role: __, notAfter: ___, ...words } = { ...rest, decision: 'skip' as const };
  const roles = { skip: 'operator', 'confirm-skip': 'dr-approver' };
  const skipping = { statement: words, roles, lastsMs: 3_600_000 };
  const head = { ...makeHead(), state: 'awaiting-approval', approval, skipping };
  const json = JSON.stringify(headSchema.parse(head));
  await dynamoStore(database.address).putHead({ run: RUN, seq: 0, json });
});
afterAll(async () => {
  process.env = before;
  await Promise.all([aws.close(), gate.close()]);
  await database.close();
  rmSync(root, { recursive: true });
});

const keyFile = (handle: string) => join(folder.keys, 'people', `${handle}.pem`);
let nonces = 0;

async function signed(change: Partial<WishOf> = {}, by = 'lee'): Promise<SignedWish> {
  const { people } = await loadConfig(folder.config);
  const person = people.find(({ handle }) => handle === 'lee')?.id ?? '';
  const privateKey = readFileSync(keyFile(by), 'utf8');
  const nonce = `${++nonces}`.padStart(32, '0');
  const order = { run: RUN, ask: { verb: 'note', text: 'n' } } as const;
  const wish: WishOf = {
    v: 1,
    kind: 'wish',
    person,
    at: systemClock().now(),
    nonce,
    order,
    ...change,
  };
  return signWish(wish, { key: fingerprint(privateKey), privateKey });
}

test('a signed wish reaches the inbox as that person; the same again is told the same', async () => {
  const body = JSON.stringify(await signed());
  expect(await post(body)).toEqual({ status: 200, body: { state: 'taken', event: 'note' } });
  expect(await post(body)).toEqual({ status: 200, body: { state: 'taken', event: 'note' } });
  expect(await dynamoStore(database.address).chain(`run:${RUN}`)).toHaveLength(1);
  says = 'refused';
  const answer = await post(JSON.stringify(await signed()));
  says = 'note';
  expect(answer.status).toBe(409);
  expect(answer.body.refusal.en.code).toBe('APR-SELF');
  expect(answer.body.refusal.ko.what).toMatch(/[가-힣]/);
});

test('a look answers the runs and the time, and journals nothing', async () => {
  const lines = (await dynamoStore(database.address).chain(`run:${RUN}`)).length;
  const { order: _, ...look } = (await signed()).wish;
  const privateKey = readFileSync(keyFile('lee'), 'utf8');
  const own = { key: fingerprint(privateKey), privateKey };
  const { status, body } = await post(JSON.stringify(signWish(look, own)));
  expect(status).toBe(200);
  expect(body.runs.map((head: { run: string }) => head.run)).toEqual([RUN]);
  expect(Math.abs(body.now - systemClock().now())).toBeLessThan(60_000);
  expect((await dynamoStore(database.address).chain(`run:${RUN}`)).length).toBe(lines);
});

test.each<[string, () => Promise<string>, number, string]>([
  ['bytes', async () => '\u0000{', 400, 'WISH-BODY'],
  ['another thing', async () => JSON.stringify({ wish: 1 }), 400, 'WISH-BODY'],
  ['too much', async () => 'x'.repeat(16_385), 413, 'WISH-SIZE'],
  ['the key of another', async () => JSON.stringify(await signed({}, 'park')), 401, 'WISH-KEY'],
  ['nobody’s wish', async () => JSON.stringify(await signed({ person: 'p-0' })), 401, 'WISH-KEY'],
  [
    'a changed wish',
    async () => (await signed().then((one) => JSON.stringify(one))).replace('"n"', '"m"'),
    ...([401, 'WISH-KEY'] as const),
  ],
  ['an old wish', async () => JSON.stringify(await signed({ at: 1 })), 400, 'WISH-CLOCK'],
  [
    'a wish of tomorrow',
    async () => JSON.stringify(await signed({ at: systemClock().now() + 400_000 })),
    ...([400, 'WISH-CLOCK'] as const),
  ],
  [
    'of no run',
    async () =>
      JSON.stringify(await signed({ order: { run: 'r-0', ask: { verb: 'note', text: 'n' } } })),
    ...([404, 'WISH-RUN'] as const),
  ],
])(
  '%s is refused in both languages, and nothing lies in the inbox',
  async (_, body, status, code) => {
    const answer = await post(await body());
    expect([answer.status, answer.body.refusal.en.code]).toEqual([status, code]);
    expect(answer.body.refusal.ko.next).toMatch(/[가-힣]/);
    expect(JSON.stringify(answer.body)).not.toContain('PRIVATE');
    expect(await dynamoStore(database.address).inbox(RUN)).toEqual([]);
  },
);

test('a statement is not a wish, nor a wish a statement: each is signed for one thing', async () => {
  const privateKey = readFileSync(keyFile('lee'), 'utf8');
  const wish = { ...offer, person: 'p-f054e0b8', nonce: '1'.repeat(32) };
  const body = { wish, key: fingerprint(privateKey), signature: 'AA==' };
  expect((await post(JSON.stringify(body))).body.refusal.en.code).toBe('WISH-BODY');
});

async function dr(words: readonly string[], typed = ''): Promise<{ exit: number; said: string }> {
  const out: string[] = [];
  const screen = { write: (text: string) => void out.push(text), columns: undefined };
  const at = ['--url', gate.url, '--config', folder.config];
  const exit = await runDr([...words, ...at], screen, async () => typed);
  return { exit, said: out.join('') };
}
const lastAsk = async () => {
  const lines = await dynamoStore(database.address).chain(`run:${RUN}`);
  return JSON.parse(lines.at(-1)?.line ?? '{}');
};

describe('npm run dr -- --url', () => {
  test('shows the runs, approves with a statement of one’s own, skips and orders', async () => {
    const lee = ['--as', 'lee', '--key', keyFile('lee')];
    const han = ['--as', 'han', '--key', keyFile('han')];
    expect((await dr(['runs', ...lee])).said).toContain(RUN);
    const approved = await dr(['approve', RUN, ...lee], 'payments');
    expect(approved.said).toContain('word code');
    expect(approved.exit).toBe(0);
    const skip = await dr(['skip', RUN, 'step1', ...han, '--reason', 'why'], 'step1');
    expect(skip.said).toContain('"decision":"skip"');
    expect(skip.exit).toBe(0);
    expect((await dr(['note', RUN, ...han, '--reason', 'hello'])).exit).toBe(0);
    expect((await lastAsk()).actor.id).toBe('p-27f82f94');
    says = 'refused';
    const refused = await dr(['pause', RUN, ...han, '--reason', 'why']);
    says = 'note';
    expect(refused.exit).toBe(1);
    expect(refused.said).toMatch(/APR-SELF: .*[가-힣]/);
  });

  test('takes a key, and words that a deployment knows', async () => {
    const han = ['--as', 'han', '--key', keyFile('han')];
    await expect(dr(['runs', '--as', 'han'])).rejects.toThrow('--key');
    await expect(dr(['drill', 'payments', ...han])).rejects.toThrow('not for a deployment');
  });
});

test('more than people make in a minute is turned away before it is read', async () => {
  const codes = new Set<string>();
  for (let i = 0; i < 130; i++) codes.add((await post('x')).body.refusal.en.code);
  expect([...codes].at(-1)).toBe('WISH-RATE');
});
