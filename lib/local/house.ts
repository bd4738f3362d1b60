/**
 * Everything on one machine: the twin and two gateways as processes of their own, and here the
 * doors, the engine, the store and the Slack people see. Nothing above knows it is a laptop.
 */
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { networkHttp, serveHttp } from '../http.ts';
import { loadConfig } from '../load-config.ts';
import { runbookShelf } from '../load-runbooks.ts';
import { createLogger } from '../logger.ts';
import { systemRandom } from '../random.ts';
import { advance, type Shown } from '../run/advance.ts';
import { type Conductor, createConductor } from '../run/conductor.ts';
import { headSchema } from '../run/head.ts';
import type { Pace } from '../run/moves/pace.ts';
import { loadRunbook } from '../runbook/load.ts';
import { createWebClient } from '../slack/client.ts';
import { doorConfig } from '../slack/door-config.ts';
import { createDirectory } from '../slack/directory.ts';
import { createSlackDoor } from '../slack/door.ts';
import { createNotifier } from '../slack/notifier.ts';
import { startDynalite } from '../store/dynalite.ts';
import { dynamoStore } from '../store/dynamo.ts';
import { folderBlobs } from '../store/files.ts';
import type { Blobs, Store } from '../store/store.ts';
import type { Scenario } from '../twin/scenario.ts';
import { PROJECT_NAME } from '../twin/seams.ts';
import { BOT } from '../twin/slack/emulator.ts';
import { startSlack } from '../twin/slack/slack.ts';
import { drillableOf, twinCredentials, twinMap } from '../twin/topology.ts';
import { createWorker, readKeys, type Worker, type WorkerKeys } from '../worker.ts';
import { createChildren } from './children.ts';
import { controlDoor } from './control.ts';
import { LocalError, type LocalFolder, openFolder } from './folder.ts';
import { lambdaHost } from './lambda-host.ts';
import { checkPorts, type Ports, portsFrom } from './ports.ts';
import { copyConfig, provision, type SiteLogin } from './provision.ts';
import { firstScenario } from './scenario.ts';
import { type Stage, stageOf } from './stage.ts';
import { houseTime } from './time.ts';

export interface HouseOptions {
  readonly state: string;
  readonly fresh: boolean;
  readonly configFolder: string;
  readonly runbookFolder: string;
  readonly portBase: number;
  readonly factor: number;
  readonly seed: string | undefined;
  readonly onShown: (shown: Shown) => void;
  readonly say: (line: string) => void;
}

export interface House {
  readonly folder: LocalFolder;
  readonly ports: Ports;
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly keys: WorkerKeys;
  readonly worker: Worker;
  readonly conductor: Conductor;
  readonly stage: Stage;
  /** Runs that were under way when the house stopped. */
  readonly unfinished: () => Promise<string[]>;
  readonly close: () => Promise<void>;
}

/** Name of the secret Slack and the door share on this machine; made once, kept in the folder. */
const SIGNING_SECRET = 'signing-secret';

