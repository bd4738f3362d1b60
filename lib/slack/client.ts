/** The few calls of Slack's Web API that workers make, with their failures sorted. */
import {
  type KnownBlock,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import * as z from 'zod';
import { SlackCallFailed } from './errors.ts';

interface Said {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** All methods reject with SlackCallFailed only. */
export interface SlackClient {
  /** A new message, in a thread when `threadTs` is given; returns its `ts`. */
  post(
    message: Said & {
      readonly channel: string;
      readonly threadTs?: string;
      /** Show a thread reply in the channel as well. */
      readonly broadcast?: boolean;
    },
  ): Promise<string>;
  update(message: Said & { readonly channel: string; readonly ts: string }): Promise<void>;
  /** To one person; Slack does not promise that it arrives. */
  ephemeral(message: Said & { readonly channel: string; readonly user: string }): Promise<void>;
}

const userSchema = z.looseObject({
  team_id: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_app_user: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  is_invited_user: z.boolean().optional(),
  is_email_confirmed: z.boolean().optional(),
});
export type SlackUser = z.infer<typeof userSchema>;

const channelSchema = z.looseObject({
  is_ext_shared: z.boolean().optional(),
  is_pending_ext_shared: z.boolean().optional(),
  is_org_shared: z.boolean().optional(),
});
export type SlackChannel = z.infer<typeof channelSchema>;

/** What Slack knows of accounts and channels. Rejects with SlackCallFailed. */
export interface SlackLookup {
  user(id: string): Promise<SlackUser>;
  channel(id: string): Promise<SlackChannel>;
}

/** For workers: four tries of ten seconds; a rate limit is told at once instead of slept out. */
export function createWebClient(url: string | undefined, token: string): SlackClient & SlackLookup {
  const web = new WebClient(token, {
    ...(url === undefined ? {} : { slackApiUrl: url }),
    retryConfig: { retries: 3, minTimeout: 200, maxTimeout: 2_000 },
    timeout: 10_000,
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  });
  const quiet = { unfurl_links: false, unfurl_media: false };
  return {
    post: ({ channel, text, blocks, threadTs, broadcast = false }) =>
      sorted(async () => {
        const thread = { thread_ts: threadTs ?? '', reply_broadcast: broadcast };
        const said = { channel, text, blocks, ...quiet };
        const answer = await web.apiCall(
          'chat.postMessage',
          threadTs === undefined ? said : { ...said, ...thread },
        );
        return z.looseObject({ ts: z.string() }).parse(answer).ts;
      }),
    update: ({ channel, ts, text, blocks }) =>
      sorted(async () => {
        await web.chat.update({ channel, ts, text, blocks });
      }),
    ephemeral: ({ channel, user, text, blocks }) =>
      sorted(async () => {
        await web.chat.postEphemeral({ channel, user, text, blocks });
      }),
    user: (user) =>
      sorted(async () => {
        const answer = await web.users.info({ user, include_locale: true });
        return z.looseObject({ user: userSchema }).parse(answer).user;
      }),
    channel: (channel) =>
      sorted(async () => {
        const answer = await web.conversations.info({ channel });
        return z.looseObject({ channel: channelSchema }).parse(answer).channel;
      }),
  };
}

const DEFAULT_RETRY_S = 5;

async function sorted<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw failureOf(cause);
  }
}

function failureOf(cause: unknown): SlackCallFailed {
  if (cause instanceof WebAPIPlatformError) {
    return new SlackCallFailed({ kind: 'platform', error: cause.data.error }, { cause });
  }
  if (cause instanceof WebAPIRateLimitedError) {
    const retryAfterMs = (cause.retryAfter || DEFAULT_RETRY_S) * 1000;
    return new SlackCallFailed(
      { kind: 'rate-limited', error: 'ratelimited', retryAfterMs },
      { cause },
    );
  }
  const status = cause instanceof WebAPIHTTPError ? `status ${cause.statusCode}` : undefined;
  const name = cause instanceof Error ? cause.name : 'unknown';
  return new SlackCallFailed({ kind: 'unavailable', error: status ?? name }, { cause });
}
