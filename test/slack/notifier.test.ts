/** What the channel shows of a run: one root message, buttons that vanish, no frame worth a run. */
import { manualClock } from '../../lib/clock.ts';
import type { Config } from '../../lib/config.ts';
import { loadConfig } from '../../lib/load-config.ts';
import type { Head } from '../../lib/run/head.ts';
import { headSchema } from '../../lib/run/head.ts';
import type { SlackClient } from '../../lib/slack/client.ts';
import { SlackCallFailed } from '../../lib/slack/errors.ts';
import { checkMessage } from '../../lib/slack/limits.ts';
import { MESSAGE_NOTE, PLAN_NOTE } from '../../lib/slack/notes.ts';
import { createNotifier } from '../../lib/slack/notifier.ts';
import type { RunView } from '../../lib/slack/publish.ts';
import { memoryStore } from '../../lib/store/memory.ts';
import { everyEvent, HASH, makeEvents, makeHead, makePlan, RUN, steps, T } from './fixtures.ts';

interface Posted {
  ts: string;
  text: string;
  blocks: string;
  threadTs?: string;
  broadcast?: boolean;
}

/** A channel that keeps what was posted and refuses what Slack would refuse. */
function makeSlack() {
  let count = 0;
  const slack = {
    posted: [] as Posted[],
    whispers: [] as { user: string; text: string }[],
    calls: [] as string[],
    failures: [] as SlackCallFailed[],
    roots: () => slack.posted.filter((one) => one.threadTs === undefined),
    thread: (ts: string) => slack.posted.filter((one) => one.threadTs === ts),
  };
  const enter = (call: string, message: object) => {
    slack.calls.push(call);
    expect(checkMessage(message)).toEqual([]);
    const failure = slack.failures.shift();
    if (failure !== undefined) throw failure;
  };
  const find = (ts: string) => slack.posted.find((one) => one.ts === ts);
  const client: SlackClient = {
    post: async (message) => {
      enter('post', message);
      const { text, blocks, threadTs, broadcast } = message;
      if (threadTs !== undefined && find(threadTs) === undefined) throw gone('thread_not_found');
      const ts = `1.${++count}`;
      slack.posted.push({
        ts,
        text,
        blocks: JSON.stringify(blocks),
        ...(threadTs === undefined ? {} : { threadTs, broadcast: broadcast ?? false }),
      });
      return ts;
    },
    update: async (message) => {
      enter('update', message);
      const found = find(message.ts);
      if (found === undefined) throw gone('message_not_found');
      Object.assign(found, { text: message.text, blocks: JSON.stringify(message.blocks) });
    },
    ephemeral: async (message) => {
      enter('ephemeral', message);
      slack.whispers.push({ user: message.user, text: message.text });
    },
  };
  return Object.assign(slack, { client });
}

const gone = (error: string) => new SlackCallFailed({ kind: 'platform', error });
const limited = () =>
  new SlackCallFailed({ kind: 'rate-limited', error: 'ratelimited', retryAfterMs: 7_000 });
const away = () => new SlackCallFailed({ kind: 'unavailable', error: 'timeout' });

let config: Config;
beforeAll(async () => {
  config = await loadConfig('config');
});

function setup(slack = makeSlack(), store = memoryStore()) {
  const clock = manualClock(T);
  const log: string[] = [];
  const line = (message: string, fields: object = {}) => {
    log.push(JSON.stringify({ message, ...fields }));
  };
  const notifier = createNotifier({
    client: slack.client,
    store,
    config: async () => config,
    clock,
    log: { debug: line, info: line, warn: line, error: line },
  });
  return { slack, store, clock, log, notifier, show: notifier.show };
}

const plan = makePlan();
const head = (over: Partial<Head> = {}) => headSchema.parse(makeHead(over));
const seen = (over: Partial<Head> = {}, events: RunView['events'] = []): RunView => ({
  head: head(over),
  plan,
  events,
});
const [opened] = makeEvents(everyEvent('x'));
const running = (done: number, seq: number) =>
  seen({
    seq,
    state: 'running',
    steps: steps(3).map((step, i) => (i < done ? { ...step, state: 'done' } : step)),
  });

it('keeps one root message from the request to the end', async () => {
  const { slack, show } = setup();
  const ended = { result: 'passed' as const, reasons: [], endedAt: T };
  await show({
    head: head({ state: 'opening', planHash: undefined, approval: undefined, steps: [] } as never),
    events: opened ? [opened] : [],
  });
  await show(seen());
  await show(running(1, 5));
  await show(seen({ state: 'ended', result: ended, seq: 9 }));
  const [root, approval, ...others] = slack.roots();
  expect(others).toEqual([]);
  expect(root?.text).toContain('종료');
  expect(root?.blocks).not.toContain('"actions"');
  expect(approval?.text).toContain('승인');
  expect(slack.thread(root?.ts ?? '')).toHaveLength(1);
});

