import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LogLevel, WebClient } from '@slack/web-api';
import { manualClock } from '../../lib/clock.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { BOT } from '../../lib/twin/slack/emulator.ts';
import { type Slack, startSlack } from '../../lib/twin/slack/slack.ts';

const SECRET = 'signing-secret-of-a-test';
const clock = manualClock();
const received: HttpRequest[] = [];
let answer = { status: 200, headers: {}, body: '' };
let slack: Slack;
let web: WebClient;
let channel: string;

beforeAll(async () => {
  const config = await loadConfig(path.resolve('config'));
  channel = config.policy.channel;
  slack = await startSlack({
    port: 0,
    config,
    signingSecret: SECRET,
    clock,
    doorUrl: 'http://door.test',
    http: async (request) => {
      received.push(request);
      return answer;
    },
  });
  web = new WebClient(BOT.token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    timeout: 300,
  });
});

beforeEach(() => {
  received.length = 0;
  answer = { status: 200, headers: {}, body: '' };
});

afterAll(async () => {
  await slack.close();
});

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } }) as const;
const button = (actionId: string, value: string) =>
  ({
    type: 'button',
    action_id: actionId,
    value,
    text: { type: 'plain_text', text: '승인' },
  }) as const;
const lastPayload = () =>
  JSON.parse(new URLSearchParams(received.at(-1)?.body).get('payload') ?? '{}');

describe('the Web API behind the gate', () => {
  it('keeps messages and threads under the ids of our configuration', async () => {
    const text = '지급결제 계정계 모의훈련 <@U01KIM>';
    const root = await web.chat.postMessage({ channel, text, blocks: [section(text)] });
    expect(root.channel).toBe(channel);
    const thread = { channel, thread_ts: root.ts ?? '' };
    await web.chat.postMessage({ ...thread, text: '1단계 완료' });
    await web.chat.postMessage({ ...thread, text: '2단계 완료' });
    await web.chat.update({ channel, ts: root.ts ?? '', text: `${text} 끝` });
    const seen = (await slack.messages(channel)).find(({ ts }) => ts === root.ts);
    expect(seen?.text).toBe(`${text} 끝`);
    expect(seen?.replies.map((reply) => reply.text)).toEqual(['1단계 완료', '2단계 완료']);
    const gone = web.chat.update({ channel, ts: '1.000001', text: 'x' });
    await expect(gone).rejects.toThrow('message_not_found');
  });

  it.each([
    [
      '51 blocks',
      { blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) },
      'invalid_blocks',
    ],
    ['a text of 3,001', { blocks: [section('가'.repeat(3001))] }, 'invalid_blocks'],
    [
      'a header of 151',
      { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
      'invalid_blocks',
    ],
    [
      'a button value of 2,001',
      { blocks: [{ type: 'actions', elements: [button('a', 'x'.repeat(2001))] }] },
      'invalid_blocks',
    ],
    [
      'one action_id twice',
      { blocks: [{ type: 'actions', elements: [button('a', '1'), button('a', '2')] }] },
      'invalid_blocks',
    ],
    ['a message text of 4,001', { text: 'x'.repeat(4001) }, 'msg_too_long'],
  ])('refuses %s', async (_, payload, error) => {
    const before = (await slack.messages(channel)).length;
    const call = web.apiCall('chat.postMessage', { channel, text: 'x', ...payload });
    await expect(call).rejects.toThrow(error);
    expect(await slack.messages(channel)).toHaveLength(before);
  });

  it('lets a message at its limits through', async () => {
    const elements = [button('a', 'x'.repeat(2000)), button('b', '2')];
    const blocks = [section('가'.repeat(3000)), { type: 'actions', elements } as const];
    const sent = await web.chat.postMessage({ channel, text: 'x'.repeat(4000), blocks });
    expect(sent.ok).toBe(true);
  });

  it('knows guests, second accounts and strangers', async () => {
    const guest = (await web.users.info({ user: 'U07SMITH', include_locale: true })).user;
    expect(guest).toMatchObject({
      id: 'U07SMITH',
      team_id: 'T0BANK',
      is_restricted: true,
      locale: 'en-US',
    });
    const lee = (await web.users.info({ user: 'U92LEE' })).user;
    expect(lee).toMatchObject({
      id: 'U92LEE',
      real_name: '이서준',
      deleted: false,
      is_bot: false,
      is_restricted: false,
      is_stranger: false,
      is_email_confirmed: true,
    });
    await expect(web.users.info({ user: 'U99NOBODY' })).rejects.toThrow('user_not_found');
  });

  it('knows which channels are shared with others', async () => {
    const ours = (await web.conversations.info({ channel })).channel;
    expect(ours).toMatchObject({ id: channel, is_ext_shared: false, is_org_shared: false });
    const theirs = (await web.conversations.info({ channel: 'C0PARTNER' })).channel;
    expect(theirs).toMatchObject({ id: 'C0PARTNER', is_ext_shared: true });
  });

  it('fails on request: 429, 500, silence; and recovers', async () => {
    const post = () => web.chat.postMessage({ channel, text: 'x' });
    slack.fault('rate-limited');
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    slack.fault('http-500');
    await expect(post()).rejects.toThrow();
    slack.fault('silent');
    await expect(post()).rejects.toThrow(/timeout/);
    slack.fault(undefined);
    expect((await post()).ok).toBe(true);
  });

  it('refuses a wrong token and methods it does not have', async () => {
    const stranger = new WebClient('xoxb-wrong', { slackApiUrl: slack.apiUrl });
    await expect(stranger.auth.test()).rejects.toThrow('invalid_auth');
    await expect(web.apiCall('usergroups.list')).rejects.toThrow('unknown_method');
    expect(await web.auth.test()).toMatchObject({ user_id: BOT.user, team_id: 'T0BANK' });
  });
});

