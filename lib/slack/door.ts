/**
 * The Slack door: verify, decode, one inbox put, one signal, answer. Nothing here waits for an
 * engine, and a person always gets some answer.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Clock } from '../clock.ts';
import type { Log } from '../logger.ts';
import type { Random } from '../random.ts';
import { createDispatch, type Dispatch } from './app.ts';
import { message, section } from './blocks/elements.ts';
import { type Decoded, decode, header, rawBody } from './decode.ts';
import type { DoorConfig } from './door-config.ts';
import { SlackRefused } from './errors.ts';
import { createTell, type Tell } from './respond.ts';
import { say } from './texts.ts';
import { verifyRequest } from './verify.ts';
import type { DoorStore } from './visit.ts';

export interface SlackDoorOptions {
  readonly signingSecret: string;
  readonly config: DoorConfig;
  readonly store: DoorStore;
  /** Wakes the engine for a run; resolves once the wish is accepted. */
  signal(run: string): Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export type SlackDoor = (
  event: APIGatewayProxyEventV2,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Throws SlackRefused (SLK-SECRET) for an empty secret: a signature with it proves nothing. */
export function createSlackDoor(options: SlackDoorOptions): SlackDoor {
  const { signingSecret, config, store, signal, clock, random, log } = options;
  if (signingSecret.trim() === '') {
    throw new SlackRefused('SLK-SECRET', { what: 'The signing secret is empty.' });
  }
  const tell = createTell(log);
  const failures = new Set<string>();
  const door = { config, store, signal, clock, log, tell };
  const dispatch = createDispatch(door, (requestId) => failures.add(requestId));
  let refused = 0;

  return async (event) => {
    const raw = rawBody(event);
    const contentType = header(event, 'content-type');
    const verdict = verifyRequest(
      {
        rawBody: raw,
        signature: header(event, 'x-slack-signature'),
        timestamp: header(event, 'x-slack-request-timestamp'),
      },
      { signingSecret, nowMs: clock.now() },
    );
    if (!verdict.ok) {
      if (verdict.why === 'unsigned' && isSslCheck(decode(raw, contentType))) return empty(200);
      refused += 1;
      log.warn('slack.refused', { why: verdict.why, refused });
      return empty(401);
    }
    const decoded = decode(raw, contentType);
    if (decoded === undefined) {
      log.warn('slack.unreadable', { bytes: Buffer.byteLength(raw) });
      return empty(400);
    }
    if (isSslCheck(decoded)) return empty(200);
    if (decoded.body['type'] === 'url_verification') {
      return json({ challenge: String(decoded.body['challenge'] ?? '') });
    }
    const requestId = random(4);
    const answered = await tryDispatch(dispatch, { raw, decoded, requestId, log });
    const failed = failures.delete(requestId) || answered === undefined;
    if (answered?.statusCode === 200) {
      return answered.json
        ? { statusCode: 200, headers: JSON_HEADERS, body: answered.body }
        : { statusCode: 200, body: answered.body };
    }
    const text = failed
      ? say(config.language, 'door.error', { id: requestId })
      : say(config.language, 'door.unknown.button');
    return answerAnyway(decoded, text, tell);
  };
}

async function tryDispatch(
  dispatch: Dispatch,
  request: { raw: string; decoded: Decoded; requestId: string; log: Log },
) {
  const { raw, decoded, requestId, log } = request;
  try {
    return await dispatch({ rawBody: raw, contentType: decoded.contentType, requestId });
  } catch (cause) {
    const error = cause instanceof Error ? cause.name : 'unknown';
    log.error('slack.dispatch', { requestId, error });
    return undefined;
  }
}

/** A command is answered by the body, a click only through its response address. */
async function answerAnyway({ body }: Decoded, text: string, tell: Tell) {
  const answer = message(text, [section(text)]);
  if (typeof body['command'] === 'string') return json({ response_type: 'ephemeral', ...answer });
  if (typeof body['response_url'] === 'string') await tell(body['response_url'], answer);
  return empty(200);
}

/** Slack's check of our certificate: nothing but itself, so that it may come unsigned. */
function isSslCheck(decoded: Decoded | undefined): boolean {
  const body = decoded?.body ?? {};
  return body['ssl_check'] === '1' && body['command'] === undefined && body['type'] === undefined;
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const empty = (statusCode: number) => ({ statusCode, body: '' });
const json = (body: object) => ({
  statusCode: 200,
  headers: JSON_HEADERS,
  body: JSON.stringify(body),
});