it('asks with buttons, names those who may, counts up, and takes the buttons away', async () => {
  const { slack, show, store } = setup();
  await show(seen());
  const [, approval] = slack.roots();
  expect(approval?.blocks).toMatch(/drillbook:details.*drillbook:approve.*drillbook:deny/);
  expect(approval?.text).toMatch(/<@U02LEE> <@U03PARK>/);
  expect(approval?.text).not.toContain('U07SMITH');
  expect(JSON.parse((await store.note(RUN, MESSAGE_NOTE)) ?? '')).toEqual({
    channel: 'C0DRDRILL',
    ts: approval?.ts,
  });
  expect(await store.note(RUN, PLAN_NOTE)).toContain('local-clone-copygroups');
  const granted = [{ person: 'p-f054e0b8', at: T }];
  const pending = { state: 'requested' as const, needed: 2, role: 'dr-approver', expiresAt: T };
  await show(seen({ approval: { ...pending, granted }, seq: 5 }));
  expect(approval?.blocks).toContain('이서준');
  expect(approval?.blocks).toContain('drillbook:approve');
  const both = [...granted, { person: 'p-2bc318aa', at: T }];
  const complete = { ...pending, state: 'complete' as const, granted: both };
  await show(seen({ state: 'running', approval: complete, seq: 6 }));
  expect(approval?.blocks).not.toContain('"actions"');
  expect(approval?.text).toContain('승인 완료');
  expect(slack.roots()).toHaveLength(2);
});

it.each([
  ['rejected', '반려'],
  ['expired', '기한 만료'],
  ['voided', '무효'],
  ['requested', '철회'],
] as const)(
  'says it is %s and leaves no button, also before the run has ended',
  async (state, word) => {
    const { slack, show } = setup();
    await show(seen());
    const decided = { state, needed: 2, role: 'dr-approver', expiresAt: T, granted: [] };
    await show(seen({ state: 'running', approval: decided, seq: 5 }));
    const [, approval] = slack.roots();
    expect(approval?.text).toContain(word);
    expect(approval?.blocks).not.toContain('"actions"');
  },
);

it('asks anew for another plan and voids the old message', async () => {
  const { slack, show, store } = setup();
  await show(seen());
  await show(seen({ planHash: 'f'.repeat(64), seq: 5 }));
  const [, old, fresh] = slack.roots();
  expect(old?.blocks).not.toContain('"actions"');
  expect(fresh?.blocks).toContain('f'.repeat(64));
  expect(await store.note(RUN, MESSAGE_NOTE)).toContain(fresh?.ts);
  expect(HASH).not.toBe('f'.repeat(64));
});

it('asks people and closes the question', async () => {
  const { slack, show } = setup();
  const ask = {
    step: 'step1',
    role: 'dba',
    instruction: { ko: 'DB를 복구 <모드>로', en: 'recover' },
    parts: ['performed' as const, 'witnessed' as const],
    deadline: T,
  };
  const asking = { state: 'running' as const };
  await show(seen({ ...asking, asks: [ask] }));
  const question = slack.roots().at(-1);
  expect(question?.blocks).toMatch(/answer:performed.*answer:witnessed/);
  expect(question?.blocks).toContain('복구 &lt;모드&gt;로');
  await show(seen({ ...asking, seq: 5, asks: [{ ...ask, parts: ['witnessed'] }] }));
  expect(question?.blocks).not.toContain('answer:performed');
  await show(seen({ ...asking, seq: 6 }));
  expect(question?.blocks).not.toContain('"actions"');
  expect(slack.roots()).toHaveLength(2);
});

it('tells each event once, after a restart too', async () => {
  const first = setup();
  const events = makeEvents(everyEvent('한글 <b>'));
  await first.show(seen({ state: 'running' }, events.slice(0, 20)));
  const second = setup(first.slack, first.store);
  await second.show(seen({ state: 'running', seq: 40 }, events));
  await second.show(seen({ state: 'running', seq: 40 }, events));
  const [root] = first.slack.roots();
  const thread = first.slack.thread(root?.ts ?? '');
  const told = thread.map((one) => one.blocks).join('');
  expect(told.match(/승인 완료/g)).toHaveLength(1);
  expect(told.match(/일시 정지/g)).toHaveLength(1);
  expect(told).not.toContain('<b>');
  expect(thread.some((one) => one.broadcast)).toBe(true);
  expect(first.slack.roots()).toHaveLength(1);
});

it('tells a refusal to every account of the person, and nobody else', async () => {
  const { slack, show } = setup();
  const refused = makeEvents(everyEvent('이유')).filter((event) => event.type === 'refused');
  await show(seen({}, refused));
  await show(seen({ seq: 9 }, refused));
  expect(slack.whispers.map(({ user }) => user)).toEqual(['U02LEE', 'U92LEE']);
  expect(slack.whispers[0]?.text).toMatch(
    /거절되었습니다 \(승인\): 요청자는 .* 이유 역할이 .*APR-SELF/,
  );
});

