/**
 * Two doors that know nobody, so each request is signed: gateways that cannot be reached from outside
 * fetch their messages here, and people hand in what they signed with their own keys.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { scaledClock, systemClock } from '../lib/clock.ts';
import { readEnv } from '../lib/env.ts';
import { remembered } from '../lib/function.ts';
import { mailboxDoor } from '../lib/gateway/outbound/door.ts';
import type { HttpRequest } from '../lib/http.ts';
import { loadConfig } from '../lib/load-config.ts';
import { wishDoor } from '../lib/run/wish-door.ts';
import { refusalIn } from '../lib/slack/texts/codes.ts';
import { doorStore } from '../lib/store/door.ts';
import { StoreError } from '../lib/store/errors.ts';
import { openMailbox, openTable } from '../lib/store/open.ts';

const settings = remembered(async () => {
  const config = await loadConfig(process.env['DRILLBOOK_CONFIG'] || 'config');
  const env = readEnv(process.env, config.policy.allowedRegions);
  return { config, env, clock: env.clock === undefined ? systemClock() : scaledClock(env.clock) };
});

const gateways = remembered(async () => {
  const { config, env, clock } = await settings();
  const keys = new Map<string, string>();
  for (const { id } of config.sites) {
    keys.set(id, await readFile(join(env.keys, `gateway-${id}.pub.pem`), 'utf8'));
  }
  return mailboxDoor({ mailbox: openMailbox(env), keyOf: (site) => keys.get(site), clock });
});

const people = remembered(async () => {
  const { config, env, clock } = await settings();
  const { signalUrl, credentials } = env;
  if (signalUrl === undefined || credentials === undefined) {
    const why = 'DRILLBOOK_SIGNAL_URL or the credentials of the function are not set.';
    throw new StoreError('STORE-ENV', { what: 'The door cannot call the engine.', why });
  }
  const { dynamoEndpoint, ...rest } = env;
  const endpoint = dynamoEndpoint === undefined ? {} : { endpoint: dynamoEndpoint };
  const { signal } = doorStore({ ...rest, signalUrl, credentials, ...endpoint });
  const store = openTable(env);
  return wishDoor({ store, signal, people: config.people, clock, inLanguage: refusalIn });
});

export async function handler(
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const request = requestOf(event);
  const isWish = event.rawPath === '/wishes';
  const { status, headers, body } = isWish
    ? await (await people())(request, event.requestContext.http.sourceIp)
    : await (await gateways())(request);
  return { statusCode: status, headers: { ...headers }, body };
}

/** As a gateway signed it: with the host that it called. */
function requestOf(event: APIGatewayProxyEventV2): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const scheme = headers['x-forwarded-proto'] ?? 'https';
  const body = event.isBase64Encoded
    ? Buffer.from(event.body ?? '', 'base64').toString('utf8')
    : event.body;
  return {
    method: event.requestContext.http.method,
    url: `${scheme}://${headers['host']}${event.rawPath}`,
    headers,
    ...(body === undefined ? {} : { body }),
  };
}
