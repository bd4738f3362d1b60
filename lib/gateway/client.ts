/**
 * The engine's side of one gateway over HTTP. It believes only answers that the gateway signed for
 * this very request; anything else is no answer, and what the gateway did is then unknown.
 */
import * as z from 'zod';
import { canonical } from '../canonical.ts';
import type { Clock } from '../clock.ts';
import type { Refusal } from '../errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../http.ts';
import type { Random } from '../random.ts';
import { GatewayRefused, GatewayUnreachable } from './errors.ts';
import {
  announcedSchema,
  askedSchema,
  coveredSchema,
  type Gateway,
  healthSchema,
  journalKeptSchema,
  keyRecordSchema,
  type Receipt,
  receiptSchema,
  registeredSchema,
  skippedSchema,
} from './protocol.ts';
import { verifyReceipt } from './receipt.ts';
import { type MessageSigner, SEEN, signRequest, verifyAnswer } from './signatures.ts';
import { doorWords, whyOf } from './tls/words.ts';
import { PROTOCOL, VERSION } from './versions.ts';

export interface GatewayClientOptions {
  readonly site: string;
  /** Origin of the gateway, as it knows itself: `http://127.0.0.1:4720`. */
  readonly url: string;
  readonly http: Http;
  readonly signer: MessageSigner;
  /** The gateway's public key, PEM. */
  readonly gatewayKey: string;
  /** The most that was seen of it, told to it with each request: `<incarnation> <counter>`. */
  readonly seen?: () => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
}

interface Exchange<T> {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  readonly limitMs?: number;
}

/** A put holds guards and a proof of the session, each with its own limit. */
const EXCHANGE_LIMIT_MS = 60_000;
/** Lines go to gateways that may be silent while a step waits. */
const JOURNAL_LIMIT_MS = 5_000;
const refusalSchema = z.strictObject({
  code: z.string(),
  what: z.string(),
  why: z.string(),
  next: z.string(),
});

/** One signed question, and its answer when that verifies; what a refusal throws is GatewayRefused. */
export function openExchange(options: GatewayClientOptions) {
  const { site } = options;
  return async <T>(exchange: Exchange<T>): Promise<T> => {
    let answer = await once(options, exchange);
    if (refusalOf(site, answer)?.code === 'GW-STALE') {
      // Signed in the second in which the gateway started, or before: sign again in the next one,
      // and a little into it, because timers may fire a millisecond early.
      await options.clock.sleep(1050 - (options.clock.now() % 1000));
      answer = await once(options, exchange);
    }
    const refusal = refusalOf(site, answer);
    if (refusal !== undefined) throw new GatewayRefused(site, refusal);
    return understood(site, answer.body, exchange.schema);
  };
}

export function gatewayClient(options: GatewayClientOptions): Gateway {
  const { site } = options;
  const say = openExchange(options);

  function believed(receipt: Receipt): Receipt {
    if (receipt.gateway === site && verifyReceipt(receipt, options.gatewayKey)) return receipt;
    throw new GatewayUnreachable(site, 'It gave a receipt that does not verify with its key.');
  }

  return {
    site,
    register: (body) => say({ method: 'POST', path: '/v1/plans', body, schema: registeredSchema }),
    approve: (body) => say({ method: 'POST', path: '/v1/approvals', body, schema: coveredSchema }),
    put: (key, body) =>
      say({ method: 'PUT', path: `/v1/calls/${key}`, body, schema: keyRecordSchema }),
    skip: (body) => say({ method: 'POST', path: '/v1/skips', body, schema: skippedSchema }),
    ask: async (key, intent) => {
      const asked = await say({
        method: 'POST',
        path: '/v1/asks',
        body: { key, ...intent },
        schema: askedSchema,
      });
      if (asked.receipt !== undefined) believed(asked.receipt);
      return asked;
    },
    announce: (body) => say({ method: 'POST', path: '/v1/epochs', body, schema: announcedSchema }),
    journal: (body) =>
      say({
        ...{ method: 'POST', path: '/v1/journal', body, schema: journalKeptSchema },
        limitMs: JOURNAL_LIMIT_MS,
      }),
    read: async (target, path) => {
      const body = { target, path };
      const receipt = await say({ method: 'POST', path: '/v1/reads', body, schema: receiptSchema });
      if (receipt.target === target && receipt.path === path) return believed(receipt);
      throw new GatewayUnreachable(site, 'It answered another read than the one asked for.');
    },
    health: () => say({ method: 'GET', path: '/v1/health', schema: healthSchema }),
  };
}

/** One signed exchange; rejects with GatewayUnreachable unless a verified answer came. */
async function once<T>(
  options: GatewayClientOptions,
  exchange: Exchange<T>,
): Promise<HttpResponse> {
  const seen = await options.seen?.();
  const unsigned: HttpRequest = {
    method: exchange.method,
    url: `${options.url}${exchange.path}`,
    headers: {
      ...(exchange.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(seen === undefined ? {} : { [SEEN]: seen }),
      [PROTOCOL]: String(VERSION),
    },
    ...(exchange.body === undefined ? {} : { body: canonical(exchange.body) }),
    timeoutMs: exchange.limitMs ?? EXCHANGE_LIMIT_MS,
  };
  const stamp = {
    signer: options.signer,
    createdMs: options.clock.now(),
    nonce: options.random(16),
  };
  const request = signRequest(unsigned, stamp);
  const answer = await options.http(request).catch((error: unknown) => {
    throw new GatewayUnreachable(options.site, whyOf(error), { cause: error });
  });
  const verified = verifyAnswer(answer, request, options.gatewayKey);
  if (verified.ok) return answer;
  const why = doorWords(answer) ?? `HTTP ${answer.status}; ${verified.why}.`;
  throw new GatewayUnreachable(options.site, why);
}

function refusalOf(site: string, answer: HttpResponse): Refusal | undefined {
  return answer.status < 400 ? undefined : understood(site, answer.body, refusalSchema);
}

function understood<T>(site: string, body: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (error) {
    throw new GatewayUnreachable(site, 'Its answer has another shape than agreed.', {
      cause: error,
    });
  }
}
