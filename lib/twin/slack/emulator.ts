/**
 * The pinned emulator: it remembers channels, messages, threads and modals. It gives out ids of its
 * own, so that users, channels and the workspace of our configuration are translated both ways.
 */
import { createEmulator } from 'emulate';
import * as z from 'zod';
import type { Config } from '../../config.ts';
import { type Http, networkHttp } from '../../http.ts';
import { SlackTwinError } from './errors.ts';

/** The token our Web API client uses against the simulated Slack, and whose token it is. */
export const BOT = {
  token: 'xoxb-drillbook-twin',
  user: 'U0DRILLBOT',
  id: 'B0DRILLBOT',
  app: 'A0DRILLBOOK',
} as const;

const EMULATED_TEAM = 'T000000001';
const named = z.array(z.looseObject({ id: z.string(), name: z.string() }));
const usersSchema = z.looseObject({ ok: z.literal(true), members: named });
const channelsSchema = z.looseObject({ ok: z.literal(true), channels: named });

export interface Emulator {
  /** Calls a Web API method with our ids; the answer's text has our ids too. */
  call(method: string, body: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

export async function startEmulator(config: Config): Promise<Emulator> {
  const users = config.people.flatMap((person) => person.slack.map(({ user }) => user));
  const channels = [config.policy.channel, ...config.policy.sharedChannels];
  const emulator = await createEmulator({ service: 'slack', port: 0, seed: seedOf(config) });
  const http = networkHttp();
  const base = `http://127.0.0.1:${new URL(emulator.url).port}/api/`;
  const list = (method: string) => post(http, `${base}${method}`, { limit: 1000 });
  const { members } = expected(usersSchema, await list('users.list'));
  const found = expected(channelsSchema, await list('conversations.list'));
  const theirs = new Map<string, string>();
  for (const user of users) theirs.set(user, idOf(members, user));
  for (const channel of channels) theirs.set(channel, idOf(found.channels, channel));
  const ours = [...theirs].map(([our, their]) => [their, our] as const);
  return {
    async call(method, body) {
      const sent = await post(http, `${base}${method}`, translated(body, theirs));
      let text = sent.replaceAll(EMULATED_TEAM, config.policy.workspace);
      for (const [their, our] of ours) text = text.replaceAll(their, our);
      return text;
    },
    close: () => emulator.close(),
  };
}

function seedOf(config: Config) {
  const accounts = config.people.flatMap((person) =>
    person.slack.map(({ user }) => ({ name: user.toLowerCase(), real_name: person.name.ko })),
  );
  const channels = [config.policy.channel, ...config.policy.sharedChannels];
  const bot = { app_id: BOT.app, bot_id: BOT.id, bot_user_id: BOT.user };
  const app = { client_id: 'twin', client_secret: 'twin', name: 'Drillbook', redirect_uris: [] };
  return {
    slack: {
      team: { name: config.policy.company.en, domain: config.policy.tenant },
      users: accounts,
      channels: channels.map((channel) => ({ name: channel.toLowerCase() })),
      oauth_apps: [{ ...app, ...bot, bot_name: 'drillbook', scopes: ['chat:write'] }],
      tokens: [{ token: BOT.token, type: 'bot', user: BOT.user, ...bot }],
    },
  };
}

function idOf(all: z.infer<typeof named>, ours: string): string {
  const found = all.find(({ name }) => name === ours.toLowerCase());
  if (found === undefined) throw new SlackTwinError('TWIN-SLACK-EMULATOR', `${ours} is missing.`);
  return found.id;
}

/** Only the arguments that are ids are translated; a mention in a text stays as we wrote it. */
function translated(
  body: Readonly<Record<string, unknown>>,
  theirs: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const out: Record<string, unknown> = { ...body };
  for (const field of ['channel', 'user', 'user_id']) {
    const value = out[field];
    if (typeof value === 'string') out[field] = theirs.get(value) ?? value;
  }
  return out;
}

async function post(http: Http, url: string, body: unknown): Promise<string> {
  const headers = {
    authorization: `Bearer ${BOT.token}`,
    'content-type': 'application/json; charset=utf-8',
  };
  const answer = await http({ method: 'POST', url, headers, body: JSON.stringify(body) });
  if (answer.status !== 200) {
    throw new SlackTwinError('TWIN-SLACK-EMULATOR', `${url} answered ${answer.status}.`);
  }
  return answer.body;
}

/** An answer of the emulator in the shape that is relied on here. */
export function expected<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new SlackTwinError('TWIN-SLACK-EMULATOR', `It said ${text.slice(0, 200)}.`);
}
