/** The control plane's door for gateways that fetch: who knocks proves it with the gateway's key. */
import * as z from 'zod';
import { canonical } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import type { Mail, Mailbox } from '../../store/store.ts';
import { GatewayError } from '../errors.ts';
import { verifyRequest } from '../signatures.ts';
import { MAIL_BYTES_MAX, MAIL_LIFE_MS, pollSchema, postedSchema } from './wire.ts';

const WINDOW_MS = 60_000;
const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 500;
const SITE_PATH = /^\/gateway\/([a-z0-9][a-z0-9-]*)\/(poll|answers)$/;

export interface MailboxDoorOptions {
  readonly mailbox: Mailbox;
  /** Public key (PEM) of the gateway of a site; undefined for one that is not ours. */
  readonly keyOf: (site: string) => string | undefined;
  readonly clock: Clock;
}

export function mailboxDoor(options: MailboxDoorOptions): Http {
  const acts = { poll, answers };

  async function poll(site: string, body: unknown): Promise<unknown> {
    const { seen } = fits(pollSchema, body);
    const known = new Set(seen);
    const until = options.clock.now() + WAIT_MS;
    for (;;) {
      const all = await options.mailbox.mail(site, options.clock.now() - MAIL_LIFE_MS);
      const messages = firstOf(all.filter(({ id }) => !known.has(id)));
      if (messages.length > 0 || options.clock.now() >= until) return { messages };
      await options.clock.sleep(LOOK_EVERY_MS);
    }
  }

  async function answers(site: string, body: unknown): Promise<unknown> {
    return { stored: await options.mailbox.putAnswer(site, fits(postedSchema, body)) };
  }

  return async (request) => {
    try {
      const [, site = '', act] = SITE_PATH.exec(new URL(request.url).pathname) ?? [];
      if (request.method !== 'POST' || (act !== 'poll' && act !== 'answers')) {
        throw new GatewayError('GW-DOOR', `There is no ${request.method} ${request.url}.`);
      }
      await admit(request, { ...options, site });
      return json(200, await acts[act](site, bodyOf(request)));
    } catch (error) {
      if (error instanceof GatewayError && error.status < 500) {
        return json(error.status, error.toRefusal());
      }
      throw error;
    }
  };
}

async function admit(
  request: HttpRequest,
  { mailbox, keyOf, clock, site }: MailboxDoorOptions & { readonly site: string },
): Promise<void> {
  if (Buffer.byteLength(request.body ?? '') > MAIL_BYTES_MAX * 1.5) {
    throw new GatewayError('GW-TOO-LARGE', 'The answer is too large for a mailbox.');
  }
  const signed = verifyRequest(request, () => keyOf(site));
  if (!signed.ok) throw new GatewayError('GW-SIGNATURE', `Not believed: ${signed.why}.`);
  const offsetMs = clock.now() - signed.createdMs;
  if (Math.abs(offsetMs) > WINDOW_MS) {
    const why = `The clocks are ${Math.round(offsetMs / 1000)} s apart, or it was kept back.`;
    throw new GatewayError('GW-CLOCK', 'The message is outside the window.', { why });
  }
  if (!(await mailbox.firstSeen(site, signed.nonce, clock.now()))) {
    throw new GatewayError('GW-REPLAY', 'The message was here before.');
  }
}

/** As many as one answer may carry, at least one. */
function firstOf(mails: readonly Mail[]): Mail[] {
  let size = 0;
  return mails.filter(({ text }, index) => {
    size += Buffer.byteLength(text);
    return index === 0 || size <= MAIL_BYTES_MAX;
  });
}

function bodyOf({ body }: HttpRequest): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch (cause) {
    throw new GatewayError('GW-BODY', 'The body is no JSON.', { cause });
  }
}

function fits<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new GatewayError('GW-BODY', z.prettifyError(result.error));
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: canonical(body),
});