it('tells the others when one account is not in the channel', async () => {
  const { slack, show, log } = setup();
  const refused = makeEvents(everyEvent('이유')).filter((event) => event.type === 'refused');
  await show(seen());
  const update = slack.client.ephemeral;
  slack.client.ephemeral = async (message) => {
    if (message.user === 'U02LEE') throw gone('user_not_in_channel');
    await update(message);
  };
  await show(seen({ seq: 5 }, refused));
  expect(slack.whispers.map(({ user }) => user)).toEqual(['U92LEE']);
  expect(log.join()).toContain('user_not_in_channel');
});

it('posts anew what is gone, with its buttons and where approvals are compared', async () => {
  const first = setup();
  await first.show(seen());
  first.slack.posted.length = 0;
  const second = setup(first.slack, first.store);
  await second.show(seen({ seq: 4 }));
  const [root, approval] = first.slack.roots();
  expect(root?.blocks).toContain(RUN);
  expect(approval?.blocks).toContain('drillbook:approve');
  expect(await first.store.note(RUN, MESSAGE_NOTE)).toContain(approval?.ts);
});

it('notices in the middle that the root is gone', async () => {
  const { slack, show } = setup();
  await show(seen({ state: 'running' }));
  slack.posted.length = 0;
  await show(seen({ state: 'running' }, makeEvents(everyEvent('x')).slice(0, 3)));
  const [root] = slack.roots();
  expect(slack.thread(root?.ts ?? '')).toHaveLength(1);
});

it('sends nothing when nothing changed', async () => {
  const { slack, show } = setup();
  await show(seen());
  const before = slack.calls.length;
  await show(seen());
  await show(seen({ seq: 4 }));
  expect(slack.calls).toHaveLength(before);
});

it('holds back frames while steps tick, not what people wait for', async () => {
  const { slack, show, clock } = setup();
  await show(seen({ state: 'running', steps: steps(3) }));
  const start = clock.now();
  await show(running(1, 5));
  expect(clock.now() - start).toBe(3_000);
  const paused = { code: 'X', what: 'a', why: 'b', next: 'c' };
  await show(seen({ state: 'paused', seq: 6, pause: { step: 'step1', refusal: paused } }));
  expect(clock.now() - start).toBe(3_000);
  expect(slack.roots()[0]?.blocks).toMatch(/drillbook:retry.*drillbook:abort/);
});

it('shows only the newest of many frames, and every event', async () => {
  const { slack, show } = setup();
  const events = makeEvents(everyEvent('x'));
  const all = events
    .slice(0, 20)
    .map((event, i) => show({ ...running(i % 3, i + 3), events: [event] }));
  await Promise.all(all);
  expect(slack.calls.filter((call) => call === 'update').length).toBeLessThanOrEqual(2);
  const told = slack.posted.map((one) => one.blocks).join('');
  expect(told).toContain('승인 완료');
  expect(told).toContain('다시 시작 (2차)');
});

it('an older head never replaces a newer one', async () => {
  const { slack, show } = setup();
  await Promise.all([show(running(2, 9)), show(running(1, 5))]);
  await show(running(2, 9));
  expect(slack.roots()[0]?.text).toContain('3단계 중 2단계');
});

it('waits out a rate limit and then shows the newest', async () => {
  const { slack, show, clock } = setup();
  slack.failures.push(limited());
  const start = clock.now();
  await show(seen());
  expect(clock.now() - start).toBe(7_000);
  expect(slack.roots()).toHaveLength(2);
});

it.each([
  ['away', away],
  ['limiting for ever', limited],
  ['revoked', () => gone('token_revoked')],
])('never throws while Slack is %s, and catches up', async (_, failure) => {
  const { slack, show, log } = setup();
  const events = makeEvents(everyEvent('x'));
  slack.failures.push(...Array.from({ length: 3 }, failure));
  await show({ ...running(0, 5), events: events.slice(0, 5) });
  slack.failures.length = 0;
  expect(slack.posted).toEqual([]);
  expect(log.join()).toContain('slack.unshown');
  await show({ ...running(1, 8), events: events.slice(5, 8) });
  expect(slack.roots()).toHaveLength(1);
  const told = slack.posted.map((one) => one.blocks).join('');
  expect(told).toContain('계획 ab12cd34 작성');
  expect(told).toContain('나쁜 쪽으로 바뀜');
});

it('does not let a broken configuration or store reach the run', async () => {
  const { slack, store, clock, log } = setup();
  const line = (message: string) => {
    log.push(message);
  };
  const notifier = createNotifier({
    client: slack.client,
    store,
    clock,
    config: async () => {
      throw new Error('people.yml:3:1 is broken');
    },
    log: { debug: line, info: line, warn: line, error: line },
  });
  await expect(notifier.show(seen())).resolves.toBeUndefined();
  expect(log).toContain('slack.unshown');
});
