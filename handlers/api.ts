/**
 * The door for gateways that nobody can reach from outside: they fetch their messages here and post
 * their answers. Each request is signed with the gateway's own key.
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
import { openMailbox } from '../lib/store/open.ts';

const door = remembered(async () => {
  const { policy, sites } = await loadConfig(process.env['DRILLBOOK_CONFIG'] || 'config');
  const env = readEnv(process.env, policy.allowedRegions);
  const keys = new Map<string, string>();
  for (const { id } of sites) {
    keys.set(id, await readFile(join(env.keys, `gateway-${id}.pub.pem`), 'utf8'));
  }
  return mailboxDoor({
    mailbox: openMailbox(env),
    keyOf: (site) => keys.get(site),
    clock: env.clock === undefined ? systemClock() : scaledClock(env.clock),
  });
});

export async function handler(
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { status, headers, body } = await (await door())(requestOf(event));
  return { statusCode: status, headers: { ...headers }, body };
}

/** As the gateway signed it: with the host that it called. */
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
