/** The function as deployed: environment in, signed requests to database and Lambda out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { handler } from '../../handlers/slack.ts';
import { manualClock } from '../../lib/clock.ts';
import { type HttpRequest, serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { doorConfig, doorConfigSchema } from '../../lib/slack/door-config.ts';
import { command, config, form, SECRET, signed, textOf } from './support.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slack-door-'));
const before = { ...process.env };
let aws: Awaited<ReturnType<typeof serveHttp>>;
const asked: HttpRequest[] = [];

beforeAll(async () => {
  aws = await serveHttp(
    async (request) => {
      asked.push(request);
      return { status: request.url.includes('invocations') ? 202 : 200, headers: {}, body: '{}' };
    },
    { host: '127.0.0.1', port: 0 },
  );
});
afterAll(async () => {
  process.env = before;
  rmSync(folder, { recursive: true });
  await aws.close();
});

it('says what is missing, and opens once it is there', async () => {
  const startMs = Date.UTC(2026, 10, 22);
  const event = signed(form(command('drill payments')), manualClock(startMs));
  await expect(handler(event)).rejects.toThrow('DRILLBOOK_CONFIG');
  const file = path.join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ allowedRegions: ['ap-northeast-2'], door: config }));
  Object.assign(process.env, {
    DRILLBOOK_CONFIG: file,
    DRILLBOOK_DYNAMO_ENDPOINT: aws.url,
    DRILLBOOK_CLOCK: JSON.stringify({ realStartMs: 0, virtualStartMs: startMs, factor: 1e-9 }),
  });
  await expect(handler(event)).rejects.toThrow('DRILLBOOK_SIGNAL_URL');
  process.env['DRILLBOOK_SIGNAL_URL'] = `${aws.url}/2015-03-31/functions/advance/invocations`;
  await expect(handler(event)).rejects.toThrow('SLK-SECRET');
  process.env['SLACK_SIGNING_SECRET'] = SECRET;
  const fresh = signed(form(command('drill payments')), manualClock(startMs));
  expect(textOf(await handler(fresh))).toContain('접수했습니다');
  expect(
    asked.map(({ headers }) => headers['x-amz-target'] ?? headers['x-amz-invocation-type']),
    // The run is marked as due before the wish is put: a lost signal is then found.
  ).toEqual(['DynamoDB_20120810.PutItem', 'DynamoDB_20120810.PutItem', 'Event']);
});

it('packs no more of the configuration than the door needs', async () => {
  const packed = doorConfig(await loadConfig('config'), config.runbooks);
  expect(doorConfigSchema.parse(packed)).toEqual(packed);
  expect(packed.people.map(({ handle }) => handle)).toContain('yoon');
  expect(JSON.stringify(packed)).not.toMatch(/roles|10\.90|volumes|storageDeviceId/);
});
