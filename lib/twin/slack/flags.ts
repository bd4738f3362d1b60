/** What the emulator does not know: guests, strangers, shared channels. Taken from config/. */
import * as z from 'zod';
import type { Config } from '../../config.ts';

const userAnswer = z.looseObject({ user: z.looseObject({ id: z.string() }) });
const channelAnswer = z.looseObject({ channel: z.looseObject({ id: z.string() }) });

/** Completes the answer of `users.info` or `conversations.info`; leaves every other one alone. */
export function withFlags(config: Config, method: string, text: string): string {
  const value: unknown = JSON.parse(text);
  if (method === 'users.info') {
    const answer = userAnswer.safeParse(value);
    if (!answer.success) return text;
    const user = { ...answer.data.user, ...userFlags(config, answer.data.user.id) };
    return JSON.stringify({ ...answer.data, user });
  }
  if (method === 'conversations.info') {
    const answer = channelAnswer.safeParse(value);
    if (!answer.success) return text;
    const channel = { ...answer.data.channel, ...channelFlags(config, answer.data.channel.id) };
    return JSON.stringify({ ...answer.data, channel });
  }
  return text;
}

function userFlags(config: Config, user: string) {
  const person = config.people.find(({ slack }) => slack.some((one) => one.user === user));
  if (person === undefined) return {};
  const has = (flag: (typeof person.flags)[number]) => person.flags.includes(flag);
  return {
    team_id: person.slack.find((one) => one.user === user)?.team,
    real_name: person.name.ko,
    deleted: has('deactivated'),
    is_bot: has('bot'),
    is_app_user: false,
    is_workflow_bot: false,
    is_restricted: has('guest'),
    is_ultra_restricted: false,
    is_stranger: has('stranger'),
    is_invited_user: false,
    is_email_confirmed: !has('email-unconfirmed'),
    locale: person.language === 'ko' ? 'ko-KR' : 'en-US',
    tz: 'Asia/Seoul',
    tz_offset: 32_400,
  };
}

function channelFlags(config: Config, channel: string) {
  const shared = config.policy.sharedChannels.includes(channel);
  return {
    is_member: true,
    is_shared: shared,
    is_ext_shared: shared,
    is_pending_ext_shared: false,
    is_org_shared: false,
    context_team_id: config.policy.workspace,
  };
}
