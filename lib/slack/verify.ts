/**
 * Is this request from Slack, and is it from now? Over the bytes as they came, before anything is
 * parsed, in constant time, with a window that has two sides.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const OLDEST_S = 300;
/** Clocks differ a little; a stamp further ahead could be kept back and used later. */
const AHEAD_S = 60;

export interface SignedRequest {
  readonly rawBody: string;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
}

export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'unsigned' | 'old' | 'future' | 'signature' };

/** Judges one request at `nowMs` (ms since the epoch). Never throws. */
export function verifyRequest(
  request: SignedRequest,
  at: { readonly signingSecret: string; readonly nowMs: number },
): Verdict {
  const { rawBody, signature, timestamp } = request;
  if (signature === undefined || timestamp === undefined) return { ok: false, why: 'unsigned' };
  if (!/^\d{1,12}$/.test(timestamp)) return { ok: false, why: 'unsigned' };
  const ageS = Math.floor(at.nowMs / 1000) - Number(timestamp);
  if (ageS > OLDEST_S) return { ok: false, why: 'old' };
  if (ageS < -AHEAD_S) return { ok: false, why: 'future' };
  const expected = sign({ rawBody, timestamp, signingSecret: at.signingSecret });
  const same = equalInConstantTime(expected, signature);
  return same ? { ok: true } : { ok: false, why: 'signature' };
}

/** The value of `X-Slack-Signature`. */
export function sign(message: {
  readonly rawBody: string;
  readonly timestamp: string;
  readonly signingSecret: string;
}): string {
  const hmac = createHmac('sha256', message.signingSecret);
  return `v0=${hmac.update(`v0:${message.timestamp}:${message.rawBody}`).digest('hex')}`;
}

function equalInConstantTime(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
