/** The Slack door under anything: it answers with 200, 400 or 401, and a stranger starts nothing. */
import fc from 'fast-check';
import { click, command, form, openWorld, payload, signed, type World } from '../slack/support.ts';
import { bytes, json, spoilt, spoiltJson } from './inputs.ts';
import { survives } from './survive.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const press = () =>
  click(world, { action: 'drillbook:approve', value: '{"run":"r-0123456789","planHash":"ab"}' });
const types = fc.constantFrom(
  ...['application/x-www-form-urlencoded', 'application/json', 'text/plain', 'multipart/form-data'],
  '',
);

async function answer(event: ReturnType<typeof signed>): Promise<string> {
  const { statusCode } = await world.door(event);
  expect([200, 400, 401]).toContain(statusCode);
  return `${statusCode}`;
}

test('unsigned: any headers and body', async () => {
  const names = [
    'X-Slack-Signature',
    'x-slack-request-timestamp',
    'content-type',
    'X-Slack-Retry-Num',
  ];
  const values = fc.oneof(fc.string(), bytes, fc.constant('v0='), fc.constant('1795400000'));
  await survives({
    name: 'Slack, unsigned',
    inputs: fc.record({
      headers: fc.dictionary(fc.constantFrom(...names), values),
      body: fc.oneof(bytes, spoilt([form(command('drill payments')), payload(press())])),
      base64: fc.boolean(),
    }),
    trial: ({ headers, body, base64 }) => {
      const event = signed('', world.clock, { unsigned: true });
      return answer({ ...event, headers, body, isBase64Encoded: base64 });
    },
  });
  expect(world.inbox).toEqual([]);
}, 3_600_000);

test('signed: any body of any type', async () => {
  const texts = [form(command('drill payments')), payload(press())];
  const commands = fc.oneof(fc.string(), bytes).map((text) => form(command(text)));
  await survives({
    name: 'Slack, signed',
    inputs: fc.record({
      body: fc.oneof(
        ...[bytes, spoilt(texts), commands, json.map((value) => JSON.stringify(value))],
        fc
          .oneof(json, spoiltJson([press()]))
          .map((value) => form({ payload: JSON.stringify(value) })),
      ),
      contentType: types,
      base64: fc.boolean(),
    }),
    trial: ({ body, ...shape }) => answer(signed(body, world.clock, shape)),
  });
  for (const { run } of world.inbox) expect(run).toMatch(/^r-[0-9a-f]{10}$/);
}, 3_600_000);
