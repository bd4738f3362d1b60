/** A first answer through the address Slack gave with a click: seen by the presser only. */

import type { Log } from '../logger.ts';
import type { Message } from './blocks/elements.ts';

/** The door owes Slack an answer within 3 s; telling a person may take two of them. */
const LIMIT_MS = 2_000;

/** Tells a person something; an answer that cannot be delivered is logged, never thrown. */
export type Tell = (responseUrl: string | undefined, message: Message) => Promise<void>;

export function createTell(log: Log): Tell {
  return async (responseUrl, message) => {
    if (responseUrl === undefined || !mayCall(responseUrl)) {
      return log.warn('slack.untold', { why: 'no usable response address' });
    }
    try {
      const answer = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...message }),
        signal: AbortSignal.timeout(LIMIT_MS),
        redirect: 'error',
      });
      if (!answer.ok) log.warn('slack.untold', { status: answer.status });
    } catch (cause) {
      log.warn('slack.untold', { why: cause instanceof Error ? cause.name : 'unknown' });
    }
  };
}

/** Slack's own host over TLS; plain HTTP only on this machine. */
function mayCall(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:') return hostname === 'slack.com' || hostname.endsWith('.slack.com');
  return protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost');
}
