/** Door, notifier and directory against the simulated Slack. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { manualClock } from '../../lib/clock.ts';
import { type HttpRequest, networkHttp, serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { seededRandom } from '../../lib/random.ts';
import { actionIds } from '../../lib/slack/buttons.ts';
import { createWebClient } from '../../lib/slack/client.ts';
import { createDirectory } from '../../lib/slack/directory.ts';
import { createSlackDoor } from '../../lib/slack/door.ts';
import { doorConfig } from '../../lib/slack/door-config.ts';
import { MESSAGE_NOTE } from '../../lib/slack/notes.ts';
import { createNotifier } from '../../lib/slack/notifier.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { BOT } from '../../lib/twin/slack/emulator.ts';
import { startSlack } from '../../lib/twin/slack/slack.ts';
import { everyEvent, makeEvents, makeHead, makePlan, RUN, T } from './fixtures.ts';
import { SECRET, config as small, wishOf } from './support.ts';

const CHANNEL = 'C0DRDRILL';

async function open() {
  const config = await loadConfig('config');
  const store = memoryStore();
  const clock = manualClock(T);
  const lines: string[] = [];
  const line = (message: string, fields: object = {}) => {
    lines.push(JSON.stringify({ message, ...fields }));
  };
  const log = { debug: line, info: line, warn: line, error: line };
  const door = createSlackDoor({
    signingSecret: SECRET,
    config: doorConfig(config, small.runbooks),
    store,
    signal: async () => undefined,
    clock,
    random: seededRandom('whole'),
    log,
  });
  const lambda = await serveHttp(
    async ({ headers, body }: HttpRequest) => {
      const event = { headers, body, isBase64Encoded: false } as unknown;
      const answer = await door(event as APIGatewayProxyEventV2);
      return { status: answer.statusCode ?? 500, headers: {}, body: answer.body ?? '' };
    },
    { host: '127.0.0.1', port: 0 },
  );
  const slackOptions = {
    port: 0,
    config,
    signingSecret: SECRET,
    clock,
    doorUrl: lambda.url,
    http: networkHttp(),
  };
  const slack = await startSlack(slackOptions);
  const client = createWebClient(slack.apiUrl, BOT.token);
  const ask = async () => config;
  const notifier = createNotifier({ client, store, config: ask, clock, log });
  const directory = createDirectory({ client, config: ask });
  const close = async () => {
    await slack.close();
    await lambda.close();
  };
  return { slack, store, notifier, directory, clock, lines, close };
}

let world: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  world = await open();
});
afterAll(() => world.close());

it('asks, shows, approves, tells, and ends', async () => {
  const { slack, store, notifier, directory } = world;
  const typed = await slack.slashCommand({ person: 'kim', text: 'drill 지급결제 계정계' });
  expect(typed.body).toContain('접수했습니다');
  await notifier.show({
    head: makeHead(),
    plan: makePlan({ calls: 60 }),
    events: makeEvents(everyEvent('이유').slice(0, 9)),
  });
  expect(world.lines).toEqual([]);
  const [root, approval] = await slack.messages(CHANNEL);
  expect(root?.text).toContain('지급결제 계정계: 서울 주전산센터 → 대전 재해복구센터');
  const press = { channel: CHANNEL, messageTs: approval?.ts ?? '', actionId: actionIds.approve };
  await slack.pressButton({ ...press, person: 'lee' });
  world.clock.advance(1000);
  await slack.pressButton({ ...press, person: 'smith' });
  const items = await store.inbox(RUN);
  const note = JSON.parse((await store.note(RUN, MESSAGE_NOTE)) ?? '');
  expect(items.map((item) => wishOf(item).origin.messageTs)).toEqual([note.ts, note.ts]);
  const standings = await Promise.all(
    items.map((item) => directory.lookup(item.person, wishOf(item).origin)),
  );
  expect(standings).toMatchObject([
    { state: 'known', flags: [], sharedChannel: false },
    { state: 'known', flags: ['guest'] },
  ]);
  await slack.pressButton({ ...press, person: 'park', actionId: actionIds.details });
  expect(JSON.stringify(slack.whispers().at(-1))).toContain('local-clone-copygroups/PAY01-59');
  const ended = { result: 'passed' as const, reasons: [], endedAt: T };
  await notifier.show({
    head: makeHead({ state: 'ended', result: ended, seq: 40 }),
    plan: makePlan(),
    events: makeEvents(everyEvent('이유')),
  });
  const [last, closed] = await slack.messages(CHANNEL);
  expect(last?.text).toContain('합격');
  expect(JSON.stringify(closed)).not.toContain(actionIds.approve);
  expect(slack.whispers().some(({ text }) => text.includes('거절되었습니다'))).toBe(true);
  expect(world.lines.join('\n')).toBe('');
});

it('lets a run go on while Slack is unwell', async () => {
  const { slack, notifier, lines } = world;
  const run = 'r-aaaaaaaaaa';
  const seen = (seq: number) => ({ head: makeHead({ run, seq }), plan: makePlan(), events: [] });
  for (const fault of ['rate-limited', 'http-500'] as const) {
    slack.fault(fault);
    await notifier.show(seen(5));
  }
  slack.fault(undefined);
  expect(lines.join()).toContain('slack.unshown');
  const before = (await slack.messages(CHANNEL)).length;
  await notifier.show(seen(6));
  expect(await slack.messages(CHANNEL)).toHaveLength(before + 2);
});
