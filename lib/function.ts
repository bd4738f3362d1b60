/** What the worker's Lambda functions are made of, from their environment; made once per process. */

import type { Clock } from './clock.ts';
import { scaledClock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { type Env, readEnv } from './env.ts';
import { clientTls } from './gateway/tls/client.ts';
import { networkHttp } from './http.ts';
import { loadConfig } from './load-config.ts';
import { createLogger } from './logger.ts';
import { systemRandom } from './random.ts';
import { createWebClient } from './slack/client.ts';
import { createDirectory } from './slack/directory.ts';
import { createNotifier, type Notifier } from './slack/notifier.ts';
import { openMailbox, openStore } from './store/open.ts';
import type { Blobs, Store } from './store/store.ts';
import { createWorker, readKeys, type Worker, type WorkerKeys } from './worker.ts';

export interface WorkerFunction {
  readonly env: Env;
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly keys: WorkerKeys;
  readonly worker: Worker;
  readonly notifier: Notifier;
}

/** Throws coded errors for a wrong environment or configuration, and for a region not allowed. */
export async function openFunction(
  raw: Readonly<Record<string, string | undefined>>,
): Promise<WorkerFunction> {
  // Set to nothing counts as not set, as in `readEnv`.
  const configFolder = raw['DRILLBOOK_CONFIG'] || 'config';
  const config = await loadConfig(configFolder);
  const env = readEnv(raw, config.policy.allowedRegions);
  const clock = env.clock === undefined ? systemClock() : scaledClock(env.clock);
  const { store, blobs } = openStore(env);
  const current = () => loadConfig(configFolder);
  const client = createWebClient(env.slackUrl, env.botToken ?? '');
  const keys = await readKeys(env.keys, config, env);
  const tls = await clientTls(env.keys, env.tlsKey);
  const worker = await createWorker({
    store,
    blobs,
    http: networkHttp({ tls: () => tls }),
    mailbox: openMailbox(env),
    clock,
    random: systemRandom,
    directory: createDirectory({ client, config: current }),
    configFolder,
    runbookFolder: env.runbooks,
    keys,
  });
  const log = createLogger('slack');
  const notifier = createNotifier({ client, store, config: current, clock, log });
  return { env, config, clock, store, blobs, keys, worker, notifier };
}

/** Made at the first call and kept; a failure is not kept: the next call tries again. */
export function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}
