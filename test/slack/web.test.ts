/** Our calls on the wire, their failures sorted, and the directory that asks Slack about people. */
import type { Config } from '../../lib/config.ts';
import { type HttpRequest, type HttpResponse, serveHttp } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { createWebClient } from '../../lib/slack/client.ts';
import { createDirectory } from '../../lib/slack/directory.ts';
import { TEAM } from './support.ts';

type Answer = (method: string, request: HttpRequest) => object | HttpResponse;

let answer: Answer;
let asked: { method: string; body: URLSearchParams }[] = [];
let server: Awaited<ReturnType<typeof serveHttp>>;
let config: Config;

beforeAll(async () => {
  config = await loadConfig('config');
  server = await serveHttp(
    async (request) => {
      const method = new URL(request.url).pathname.replace('/api/', '');
      asked.push({ method, body: new URLSearchParams(request.body) });
      const said = answer(method, request);
      if ('status' in said && 'headers' in said) return said as HttpResponse;
      const headers = { 'content-type': 'application/json' };
      return { status: 200, headers, body: JSON.stringify({ ok: true, ...said }) };
    },
    { host: '127.0.0.1', port: 0 },
  );
});
afterAll(() => server.close());
beforeEach(() => {
  asked = [];
  answer = () => ({ ts: '1.2' });
});

const client = () => createWebClient(`${server.url}/api/`, 'xoxb-test');
const block = { type: 'section' as const, text: { type: 'mrkdwn' as const, text: '한글' } };
const said = { channel: 'C1', text: '한글', blocks: [block] };

it('posts, replies, updates and whispers without previews', async () => {
  expect(await client().post(said)).toBe('1.2');
  await client().post({ ...said, threadTs: '1.1', broadcast: true });
  await client().update({ ...said, ts: '1.2' });
  await client().ephemeral({ ...said, user: 'U1' });
  expect(asked.map(({ method }) => method)).toEqual([
    'chat.postMessage',
    'chat.postMessage',
    'chat.update',
    'chat.postEphemeral',
  ]);
  expect(asked[0]?.body.get('unfurl_links')).toBe('false');
  expect(asked[0]?.body.has('thread_ts')).toBe(false);
  expect(asked[1]?.body.get('thread_ts')).toBe('1.1');
  expect(asked[1]?.body.get('reply_broadcast')).toBe('true');
  expect(JSON.parse(asked[2]?.body.get('blocks') ?? '')).toEqual([block]);
});

it('sorts failures and does not sleep out a rate limit', async () => {
  answer = () => ({ ok: false, error: 'message_not_found' });
  await expect(client().post(said)).rejects.toMatchObject({
    code: 'SLK-API',
    kind: 'platform',
    error: 'message_not_found',
  });
  answer = () => ({ status: 429, headers: { 'retry-after': '9' }, body: '' });
  await expect(client().post(said)).rejects.toMatchObject({
    kind: 'rate-limited',
    retryAfterMs: 9_000,
  });
  expect(asked).toHaveLength(2);
});

it('tries again when Slack is unwell, and gives up', async () => {
  let tries = 0;
  answer = () => (++tries < 3 ? { status: 503, headers: {}, body: '' } : { ts: '1.3' });
  expect(await client().post(said)).toBe('1.3');
  answer = () => ({ status: 500, headers: {}, body: '' });
  await expect(client().post(said)).rejects.toMatchObject({ kind: 'unavailable' });
});

describe('the directory', () => {
  const good = { team_id: TEAM, is_email_confirmed: true };
  const slack = { via: 'slack' as const, team: TEAM, user: 'U02LEE', channel: 'C0DRDRILL' };
  const lee = 'p-f054e0b8';
  const directory = () => createDirectory({ client: client(), config: async () => config });
  const withUser = (user: object, channel: object = {}) => {
    answer = (method) => (method === 'users.info' ? { user } : { channel });
  };

  it('knows a person in good standing', async () => {
    withUser(good);
    const known = { state: 'known', roles: ['dr-approver'], flags: [], sharedChannel: false };
    expect(await directory().lookup(lee, slack)).toEqual(known);
    expect(await directory().lookup(lee, { ...slack, user: 'U92LEE' })).toEqual(known);
  });

  it.each([
    [{ ...good, deleted: true }, 'deactivated'],
    [{ ...good, is_restricted: true }, 'guest'],
    [{ ...good, is_ultra_restricted: true }, 'guest'],
    [{ ...good, is_bot: true }, 'bot'],
    [{ ...good, is_workflow_bot: true }, 'bot'],
    [{ ...good, is_app_user: true }, 'bot'],
    [{ ...good, is_stranger: true }, 'stranger'],
    [{ ...good, is_invited_user: true }, 'stranger'],
    [{ ...good, team_id: 'T2' }, 'stranger'],
    [{ is_email_confirmed: true }, 'stranger'],
    [{ team_id: TEAM }, 'email-unconfirmed'],
    [{ ...good, is_email_confirmed: false }, 'email-unconfirmed'],
  ])('%j is %s', async (user, flag) => {
    withUser(user);
    expect(await directory().lookup(lee, slack)).toMatchObject({ flags: [flag] });
  });

  it.each(['is_ext_shared', 'is_pending_ext_shared', 'is_org_shared'])('%s', async (flag) => {
    withUser(good, { [flag]: true });
    expect(await directory().lookup(lee, slack)).toMatchObject({ sharedChannel: true });
  });

  it('keeps the flags and shared channels of our own files', async () => {
    withUser(good);
    const smith = { ...slack, user: 'U07SMITH', channel: 'C0PARTNER' };
    expect(await directory().lookup('p-2ed99a49', smith)).toMatchObject({
      flags: ['guest'],
      sharedChannel: true,
    });
  });

  it('does not know strangers, other people’s accounts and other workspaces', async () => {
    withUser(good);
    const unknown = { state: 'unknown' };
    expect(await directory().lookup('unmapped', slack)).toEqual(unknown);
    expect(await directory().lookup(lee, { ...slack, user: 'U03PARK' })).toEqual(unknown);
    expect(await directory().lookup(lee, { ...slack, team: 'T2' })).toEqual(unknown);
    expect(asked).toEqual([]);
  });

  it('is unreachable, never permissive, when Slack cannot say', async () => {
    for (const said of [
      { ok: false, error: 'ratelimited' },
      { ok: false, error: 'channel_not_found' },
      { status: 429, headers: { 'retry-after': '1' }, body: '' },
      { ok: true },
    ]) {
      answer = () => said;
      expect(await directory().lookup(lee, slack)).toMatchObject({ state: 'unreachable' });
    }
    const { channel: _, ...nowhere } = slack;
    withUser(good);
    expect(await directory().lookup(lee, nowhere)).toMatchObject({ state: 'unreachable' });
  });

  it('answers without Slack for those who act elsewhere', async () => {
    answer = () => ({ ok: false, error: 'fatal_error' });
    expect(await directory().lookup('p-2ed99a49', { via: 'cli' })).toEqual({
      state: 'known',
      roles: ['dr-approver'],
      flags: ['guest'],
      sharedChannel: false,
    });
    expect(asked).toEqual([]);
  });
});
