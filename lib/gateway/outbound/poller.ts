/**
 * The gateway's side: fetches messages, hands them to its own doors, posts what they answer. A message
 * that comes twice is harmless: nonces and keys are the doors' business, not the transport's.
 */
import type * as z from 'zod';
import { canonical } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Http } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Mail } from '../../store/store.ts';
import { type MessageSigner, signRequest } from '../signatures.ts';
import {
  carriedRequestSchema,
  MAIL_BYTES_MAX,
  MAIL_LIFE_MS,
  polledSchema,
  storedSchema,
} from './wire.ts';

export interface PollerOptions {
  /** Where the control plane's door is, without `/gateway/…`. */
  readonly url: string;
  readonly site: string;
  readonly signer: MessageSigner;
  /** The gateway's own doors. */
  readonly handle: Http;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

/** A poll waits up to 20 s at the other side (ms). */
const EXCHANGE_LIMIT_MS = 35_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After an empty answer that came at once: the other side does not wait. */
const IDLE_MS = 1_000;

/** Runs until `stop`; outlives any loss of the network. */
export async function pollMail(options: PollerOptions): Promise<void> {
  const { clock, say, stop } = options;
  /** When each message was seen, ms. */
  const seen = new Map<string, number>();
  let failures = 0;
  while (!stop.aborted) {
    const began = clock.now();
    try {
      for (const [id, at] of seen) if (at < began - 2 * MAIL_LIFE_MS) seen.delete(id);
      const { messages } = await post(options, {
        path: 'poll',
        body: { seen: [...seen.keys()].slice(-1000) },
        schema: polledSchema,
      });
      if (failures > 0) say('The control plane’s mailbox is reached again.');
      failures = 0;
      for (const mail of messages.filter(({ id }) => !seen.has(id))) {
        seen.set(mail.id, clock.now());
        void work(options, mail);
      }
      if (messages.length === 0 && clock.now() - began < IDLE_MS) await clock.sleep(IDLE_MS, stop);
    } catch (error) {
      if (stop.aborted) return;
      if (failures === 0) say(`The control plane’s mailbox cannot be reached: ${words(error)}`);
      await clock.sleep(pause(failures++, options.random), stop);
    }
  }
}

/** Never rejects: an answer that cannot be delivered is, to the engine, no answer. */
async function work(options: PollerOptions, { id, text }: Mail): Promise<void> {
  const { clock, handle, random, say, stop } = options;
  try {
    const { body, ...head } = carriedRequestSchema.parse(JSON.parse(text));
    const answer = await handle({ ...head, ...(body === undefined ? {} : { body }) });
    const carried = JSON.stringify(answer);
    if (Buffer.byteLength(carried) > MAIL_BYTES_MAX) throw new Error('the answer is too large');
    const until = clock.now() + MAIL_LIFE_MS;
    for (let failures = 0; ; failures++) {
      try {
        await post(options, { path: 'answers', body: { id, text: carried }, schema: storedSchema });
        return;
      } catch (error) {
        if (clock.now() > until || stop.aborted) throw error;
        await clock.sleep(pause(failures, random), stop);
      }
    }
  } catch (error) {
    say(`Message ${id} was not answered: ${words(error)}`);
  }
}

async function post<T>(
  { url, site, signer, http, clock, random }: PollerOptions,
  { path, body, schema }: { path: string; body: unknown; schema: z.ZodType<T> },
): Promise<T> {
  const unsigned = {
    method: 'POST',
    url: `${url.replace(/\/+$/, '')}/gateway/${site}/${path}`,
    headers: { 'content-type': 'application/json' },
    body: canonical(body),
    timeoutMs: EXCHANGE_LIMIT_MS,
  };
  const stamp = { signer, createdMs: clock.now(), nonce: random(16) };
  const answer = await http(signRequest(unsigned, stamp));
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${answer.body.slice(0, 300)}`);
  return schema.parse(JSON.parse(answer.body));
}

/** Twice as long after each failure, and never for two gateways at the same moment. */
function pause(failures: number, random: Random): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
  const share = Number.parseInt(random(2), 16) / 0xffff;
  return longest * (0.5 + share / 2);
}

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
