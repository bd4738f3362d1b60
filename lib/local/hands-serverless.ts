/** Doors and engine as functions under serverless-offline: what `npm start` uses. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { networkHttp } from '../http.ts';
import { titlesOf } from '../load-runbooks.ts';
import type { Pace } from '../run/moves/pace.ts';
import { doorConfig } from '../slack/door-config.ts';
import { BOT } from '../twin/slack/emulator.ts';
import { LocalError } from './folder.ts';
import type { Foundation } from './foundation.ts';
import type { Hands } from './hands.ts';
import { lookUp } from './look-up.ts';

const paceSchema = z.discriminatedUnion('next', [
  z.object({ next: z.literal('again') }),
  z.object({ next: z.literal('wait'), ms: z.number() }),
  z.object({ next: z.literal('end') }),
]);
const packSchema = z.object({ path: z.string().optional() });

/** A function may take as long as its own limit and a cold start (real ms). */
const INVOKE_LIMIT_MS = 120_000;

export async function openServerlessHands(foundation: Foundation): Promise<Hands> {
  const { children, ports, store, blobs, options } = foundation;
  const args = ['offline', '--stage', 'local', '--httpPort', String(ports.doors)];
  await children.start({
    name: 'serverless-offline',
    script: [
      'node_modules/serverless/bin/serverless.js',
      ...args,
      '--lambdaPort',
      String(ports.lambda),
    ],
    env: await environment(foundation),
    port: ports.doors,
  });
  const invoke = (name: string, payload: object) => invokeFunction(ports.lambda, name, payload);
  return {
    tick: async (run) => {
      const pace: Pace = paceSchema.parse(await invoke('advance', { run }));
      const shown = await lookUp(store, blobs, run);
      if (shown !== undefined) options.onShown(shown);
      return pace;
    },
    seal: async (run) => packSchema.parse(await invoke('report', { run })).path,
    close: async () => {},
  };
}

/** What AWS would hand to the functions, pointing at this machine instead. */
async function environment(foundation: Foundation): Promise<Record<string, string>> {
  const { folder, ports, config, time, options } = foundation;
  const door = {
    allowedRegions: config.policy.allowedRegions,
    door: doorConfig(config, await titlesOf(options.runbookFolder)),
  };
  const doorFile = resolve(join(folder.root, 'door.json'));
  writeFileSync(doorFile, JSON.stringify(door));
  return {
    AWS_REGION: config.policy.allowedRegions[0] ?? '',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    DRILLBOOK_DYNAMO_ENDPOINT: `http://127.0.0.1:${ports.store}`,
    DRILLBOOK_BLOBS: resolve(folder.blobs),
    DRILLBOOK_CONFIG: resolve(folder.config),
    DRILLBOOK_DOOR_CONFIG: doorFile,
    DRILLBOOK_RUNBOOKS: resolve(options.runbookFolder),
    DRILLBOOK_KEYS: resolve(folder.keys),
    DRILLBOOK_PACKS: resolve(folder.packs),
    DRILLBOOK_CLOCK: JSON.stringify(time.settings),
    DRILLBOOK_SIGNAL_URL: `http://127.0.0.1:${ports.control}/2015-03-31/functions/advance/invocations`,
    DRILLBOOK_SLACK_URL: foundation.slackApiUrl,
    SLACK_SIGNING_SECRET: foundation.signingSecret,
    SLACK_BOT_TOKEN: BOT.token,
  };
}

async function invokeFunction(port: number, name: string, payload: object): Promise<unknown> {
  const answer = await networkHttp()({
    method: 'POST',
    url: `http://127.0.0.1:${port}/2015-03-31/functions/drillbook-local-${name}/invocations`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
    timeoutMs: INVOKE_LIMIT_MS,
  });
  const failed = answer.headers['x-amz-function-error'] !== undefined || answer.status >= 300;
  if (failed)
    throw new LocalError('LOCAL-CHILD', `Function ${name} failed.`, {
      why: answer.body.slice(0, 500),
    });
  return JSON.parse(answer.body);
}