export async function openHouse(options: HouseOptions): Promise<House> {
  await checkInput(options);
  const folder = openFolder(options.state, { fresh: options.fresh });
  const closers: (() => Promise<void> | void)[] = [() => folder.close()];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    return await furnish(options, { folder, closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Bad input starts nothing: configuration and every runbook are read before a port is opened. */
async function checkInput(options: HouseOptions): Promise<void> {
  await loadConfig(options.configFolder);
  const shelf = runbookShelf(options.runbookFolder);
  for (const id of await shelf.ids()) loadRunbook(await shelf.source(id));
}

async function furnish(
  options: HouseOptions,
  at: { folder: LocalFolder; closers: (() => Promise<void> | void)[]; close: () => Promise<void> },
): Promise<House> {
  const { folder, closers } = at;
  const ports = portsFrom(options.portBase);
  await checkPorts(ports);
  copyConfig(options.configFolder, folder, ports);
  const config = await loadConfig(folder.config);
  const time = houseTime(folder, options.factor);
  closers.push(time.stop);
  const scenario = firstScenario(folder, options.seed);
  provision(folder, config, loginsOf(config, scenario, ports));

  const children = createChildren({
    folder,
    real: systemClock(),
    onRestart: (name) => options.say(`${name} ended unexpectedly and is started again`),
  });
  closers.push(children.stop);
  const env = { DRILLBOOK_CLOCK: JSON.stringify(time.settings) };
  await Promise.all([
    children.start(child('twin', ['handlers/local.ts', 'twin', folder.root, String(options.portBase)], env, ports.twinControl)),
    ...config.sites.map((site) =>
      children.start(
        child(`gateway-${site.id}`, ['handlers/gateway.ts', folder.gateway(site.id)], env, Number(new URL(site.gateway).port)),
      ),
    ),
  ]);

  const database = await startDynalite({ folder: folder.store, port: ports.store });
  closers.push(database.close);
  const store = dynamoStore(database.address);
  const blobs = folderBlobs(folder.blobs);
  const keys = await readKeys(folder.keys, config);
  const { clock } = time;
  const doorUrl = `http://127.0.0.1:${ports.doors}`;
  const signingSecret = secretOf(folder);
  const slack = await startSlack({ port: ports.slack, config, signingSecret, clock, doorUrl, http: networkHttp() });
  closers.push(slack.close);
  const current = () => loadConfig(folder.config);
  const client = createWebClient(slack.apiUrl, BOT.token);
  const log = createLogger('slack');
  const notifier = createNotifier({ client, store, config: current, clock, log });
  const worker = await createWorker({
    store,
    blobs,
    http: networkHttp(),
    clock,
    random: systemRandom,
    directory: createDirectory({ client, config: current }),
    configFolder: folder.config,
    runbookFolder: options.runbookFolder,
    keys,
  });

  async function tick(run: string): Promise<Pace> {
    const { pace, shown } = await advance(worker.engine, run, clock.now() + 60_000);
    if (shown !== undefined) {
      options.onShown(shown);
      // A run never waits for Slack.
      void notifier.show(shown);
    }
    return pace;
  }
  const conductor = createConductor({
    clock,
    tick,
    onError: (run, error) => log.error('advance failed', { run, error }),
  });
  closers.push(() => conductor.stop());

  const door = createSlackDoor({
    signingSecret,
    config: doorConfig(config, await titles(options.runbookFolder)),
    store,
    signal: async (run) => conductor.wake(run),
    clock,
    random: systemRandom,
    log,
  });
  const host = lambdaHost({ 'POST /slack/events': door }, clock.now);
  const served = await serveHttp(host, { host: '127.0.0.1', port: ports.doors });
  closers.push(served.close);
  const stage = stageOf(slack, config);
  const control = await serveHttp(controlDoor({ config, stage, store }), {
    host: '127.0.0.1',
    port: ports.control,
  });
  closers.push(control.close);
  folder.write('control', control.url);

  return {
    folder,
    ports,
    config,
    clock,
    store,
    blobs,
    keys,
    worker,
    conductor,
    stage,
    unfinished: async () => {
      const heads = (await store.heads(50)).map((item) => headSchema.parse(JSON.parse(item.json)));
      return heads.filter((head) => head.state !== 'ended').map((head) => head.run);
    },
    close: at.close,
  };
}

function child(name: string, args: readonly string[], env: Record<string, string>, port: number) {
  const http = networkHttp();
  const ready = async () => {
    try {
      await http({ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {}, timeoutMs: 1_000 });
      return true;
    } catch {
      // Not listening yet: looked at again in a moment.
      return false;
    }
  };
  return { name, args: ['--import', 'tsx', ...args], env, ready };
}

function loginsOf(config: Config, scenario: Scenario, ports: Ports): Record<string, SiteLogin> {
  const credentials = twinCredentials(config);
  const drillable = drillableOf(twinMap(config, scenario));
  const none = { copyGroups: [], ldevs: [], volumes: [], networks: [] };
  const logins: Record<string, SiteLogin> = {};
  for (const site of config.sites) {
    const isMain = config.services.some((service) => service.replication.from === site.id);
    const array = credentials.arrays[site.id];
    const cloud = credentials.clouds[site.cloud];
    if (array === undefined || cloud === undefined) {
      throw new LocalError('LOCAL-CHILD', `The twin has no site ${site.id}.`);
    }
    const arrayPort = isMain ? ports.arrayMain : ports.arrayDr;
    const cloudPort = isMain ? ports.cloudMain : ports.cloudDr;
    logins[site.id] = {
      array: { url: `http://127.0.0.1:${arrayPort}/ConfigurationManager`, ...array },
      cloud: {
        authUrl: `http://127.0.0.1:${cloudPort}/identity/v3`,
        user: cloud.userName,
        password: cloud.password,
        project: PROJECT_NAME,
      },
      drillable: isMain ? none : drillable,
      probes: { proxy: `http://127.0.0.1:${ports.probe}`, urls: isMain ? [] : probeUrls(config) },
    };
  }
  return logins;
}

function probeUrls(config: Config): string[] {
  const checks = config.services.flatMap((service) => service.checks);
  return checks.flatMap((check) =>
    check.kind === 'http' ? [check.url] : check.kind === 'http-json' ? check.urls : [],
  );
}

async function titles(folder: string) {
  const shelf = runbookShelf(folder);
  const ids = await shelf.ids();
  return Promise.all(
    ids.map(async (id) => ({ id, title: loadRunbook(await shelf.source(id)).title })),
  );
}

function secretOf(folder: LocalFolder): string {
  const kept = folder.read(SIGNING_SECRET);
  if (kept !== undefined) return kept;
  const made = systemRandom(16);
  folder.write(SIGNING_SECRET, made);
  return made;
}