describe('people', () => {
  it('type commands as Slack would send them, signed by the given clock', async () => {
    answer = { status: 200, headers: {}, body: '훈련을 접수했습니다' };
    clock.advance(3_600_000);
    await slack.slashCommand({ person: 'kim', text: 'drill payments' });
    const request = received.at(-1);
    const stamp = String(clock.now() / 1000);
    const mac = createHmac('sha256', SECRET).update(`v0:${stamp}:${request?.body}`).digest('hex');
    expect(request?.url).toBe('http://door.test/slack/events');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${mac}`,
    });
    const form = Object.fromEntries(new URLSearchParams(request?.body));
    expect(form).toMatchObject({
      command: '/dr',
      text: 'drill payments',
      user_id: 'U01KIM',
      team_id: 'T0BANK',
      channel_id: channel,
    });
    expect(slack.whispers().at(-1)).toMatchObject({ user: 'U01KIM', text: '훈련을 접수했습니다' });
    await slack.slashCommand({ person: 'kim', text: 'drill payments' });
    const again = new URLSearchParams(received.at(-1)?.body);
    expect(again.get('trigger_id')).not.toBe(form['trigger_id']);
    await expect(slack.slashCommand({ person: 'nobody', text: 'help' })).rejects.toThrow(
      'TWIN-SLACK-PERSON',
    );
  });

  it('press the button that is there, or one that no longer is', async () => {
    const elements = [button('approve', '{"run":"r-1"}')];
    const blocks = [{ type: 'actions', block_id: 'decide', elements } as const];
    const sent = await web.chat.postMessage({ channel, text: '승인 요청', blocks });
    const press = { channel, messageTs: sent.ts ?? '', actionId: 'approve' };
    await slack.pressButton({ slackUser: 'U92LEE', ...press });
    expect(lastPayload()).toMatchObject({
      type: 'block_actions',
      user: { id: 'U92LEE', team_id: 'T0BANK' },
      team: { id: 'T0BANK' },
      channel: { id: channel },
      container: { type: 'message', message_ts: sent.ts, channel_id: channel },
      message: { text: '승인 요청' },
      actions: [{ action_id: 'approve', block_id: 'decide', value: '{"run":"r-1"}' }],
    });
    await web.chat.update({ channel, ts: sent.ts ?? '', text: '승인됨', blocks: [section('끝')] });
    await slack.pressButton({ slackUser: 'U99NOBODY', team: 'T9OTHER', ...press, value: 'old' });
    expect(lastPayload()).toMatchObject({
      user: { id: 'U99NOBODY', team_id: 'T9OTHER' },
      message: { text: '승인됨' },
      actions: [{ action_id: 'approve', value: 'old' }],
    });
  });

  it('submit a modal that a trigger opened', async () => {
    await slack.slashCommand({ person: 'park', text: 'help' });
    const form = new URLSearchParams(received.at(-1)?.body);
    const title = { type: 'plain_text', text: '중단' } as const;
    const modal = { type: 'modal', callback_id: 'abort' } as const;
    const view = { ...modal, title, blocks: [section('x')] };
    const opened = await web.views.open({ trigger_id: form.get('trigger_id') ?? '', view });
    const values = { why: { text: { type: 'plain_text_input', value: '장애 발생' } } };
    await slack.submitView({ person: 'park', viewId: opened.view?.id ?? '', values });
    expect(lastPayload()).toMatchObject({
      type: 'view_submission',
      user: { id: 'U03PARK' },
      view: { callback_id: 'abort', state: { values } },
    });
    const long = { ...view, title: { ...title, text: 'x'.repeat(25) } };
    const tooLong = web.views.open({ trigger_id: form.get('trigger_id') ?? '', view: long });
    await expect(tooLong).rejects.toThrow('invalid_arguments');
  });

  it('read what only they see: ephemeral messages and five answers to a response_url', async () => {
    await web.chat.postEphemeral({
      channel,
      user: 'U01KIM',
      text: '본인 훈련은 승인할 수 없습니다',
    });
    expect(slack.whispers().at(-1)).toMatchObject({
      user: 'U01KIM',
      text: expect.stringContaining('본인'),
    });
    await slack.slashCommand({ person: 'han', text: 'status' });
    const url = new URLSearchParams(received.at(-1)?.body).get('response_url') ?? '';
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ text: `details ${turn}` });
      statuses.push((await fetch(url, { method: 'POST', headers, body })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
    expect(slack.whispers().at(-1)).toMatchObject({ user: 'U06HAN', text: 'details 4' });
  });
});

describe('shapes', () => {
  const samples = process.env['DRILLBOOK_REFERENCE_DATA'];
  const sampleKeys = (name: string): string[] =>
    Object.keys(JSON.parse(readFileSync(path.join(samples ?? '', 'slack', name), 'utf8')));
  const available = samples !== undefined && existsSync(path.join(samples, 'slack'));
  /** Slack sends it with a submission; the sample leaves it out. */
  const known = ['response_urls'];

  const remark = available ? '' : ' (not compared: no DRILLBOOK_REFERENCE_DATA)';

  it(`invent no fields${remark}`, async () => {
    if (!available) return;
    await slack.slashCommand({ person: 'kim', text: 'help' });
    const form = [...new URLSearchParams(received.at(-1)?.body).keys()];
    expect(sampleKeys('SlashCommandPayload.json')).toEqual(expect.arrayContaining(form));
    const sent = await web.chat.postMessage({ channel, text: 'x' });
    await slack.pressButton({ person: 'kim', channel, messageTs: sent.ts ?? '', actionId: 'a' });
    const press = Object.keys(lastPayload());
    expect([...sampleKeys('BlockActionPayload.json'), ...known]).toEqual(
      expect.arrayContaining(press),
    );
  });
});
