/** A process in the wrong place, or half configured, does not start, and says what is wrong. */
import { readEnv } from '../lib/env.ts';

const korea = ['ap-northeast-2'];
const aws = {
  AWS_REGION: 'ap-northeast-2',
  DRILLBOOK_BLOBS: 's3://drillbook-evidence',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'key',
  AWS_SESSION_TOKEN: 'session',
};
const local = {
  DRILLBOOK_DYNAMO_ENDPOINT: 'http://127.0.0.1:8000',
  DRILLBOOK_BLOBS: '/tmp/blobs',
};

test('in AWS: the region of the function, and its credentials', () => {
  expect(readEnv(aws, korea)).toEqual({
    region: 'ap-northeast-2',
    allowedRegions: korea,
    table: 'drillbook',
    blobs: 's3://drillbook-evidence',
    config: 'config',
    runbooks: 'runbooks',
    keys: 'keys',
    packs: 'packs',
    credentials: { accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'session' },
  });
});

test.each([
  ['another region', { ...aws, AWS_REGION: 'us-east-1' }, /The region is us-east-1\./],
  ['a neighbour', { ...aws, AWS_REGION: 'ap-northeast-1' }, /Allowed: ap-northeast-2\./],
  ['no region at all', { ...aws, AWS_REGION: undefined }, /AWS_REGION is not set/],
  ['an empty region', { ...aws, AWS_REGION: '' }, /AWS_REGION is not set/],
  [
    'a local table but a bucket abroad',
    { ...local, DRILLBOOK_BLOBS: 's3://b', AWS_REGION: 'us-east-1' },
    /The region is us-east-1\./,
  ],
])('refused: %s', (_what, raw, message) => {
  expect(() => readEnv(raw, korea)).toThrow(message);
  expect(() => readEnv(raw, korea)).toThrow(expect.objectContaining({ code: 'STORE-REGION' }));
});

test('an empty list allows nothing, not everything', () => {
  expect(() => readEnv(aws, [])).toThrow(expect.objectContaining({ code: 'STORE-REGION' }));
  expect(() => readEnv(local, [])).toThrow(expect.objectContaining({ code: 'STORE-REGION' }));
});

test('on one machine the region of the shell does not matter', () => {
  const env = readEnv({ ...local, AWS_REGION: 'us-east-1' }, korea);
  expect(env).toMatchObject({ region: 'ap-northeast-2', dynamoEndpoint: 'http://127.0.0.1:8000' });
  expect(env.credentials).toEqual({ accessKeyId: 'local', secretAccessKey: 'local' });
});

test.each([
  ['DRILLBOOK_DYNAMO_ENDPOINT', 'http://10.0.0.5:8000', /only an address of this machine/],
  ['DRILLBOOK_DYNAMO_ENDPOINT', 'http://127.0.0.1.example.com', /only an address of this machine/],
  ['DRILLBOOK_SIGNAL_URL', 'not a url', /DRILLBOOK_SIGNAL_URL/],
  ['DRILLBOOK_CLOCK', '{', /DRILLBOOK_CLOCK: not JSON/],
  ['DRILLBOOK_CLOCK', '{"realStartMs":0,"virtualStartMs":0,"factor":0}', /DRILLBOOK_CLOCK/],
])('%s=%s is refused with its name', (name, value, message) => {
  expect(() => readEnv({ ...local, [name]: value }, korea)).toThrow(message);
});

test('one clock for all processes is read as it was handed over', () => {
  const clock = { realStartMs: 1, virtualStartMs: 2, factor: 20 };
  const env = readEnv({ ...local, DRILLBOOK_CLOCK: JSON.stringify(clock) }, korea);
  expect(env.clock).toEqual(clock);
});
