/** A Slack in the same process: our gate over a memory, and a client that needs no socket. */
import type { Config } from '../../lib/config.ts';
import type { Http, HttpResponse } from '../../lib/http.ts';
import type { SlackChannel, SlackClient, SlackLookup, SlackUser } from '../../lib/slack/client.ts';
import { SlackCallFailed } from '../../lib/slack/errors.ts';
import { BOT, type Emulator } from '../../lib/twin/slack/emulator.ts';
import { createGate } from '../../lib/twin/slack/gate.ts';
import { messagesOf } from '../../lib/twin/slack/messages.ts';
import { pressButton, slashCommand } from '../../lib/twin/slack/people.ts';
import type { Slack } from '../../lib/twin/slack/slack.ts';
import type { SimTime } from './time.ts';

const URL_OF_SLACK = 'http://slack.sim';

interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly thread?: string;
  said: Record<string, unknown>;
}

export type SimSlack = Pick<
  Slack,
  'slashCommand' | 'pressButton' | 'messages' | 'whispers' | 'fault'
> & {
  readonly client: SlackClient & SlackLookup;
  /** The account is closed from now on. */
  deactivate(user: string): void;
};

export function simSlack(options: {
  readonly config: Config;
  readonly time: SimTime;
  readonly signingSecret: string;
  readonly door: Http;
}): SimSlack {
  const { config, time, signingSecret, door } = options;
  const closed = new Set<string>();
  const emulator = memoryEmulator(config, time);
  const gate = createGate(config, emulator);
  const parts = {
    options: { port: 0, config, signingSecret, clock: time, doorUrl: 'http://door', http: door },
    emulator,
    gate,
    url: URL_OF_SLACK,
  };
  return {
    slashCommand: (command) => slashCommand(parts, command),
    pressButton: (press) => pressButton(parts, press),
    messages: (channel) => messagesOf(emulator, channel),
    whispers: () => gate.whispers,
    fault: gate.fault,
    client: clientOver(gate.handle, closed),
    deactivate: (user) => void closed.add(user),
  };
}

/** As much of the Web API as a gate passes on; ids are ours, so nothing is translated. */
function memoryEmulator(config: Config, time: SimTime): Emulator {
  const messages: Message[] = [];
  let count = 0;
  const methods: Record<string, (body: Record<string, unknown>) => object> = {
    'chat.postMessage': (body) => {
      const ts = `${Math.floor(time.now() / 1000)}.${String(++count).padStart(6, '0')}`;
      const { thread_ts: thread, channel } = body;
      messages.push({
        channel: String(channel),
        ts,
        said: body,
        ...(typeof thread === 'string' && thread !== '' ? { thread } : {}),
      });
      return { ts, channel };
    },
    'chat.update': (body) => {
      const found = messages.find(({ ts }) => ts === body['ts']);
      if (found === undefined) return { ok: false, error: 'message_not_found' };
      found.said = { ...found.said, ...body };
      return { ts: found.ts };
    },
    'chat.postEphemeral': () => ({ message_ts: '0.0' }),
    'conversations.history': ({ channel }) => ({
      messages: messages
        .filter((one) => one.channel === channel && one.thread === undefined)
        .map((one) => ({
          ...shown(one),
          reply_count: messages.filter(({ thread }) => thread === one.ts).length,
        }))
        .toReversed(),
    }),
    'conversations.replies': ({ ts }) => ({
      messages: messages.filter((one) => one.ts === ts || one.thread === ts).map(shown),
    }),
    'users.info': ({ user }) => ({
      user: { id: user, team_id: config.policy.workspace, is_email_confirmed: true },
    }),
    'conversations.info': ({ channel }) => ({ channel: { id: channel } }),
    'views.generateTriggerId': () => ({ trigger_id: `trigger-${++count}` }),
  };
  return {
    call: async (method, body) => JSON.stringify({ ok: true, ...methods[method]?.({ ...body }) }),
    close: async () => undefined,
  };
}

const shown = ({ ts, thread, said }: Message) => ({
  ts,
  text: said['text'],
  blocks: said['blocks'],
  ...(thread === undefined ? {} : { thread_ts: thread }),
});

function clientOver(gate: Http, closed: ReadonlySet<string>): SlackClient & SlackLookup {
  async function call(method: string, body: Record<string, unknown>) {
    const answer = await gate({
      method: 'POST',
      url: `${URL_OF_SLACK}/api/${method}`,
      headers: {
        authorization: `Bearer ${BOT.token}`,
        'content-type': 'application/json; charset=utf-8',
      },
      body: JSON.stringify(body),
    });
    return understood(answer);
  }
  return {
    post: async ({ channel, text, blocks, threadTs }) => {
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      const { ts } = await call('chat.postMessage', { channel, text, blocks, ...thread });
      return String(ts);
    },
    update: async (message) => void (await call('chat.update', { ...message })),
    ephemeral: async (message) => void (await call('chat.postEphemeral', { ...message })),
    user: async (user) => {
      const account = (await call('users.info', { user }))['user'] as SlackUser;
      return closed.has(user) ? { ...account, deleted: true } : account;
    },
    channel: async (channel) =>
      (await call('conversations.info', { channel }))['channel'] as SlackChannel,
  };
}

function understood({ status, body }: HttpResponse): Record<string, unknown> {
  if (status === 429)
    throw new SlackCallFailed({ kind: 'rate-limited', error: 'ratelimited', retryAfterMs: 1_000 });
  if (status !== 200) throw new SlackCallFailed({ kind: 'unavailable', error: `status ${status}` });
  const answer: Record<string, unknown> = JSON.parse(body);
  if (answer['ok'] === true) return answer;
  throw new SlackCallFailed({ kind: 'platform', error: String(answer['error']) });
}
