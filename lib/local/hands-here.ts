/** Doors and engine in this very process: what `npm run drill` uses. */
import { sealIfLast } from '../evidence/seal.ts';
import { fileSigner } from '../evidence/signer.ts';
import { clientTls } from '../gateway/tls/client.ts';
import { type Http, networkHttp, serveHttp } from '../http.ts';
import { loadConfig } from '../load-config.ts';
import { titlesOf } from '../load-runbooks.ts';
import { systemRandom } from '../random.ts';
import { advance } from '../run/advance.ts';
import { createWebClient } from '../slack/client.ts';
import { createDirectory } from '../slack/directory.ts';
import { createSlackDoor } from '../slack/door.ts';
import { doorConfig } from '../slack/door-config.ts';
import { createNotifier } from '../slack/notifier.ts';
import { BOT } from '../twin/slack/emulator.ts';
import { createWorker, planeKeys } from '../worker.ts';
import type { Foundation } from './foundation.ts';
import type { Hands } from './hands.ts';
import { lambdaHost } from './lambda-host.ts';
import { houseLog } from './log.ts';

/** How long one advance works before it lets others in (ms of the engine's clock). */
const BUDGET_MS = 60_000;

/** The network, with the certificate that gateways ask for. */
async function httpOf(keys: string): Promise<Http> {
  const tls = await clientTls(keys);
  return networkHttp({ tls: () => tls });
}

export async function openHandsHere(
  foundation: Foundation,
  wake: (run: string) => void,
): Promise<Hands> {
  const { options, folder, ports, config, time, store, blobs, keys } = foundation;
  const { clock } = time;
  const current = () => loadConfig(folder.config);
  const client = createWebClient(foundation.slackApiUrl, BOT.token);
  const log = houseLog(folder, clock);
  const notifier = createNotifier({ client, store, config: current, clock, log });
  const { engine, ledger } = await createWorker({
    store,
    blobs,
    http: await httpOf(folder.keys),
    clock,
    random: systemRandom,
    directory: createDirectory({ client, config: current }),
    configFolder: folder.config,
    runbookFolder: options.runbookFolder,
    keys,
  });
  const door = createSlackDoor({
    signingSecret: foundation.signingSecret,
    config: doorConfig(config, await titlesOf(options.runbookFolder)),
    store,
    signal: async (run) => wake(run),
    clock,
    random: systemRandom,
    log,
  });
  const host = lambdaHost({ 'POST /slack/events': door }, clock.now);
  const served = await serveHttp(host, { host: '127.0.0.1', port: ports.doors });
  return {
    tick: async (run) => {
      const { pace, shown } = await advance(engine, run, clock.now() + BUDGET_MS);
      if (shown !== undefined) {
        options.onShown(shown);
        // A run never waits for Slack; the notifier itself never rejects.
        void notifier.show(shown);
      }
      return pace;
    },
    seal: async (run) => {
      const signer = fileSigner(keys.evidence);
      const signers = { gatewayKeys: keys.gateways, planeKeys: planeKeys(keys) };
      const from = { store, blobs, config, ledger, ...signers };
      const pack = await sealIfLast({ run, folder: folder.packs, signer, ...from });
      await store.clearDue(run);
      return pack?.path;
    },
    close: served.close,
  };
}
