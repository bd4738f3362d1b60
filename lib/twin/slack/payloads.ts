/** What Slack sends when a person types a command, presses a button or submits a modal. */
import type { Config } from '../../config.ts';
import { BOT } from './emulator.ts';

/** Who acts, where, and the two things Slack makes for each interaction. */
export interface Interaction {
  readonly team: string;
  readonly user: string;
  readonly userName: string;
  readonly channel: string;
  readonly triggerId: string;
  readonly responseUrl: string;
}

/** Slack's old verification token is sent and must be ignored: the signature counts. */
const VERIFICATION_TOKEN = 'verification-token-of-the-twin';

export function commandForm(
  config: Config,
  from: Interaction,
  command: { readonly name: string; readonly text: string },
): string {
  const form = new URLSearchParams({
    token: VERIFICATION_TOKEN,
    team_id: from.team,
    team_domain: config.policy.tenant,
    channel_id: from.channel,
    channel_name: from.channel.toLowerCase(),
    user_id: from.user,
    user_name: from.userName,
    command: command.name,
    text: command.text,
    api_app_id: BOT.app,
    is_enterprise_install: 'false',
    response_url: from.responseUrl,
    trigger_id: from.triggerId,
  });
  return form.toString();
}

export interface ButtonPress {
  readonly message: { readonly ts: string; readonly [key: string]: unknown };
  readonly action: { readonly action_id: string; readonly [key: string]: unknown };
  /** Values of input blocks in the message: block id → action id → value. */
  readonly values: object;
}

export function blockActions(config: Config, from: Interaction, press: ButtonPress): string {
  const { message, action, values } = press;
  const thread = message['thread_ts'];
  return interactive({
    type: 'block_actions',
    ...common(config, from),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: from.channel,
      is_ephemeral: false,
      ...(thread === undefined ? {} : { thread_ts: thread }),
    },
    channel: { id: from.channel, name: from.channel.toLowerCase() },
    message,
    state: { values },
    response_url: from.responseUrl,
    actions: [action],
  });
}

export function viewSubmission(
  config: Config,
  from: Interaction,
  view: Readonly<Record<string, unknown>>,
): string {
  return interactive({
    type: 'view_submission',
    ...common(config, from),
    view,
    response_urls: [],
  });
}

const common = (config: Config, from: Interaction) => ({
  user: { id: from.user, username: from.userName, name: from.userName, team_id: from.team },
  api_app_id: BOT.app,
  token: VERIFICATION_TOKEN,
  trigger_id: from.triggerId,
  team: { id: from.team, domain: config.policy.tenant },
  enterprise: null,
  is_enterprise_install: false,
});

/** Interactions travel as a form with one field. */
const interactive = (payload: object): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
