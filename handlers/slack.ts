/**
 * The Slack function: one address for commands, buttons and events. Everything heavy is left to
 * others; what it needs is read once, at the first request.
 */
import { readFile } from 'node:fs/promises';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { scaledClock, systemClock } from '../lib/clock.ts';
import { readEnv } from '../lib/env.ts';
import { createLogger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';
import { createSlackDoor, type SlackDoor } from '../lib/slack/door.ts';
import { doorConfigSchema } from '../lib/slack/door-config.ts';
import { SlackRefused } from '../lib/slack/errors.ts';
import { doorStore } from '../lib/store/door.ts';

/** The door's part of the configuration, packed at build time. */
const packedSchema = z.strictObject({
  allowedRegions: z.array(z.string()),
  door: doorConfigSchema,
});

let door: Promise<SlackDoor> | undefined;

/** Answers one request of Slack. Rejects only when the function itself is set up wrongly. */
export async function handler(
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  door ??= openDoor();
  try {
    return await (await door)(event);
  } catch (error) {
    door = undefined;
    throw error;
  }
}

async function openDoor(): Promise<SlackDoor> {
  const packed = await readPacked(process.env['DRILLBOOK_CONFIG']);
  const env = readEnv(process.env, packed.allowedRegions);
  const { signalUrl, credentials, dynamoEndpoint } = env;
  if (signalUrl === undefined) throw missing('DRILLBOOK_SIGNAL_URL');
  if (credentials === undefined) throw missing('AWS_ACCESS_KEY_ID');
  const store = doorStore({
    table: env.table,
    region: env.region,
    signalUrl,
    credentials,
    ...(dynamoEndpoint === undefined ? {} : { endpoint: dynamoEndpoint }),
  });
  return createSlackDoor({
    signingSecret: env.signingSecret ?? '',
    config: packed.door,
    store,
    signal: store.signal,
    clock: env.clock === undefined ? systemClock() : scaledClock(env.clock),
    random: systemRandom,
    log: createLogger('slack'),
  });
}

async function readPacked(file: string | undefined): Promise<z.infer<typeof packedSchema>> {
  if (!file?.endsWith('.json')) throw missing('DRILLBOOK_CONFIG');
  try {
    return packedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SlackRefused('SLK-ENV', { what: `${file} cannot be read.`, why }, { cause });
  }
}

function missing(variable: string): SlackRefused {
  return new SlackRefused('SLK-ENV', { what: `${variable} is not set as this function needs it.` });
}
