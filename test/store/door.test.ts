/** What the door writes with plain signed requests is what the engine reads through dynamoose. */
import { type Http, serveHttp } from '../../lib/http.ts';
import { type DoorAddress, doorStore } from '../../lib/store/door.ts';
import { type LocalDatabase, startDynalite } from '../../lib/store/dynalite.ts';
import { dynamoStore } from '../../lib/store/dynamo.ts';
import { inboxKey } from '../../lib/store/keys.ts';
import { modelOf } from '../../lib/store/table.ts';

const credentials = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'only-for-tests' };
const signalUrl = 'http://127.0.0.1:9/2015-03-31/functions/drillbook-dev-advance/invocations';

let database: LocalDatabase;
beforeAll(async () => {
  database = await startDynalite();
});
afterAll(() => database.close());

const address = (over: Partial<DoorAddress> = {}): DoorAddress => ({
  ...database.address,
  signalUrl,
  credentials,
  ...over,
});

const wish = {
  run: 'r-door',
  delivery: '1337.42.abcdef',
  at: 1_795_000_000_123,
  person: 'p-3ce3094d',
  body: '{"ask":{"verb":"open","service":"payments"},"말":"계정계 훈련"}',
};

test('an inbox item put by the door is read by the engine, attribute for attribute', async () => {
  const [door, engine] = [doorStore(address()), dynamoStore(database.address)];
  expect(await door.putInbox(wish)).toBe(true);
  expect(await door.putInbox(wish)).toBe(false);
  expect(await engine.putInbox(wish)).toBe(false);
  expect(await engine.inbox(wish.run)).toEqual([wish]);
  expect(await engine.dues()).toContainEqual({ run: wish.run, at: wish.at });

  const model = modelOf(database.address);
  const twin = { ...wish, delivery: 'by the engine' };
  await engine.putInbox(twin);
  const read = (delivery: string) => model.get(inboxKey(wish.run, delivery), { consistent: true });
  const [byDoor, byEngine] = [await read(wish.delivery), await read(twin.delivery)];
  expect(Object.keys(byDoor.toJSON()).sort()).toEqual(Object.keys(byEngine.toJSON()).sort());

  await engine.takeInbox(wish.run, wish.delivery);
  expect((await engine.inbox(wish.run)).map((item) => item.delivery)).toEqual(['by the engine']);
  expect(await door.putInbox(wish)).toBe(false);
});

test('heads written by the engine are read by the door, newest first', async () => {
  const [door, engine] = [doorStore(address()), dynamoStore(database.address)];
  expect(await door.head('r-none')).toBeUndefined();
  const head = (run: string, openedAt: number) => ({
    run,
    seq: 3,
    json: JSON.stringify({ openedAt, name: '인터넷 뱅킹' }),
  });
  await engine.putHead(head('r-old', 1_000));
  await engine.putHead(head('r-new', 2_000));
  expect(await door.head('r-old')).toEqual(head('r-old', 1_000));
  expect(await door.heads(10)).toEqual([head('r-new', 2_000), head('r-old', 1_000)]);
  expect(await door.heads(1)).toEqual([head('r-new', 2_000)]);
  await engine.putNote('r-new', 'slack.plan', '{"calls":[]}');
  expect(await door.note('r-new', 'slack.plan')).toBe('{"calls":[]}');
  expect(await door.note('r-old', 'slack.plan')).toBeUndefined();
});

test('a signal is an asynchronous invocation, signed, with the run and nothing else', async () => {
  const seen: Parameters<Http>[0][] = [];
  const lambda = await serveHttp(
    async (request) => {
      seen.push(request);
      return { status: 202, headers: {}, body: '' };
    },
    { host: '127.0.0.1', port: 0 },
  );
  const url = `${lambda.url}/2015-03-31/functions/drillbook-dev-advance/invocations`;
  await doorStore(address({ signalUrl: url })).signal('r-1');
  await lambda.close();
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ method: 'POST', url, body: '{"run":"r-1"}' });
  expect(seen[0]?.headers['x-amz-invocation-type']).toBe('Event');
  expect(seen[0]?.headers['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDLOCAL\/\d{8}\/ap-northeast-2\/lambda\/aws4_request/,
  );
});

test('an engine that refuses the signal, a table that is not there, a dead address: told', async () => {
  const broken = { status: 404, headers: {}, body: 'Function not found' };
  const lambda = await serveHttp(async () => broken, { host: '127.0.0.1', port: 0 });
  const door = doorStore(address({ signalUrl: lambda.url, table: 'not-there' }));
  await expect(door.signal('r')).rejects.toMatchObject({ code: 'STORE-ANSWER' });
  await expect(door.putInbox(wish)).rejects.toMatchObject({ code: 'STORE-ANSWER' });
  await expect(door.head('r')).rejects.toThrow(/DynamoDB answered 400/);
  await lambda.close();
  await expect(door.signal('r')).rejects.toThrow(/STORE-ANSWER: No answer from 127\.0\.0\.1/);
});
