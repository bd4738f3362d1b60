/**
 * What stands between our Web API client and the emulator: it refuses what Slack would refuse,
 * knows the flags the emulator does not know, keeps what only one person sees, and can fail.
 */
import * as z from 'zod';
import type { Config } from '../../config.ts';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import { checkMessage, checkView } from '../../slack/limits.ts';
import { BOT, type Emulator } from './emulator.ts';
import { withFlags } from './flags.ts';

/** How the simulated Slack can fail: 429, 500, or no answer until it is switched off. */
export type SlackFault = 'rate-limited' | 'http-500' | 'silent';

/** A message only one person sees: an ephemeral one, a command's answer, a `response_url` post. */
export interface Whisper {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: unknown;
}

type Arguments = Readonly<Record<string, unknown>>;

export interface Gate {
  readonly handle: (request: HttpRequest) => Promise<HttpResponse>;
  readonly whispers: Whisper[];
  /** Modals and Home views by id, as last answered. */
  readonly views: ReadonlyMap<string, Arguments>;
  /** A `response_url`, good for five answers. */
  responseUrl(base: string, to: { readonly channel: string; readonly user: string }): string;
  fault(name: SlackFault | undefined): void;
}

const argumentsSchema = z.record(z.string(), z.unknown());
const answerSchema = z.looseObject({
  ok: z.boolean(),
  view: z.looseObject({ id: z.string() }).optional(),
});
const STRUCTURED = ['blocks', 'attachments', 'view', 'metadata'];
const PASSED = /^(auth\.test|(chat|views|conversations|users)\.[A-Za-z.]+)$/;
const RESPONSE_URL_USES = 5;

export function createGate(config: Config, emulator: Emulator): Gate {
  const whispers: Whisper[] = [];
  const views = new Map<string, Arguments>();
  const openUrls: { channel: string; user: string; left: number }[] = [];
  const faults = createFaults();

  async function api(method: string, request: HttpRequest): Promise<HttpResponse> {
    const failed = await faults.answer();
    if (failed !== undefined) return failed;
    if (!PASSED.test(method)) return refusal('unknown_method');
    if (request.headers['authorization'] !== `Bearer ${BOT.token}`) return refusal('invalid_auth');
    const body = argumentsOf(request);
    if (body === undefined) return refusal('invalid_json');
    const refused = overLimits(method, body);
    if (refused !== undefined) return refused;
    const text = withFlags(config, method, await emulator.call(method, body));
    remember(method, body, text);
    return ok(text);
  }

  function remember(method: string, body: Arguments, text: string): void {
    const answer = answerSchema.parse(JSON.parse(text));
    if (!answer.ok) return;
    if (method === 'chat.postEphemeral') whispers.push(whisperOf(body));
    if (answer.view !== undefined) views.set(answer.view.id, answer.view);
  }

  function respond(index: number, request: HttpRequest): HttpResponse {
    const open = openUrls[index];
    if (open === undefined || open.left === 0) {
      return { status: 404, headers: {}, body: 'used_url' };
    }
    const body = argumentsOf(request);
    if (body === undefined || checkMessage(body).length > 0) {
      return { status: 400, headers: {}, body: 'invalid_payload' };
    }
    open.left--;
    whispers.push(whisperOf({ ...body, ...open }));
    return { status: 200, headers: {}, body: 'ok' };
  }

  return {
    whispers,
    views,
    handle: async (request) => {
      const [, first, second = ''] = new URL(request.url).pathname.split('/');
      if (first === 'api' && request.method === 'POST') return api(second, request);
      if (first === 'response' && request.method === 'POST')
        return respond(Number(second), request);
      return { status: 404, headers: {}, body: '' };
    },
    responseUrl: (base, to) =>
      `${base}/response/${openUrls.push({ ...to, left: RESPONSE_URL_USES }) - 1}`,
    fault: faults.set,
  };
}

/** What a Slack in trouble answers instead; `silent` holds the answer until the fault is over. */
function createFaults() {
  let failing: SlackFault | undefined;
  let silence: Promise<void> = Promise.resolve();
  let endSilence: () => void = () => undefined;
  return {
    answer: async (): Promise<HttpResponse | undefined> => {
      if (failing === undefined) return undefined;
      if (failing === 'rate-limited') return tooMany();
      if (failing === 'http-500') return { status: 500, headers: {}, body: '' };
      await silence;
      return { status: 503, headers: {}, body: '' };
    },
    set: (name: SlackFault | undefined): void => {
      failing = name;
      endSilence();
      if (name !== 'silent') return;
      silence = new Promise((resolve) => {
        endSilence = resolve;
      });
    },
  };
}

const whisperOf = (body: Arguments): Whisper => ({
  channel: String(body['channel']),
  user: String(body['user']),
  text: String(body['text'] ?? ''),
  blocks: body['blocks'],
});

/** Web API arguments, form or JSON; structured ones travel as JSON text inside a form. */
function argumentsOf(request: HttpRequest): Arguments | undefined {
  const body = request.body ?? '';
  try {
    if (request.headers['content-type']?.startsWith('application/json')) {
      return argumentsSchema.parse(JSON.parse(body));
    }
    const entries = [...new URLSearchParams(body)].map(([name, value]) => [
      name,
      STRUCTURED.includes(name) ? JSON.parse(value) : value,
    ]);
    return argumentsSchema.parse(Object.fromEntries(entries));
  } catch {
    return undefined;
  }
}

function overLimits(method: string, body: Arguments): HttpResponse | undefined {
  if (/^chat\.(postMessage|update|postEphemeral)$/.test(method)) {
    const problems = checkMessage(body);
    if (problems.length === 0) return undefined;
    const onlyText = problems.every((problem) => problem.startsWith('text'));
    const tooLong = typeof body['text'] === 'string' && body['text'] !== '';
    const textError = tooLong ? 'msg_too_long' : 'no_text';
    return refusal(onlyText ? textError : 'invalid_blocks', problems);
  }
  if (/^views\.(open|update|push|publish)$/.test(method)) {
    const problems = checkView(body['view']);
    if (problems.length === 0) return undefined;
    const tooLarge = problems.some((problem) => problem.includes('250 kB'));
    return refusal(tooLarge ? 'view_too_large' : 'invalid_arguments', problems);
  }
  return undefined;
}

const ok = (body: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', 'x-simulator': 'true' },
  body,
});

const refusal = (error: string, messages: readonly string[] = []): HttpResponse =>
  ok(JSON.stringify({ ok: false, error, response_metadata: { messages } }));

function tooMany(): HttpResponse {
  const answer = refusal('ratelimited');
  return { ...answer, status: 429, headers: { ...answer.headers, 'retry-after': '1' } };
}
