/**
 * People who type commands, press buttons and submit modals. What they do reaches the door as the
 * signed requests Slack itself would send.
 */
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import type { Http, HttpResponse } from '../../http.ts';
import { type Emulator, expected } from './emulator.ts';
import { SlackTwinError } from './errors.ts';
import type { Gate } from './gate.ts';
import { messagesOf, type SlackMessage } from './messages.ts';
import { blockActions, commandForm, type Interaction, viewSubmission } from './payloads.ts';

export interface SlackOptions {
  /** Port of the gate on loopback; 0 = any free one. */
  readonly port: number;
  readonly config: Config;
  readonly signingSecret: string;
  /** Time of the signatures: the clock the door verifies with. */
  readonly clock: Clock;
  /** Origin of the door; `/slack/events` is appended. */
  readonly doorUrl: string;
  readonly http: Http;
}

/** A person of people.yml by handle or id, or any Slack account, known or not. */
export type Who =
  | { readonly person: string }
  | { readonly slackUser: string; readonly team?: string };

export type Command = Who & {
  readonly text: string;
  /** The channel of policy.yml unless said otherwise. */
  readonly channel?: string;
};

export type Press = Who & {
  readonly channel: string;
  readonly messageTs: string;
  readonly actionId: string;
  readonly blockId?: string;
  readonly value?: string;
  /** Input blocks of the message: block id → action id → value. */
  readonly values?: object;
};

export type Submission = Who & { readonly viewId: string; readonly values: object };

export interface Parts {
  readonly options: SlackOptions;
  readonly emulator: Emulator;
  readonly gate: Gate;
  readonly url: string;
}

export async function slashCommand(parts: Parts, command: Command): Promise<HttpResponse> {
  const { config } = parts.options;
  const channel = command.channel ?? config.policy.channel;
  const from = await interaction(parts, command, channel);
  const form = commandForm(config, from, { name: '/dr', text: command.text });
  const answer = await send(parts.options, form);
  if (answer.status === 200 && answer.body !== '') {
    const { user } = from;
    parts.gate.whispers.push({ channel, user, ...answerOf(answer.body) });
  }
  return answer;
}

/** A command is answered with plain text or with a message in JSON. */
function answerOf(body: string): { text: string; blocks: unknown } {
  if (!body.startsWith('{')) return { text: body, blocks: undefined };
  const answer = z.looseObject({ text: z.string(), blocks: z.unknown() }).parse(JSON.parse(body));
  return { text: answer.text, blocks: answer.blocks };
}

export async function pressButton(parts: Parts, press: Press): Promise<HttpResponse> {
  const { config, clock } = parts.options;
  const threads = await messagesOf(parts.emulator, press.channel);
  const all = threads.flatMap(({ replies, ...root }) => [root, ...replies]);
  const message = all.find(({ ts }) => ts === press.messageTs) ?? { ts: press.messageTs, text: '' };
  const shown = buttonOf(message, press);
  const action = {
    type: 'button',
    action_id: press.actionId,
    block_id: press.blockId ?? shown?.['block_id'],
    text: shown?.['text'] ?? { type: 'plain_text', text: press.actionId, emoji: true },
    value: press.value ?? shown?.['value'],
    action_ts: `${Math.floor(clock.now() / 1000)}.000000`,
  };
  const from = await interaction(parts, press, press.channel);
  const values = press.values ?? {};
  return send(parts.options, blockActions(config, from, { message, action, values }));
}

const buttonSchema = z.looseObject({ action_id: z.string() });

function buttonOf(message: SlackMessage, press: Press): Record<string, unknown> | undefined {
  for (const block of message.blocks ?? []) {
    const elements = z.array(z.unknown()).catch([]).parse(block['elements']);
    for (const element of [...elements, block['accessory']]) {
      const button = buttonSchema.safeParse(element);
      if (!button.success || button.data.action_id !== press.actionId) continue;
      if (press.blockId === undefined || press.blockId === block['block_id']) {
        return { ...button.data, block_id: block['block_id'] };
      }
    }
  }
  return undefined;
}

export async function submitView(parts: Parts, submission: Submission): Promise<HttpResponse> {
  const { config } = parts.options;
  const view = parts.gate.views.get(submission.viewId);
  if (view === undefined) {
    throw new SlackTwinError('TWIN-SLACK-VIEW', `There is no view ${submission.viewId}.`);
  }
  const from = await interaction(parts, submission, config.policy.channel);
  const filled = { ...view, state: { values: submission.values } };
  return send(parts.options, viewSubmission(config, from, filled));
}

async function interaction(parts: Parts, who: Who, channel: string): Promise<Interaction> {
  const { config } = parts.options;
  const { user, team, known } = accountOf(config, who);
  // The emulator makes triggers for users it knows; a stranger's is made in the bot's name.
  const trigger = await parts.emulator.call(
    'views.generateTriggerId',
    known ? { user_id: user } : {},
  );
  const { trigger_id: triggerId } = expected(z.looseObject({ trigger_id: z.string() }), trigger);
  const responseUrl = parts.gate.responseUrl(parts.url, { channel, user });
  return { team, user, userName: user.toLowerCase(), channel, triggerId, responseUrl };
}

function accountOf(config: Config, who: Who): { user: string; team: string; known: boolean } {
  if ('slackUser' in who) {
    const known = config.people.flatMap(({ slack }) => slack);
    const account = known.find(({ user }) => user === who.slackUser);
    const team = who.team ?? account?.team ?? config.policy.workspace;
    return { user: who.slackUser, team, known: account !== undefined };
  }
  const person = config.people.find(({ id, handle }) => [id, handle].includes(who.person));
  const account = person?.slack[0];
  if (account === undefined) {
    throw new SlackTwinError('TWIN-SLACK-PERSON', `Nobody is called ${who.person}.`);
  }
  return { ...account, known: true };
}

/** Signs as Slack does: HMAC-SHA256 over version, timestamp and the raw body. */
async function send(options: SlackOptions, body: string): Promise<HttpResponse> {
  const timestamp = String(Math.floor(options.clock.now() / 1000));
  const mac = createHmac('sha256', options.signingSecret);
  const signature = mac.update(`v0:${timestamp}:${body}`).digest('hex');
  return options.http({
    method: 'POST',
    url: `${options.doorUrl}/slack/events`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  });
}
