/** Bolt, as little of it as dispatches a verified request to one listener. No network. */
import {
  App,
  AwsLambdaReceiver,
  type CodedError,
  type Context,
  type Logger,
  LogLevel,
} from '@slack/bolt';
import type { Log } from '../logger.ts';
import { registerAbort } from './listeners/abort.ts';
import { registerAnswer } from './listeners/answer.ts';
import { registerApprove } from './listeners/approve.ts';
import { registerCommand } from './listeners/command.ts';
import { registerDeny } from './listeners/deny.ts';
import { registerDetails } from './listeners/details.ts';
import { registerOrder } from './listeners/order.ts';
import { registerRetry } from './listeners/retry.ts';
import type { DoorKeeper } from './visit.ts';

/** A request as the step in front verified and decoded it. */
export interface Verified {
  readonly rawBody: string;
  readonly contentType: string;
  /** Names this request in the log and, when it fails, to the person. */
  readonly requestId: string;
}

export type Dispatch = (
  request: Verified,
) => Promise<{ statusCode: number; body: string; json: boolean }>;

const REQUEST_ID = 'x-drillbook-request';
const registrations = [
  registerCommand,
  registerApprove,
  registerDeny,
  registerDetails,
  registerAnswer,
  registerRetry,
  registerAbort,
  registerOrder,
];

/**
 * Answers 404 when no listener took the request or the one that did failed; never rejects for what
 * a listener throws. `failed` is told the request id of each failure.
 */
export function createDispatch(door: DoorKeeper, failed: (requestId: string) => void): Dispatch {
  const logger = boltLogger(door.log);
  const receiver = new AwsLambdaReceiver({
    // Verified before, with our clock and a window of two sides.
    signatureVerification: false,
    signingSecret: '',
    logger,
    customPropertiesExtractor: (event) => ({ requestId: event.headers[REQUEST_ID] ?? '' }),
  });
  const app = new App({
    receiver,
    logger,
    logLevel: LogLevel.WARN,
    // Its own, so that Bolt asks slack.com nothing; who may do what is decided per request.
    authorize: async () => ({}),
    convoStore: false,
    ignoreSelf: false,
    extendedErrorHandler: true,
  });
  app.error(async ({ error, context }: { error: CodedError; context: Context }) => {
    const requestId = String(context['requestId'] ?? '');
    failed(requestId);
    const { name, message: why } = error.original ?? error;
    door.log.error('slack.listener', { requestId, error: name, why });
  });
  for (const register of registrations) register(app, door);
  const handler = receiver.toHandler();
  return async ({ rawBody, contentType, requestId }) => {
    const event = eventOf({ rawBody, contentType, requestId });
    const { statusCode, body = '', headers = {} } = await handler(event, {});
    return { statusCode, body, json: 'Content-Type' in headers };
  };
}

function eventOf({ rawBody, contentType, requestId }: Verified) {
  return {
    version: '2.0',
    routeKey: '',
    rawPath: '/slack/events',
    rawQueryString: '',
    headers: { 'content-type': contentType, [REQUEST_ID]: requestId },
    requestContext: {},
    body: rawBody,
    isBase64Encoded: false,
  } as Parameters<ReturnType<AwsLambdaReceiver['toHandler']>>[0];
}

/** Bolt's own lines: only what is wrong, only its message; at debug level it would log tokens. */
function boltLogger(log: Log): Logger {
  const said = (parts: unknown[]) => ({ said: String(parts[0] ?? '').slice(0, 200) });
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts) => log.warn('slack.bolt', said(parts)),
    error: (...parts) => log.error('slack.bolt', said(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
