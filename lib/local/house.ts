/**
 * Everything on one machine: the twin and two gateways as processes of their own, and here the
 * doors, the engine, the store and the Slack people see. Nothing above knows it is a laptop.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { actions } from '../actions/index.ts';
import { type Clock, iso, systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { switchesDue } from '../evidence/due.ts';
import { type JoinParts, joinBranch } from '../evidence/join.ts';
import { readLedger } from '../evidence/records.ts';
import { networkHttp, serveHttp } from '../http.ts';
import { loadConfig } from '../load-config.ts';
import { runbookShelf } from '../load-runbooks.ts';
import type { Log } from '../logger.ts';
import { systemRandom } from '../random.ts';
import { type Conductor, createConductor } from '../run/conductor.ts';
import { type SweepParts, sweepEachMinute } from '../run/sweep.ts';
import { loadRunbook } from '../runbook/load.ts';
import { startDynalite } from '../store/dynalite.ts';
import { dynamoStore } from '../store/dynamo.ts';
import { folderBlobs } from '../store/files.ts';
import type { Blobs, Store } from '../store/store.ts';
import { startSlack } from '../twin/slack/slack.ts';
import { readKeys, type WorkerKeys } from '../worker.ts';
import { createChildren } from './children.ts';
import { controlDoor } from './control.ts';
import { installController } from './controller.ts';
import { type LocalFolder, openFolder } from './folder.ts';
import type { Foundation, HouseOptions } from './foundation.ts';
import type { Hands } from './hands.ts';
import { openHandsHere } from './hands-here.ts';
import { openServerlessHands } from './hands-serverless.ts';
import { houseLog } from './log.ts';
import { loginsOf } from './logins.ts';
import { unfinishedRuns } from './look-up.ts';
import { checkPorts, type Ports, portsFrom, twinPorts } from './ports.ts';
import { copyConfig, provision } from './provision.ts';
import { firstScenario } from './scenario.ts';
import { shelfOf, writeParams } from './shelf.ts';
import { type Stage, stageOf } from './stage.ts';
import { makeSuit } from './suit.ts';
import { houseTime } from './time.ts';
import { callOverTls } from './tls.ts';

export interface House {
  readonly folder: LocalFolder;
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly keys: WorkerKeys;
  readonly conductor: Conductor;
  readonly stage: Stage;
  /** Control door of the twin. */
  readonly twin: string;
  /** Makes the evidence pack of an ended run; the path of its folder. */
  readonly seal: (run: string) => Promise<string | undefined>;
  /** Runs that were under way when the house stopped, or had ended and have no closed pack yet. */
  readonly unfinished: () => Promise<string[]>;
  readonly close: () => Promise<void>;
}

type Closer = () => Promise<void> | void;

/** Throws coded errors for bad input before anything is started or written. */
export async function openHouse(options: HouseOptions): Promise<House> {
  await checkInput(options);
  const folder = openFolder(options.state, { fresh: options.fresh });
  const closers: Closer[] = [() => folder.close()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { ...(await furnish(options, folder, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function checkInput(options: HouseOptions): Promise<void> {
  await loadConfig(options.configFolder);
  const shelf = runbookShelf(options.runbookFolder);
  for (const id of await shelf.ids()) loadRunbook(await shelf.source(id), actions);
}

async function furnish(
  options: HouseOptions,
  folder: LocalFolder,
  closers: Closer[],
): Promise<Omit<House, 'close'>> {
  const ports = portsFrom(options.portBase);
  await checkPorts(ports);
  const isNew = !existsSync(join(folder.config, 'sites.yml'));
  if (isNew) await layOut(options, folder, ports);
  const copied = await loadConfig(folder.config);
  const time = houseTime(folder, options.factor);
  closers.push(time.stop);
  const scenario = firstScenario(folder, copied, options.seed);
  provision(folder, copied, loginsOf(copied, scenario, addressesOf(copied, ports)));
  const door = `http://127.0.0.1:${ports.twinControl}`;
  if (isNew) installController(folder, { config: copied, scenario, door });
  // People have keys of their own only now.
  const config = await loadConfig(folder.config);
  const children = createChildren({
    folder,
    real: systemClock(),
    onRestart: (name) => options.say(`${name} ended unexpectedly and is started again`),
  });
  closers.push(children.stop);
  const database = await startDynalite({ folder: folder.store, port: ports.store });
  closers.push(database.close);
  const signingSecret = secretOf(folder);
  const slack = await startSlack({
    port: ports.slack,
    config,
    signingSecret,
    clock: time.clock,
    doorUrl: `http://127.0.0.1:${ports.doors}`,
    http: networkHttp(),
  });
  closers.push(slack.close);
  const foundation: Foundation = {
    options: { ...options, runbookFolder: shelfOf(folder, options.runbookFolder) },
    folder,
    ports,
    config,
    time,
    children,
    store: dynamoStore(database.address),
    blobs: folderBlobs(folder.blobs),
    keys: await readKeys(folder.keys, config),
    signingSecret,
    slackApiUrl: slack.apiUrl,
  };
  return inhabit(foundation, stageOf(slack, config), closers);
}

/** What is shipped, in a fresh folder, and what is wished for made possible in it. */
async function layOut(options: HouseOptions, folder: LocalFolder, ports: Ports): Promise<void> {
  const { configFolder, runbookFolder: shipped, wish } = options;
  copyConfig(configFolder, folder, ports);
  const config = await loadConfig(folder.config);
  if (wish !== undefined) {
    makeSuit(folder, { config, ports }, wish);
    writeParams(folder, { config, shipped }, wish);
  }
  callOverTls(folder);
}

/** Processes, hands, conductor and the control door on the finished foundation. */
async function inhabit(
  foundation: Foundation,
  stage: Stage,
  closers: Closer[],
): Promise<Omit<House, 'close'>> {
  const { folder, ports, config, time, store } = foundation;
  const log = houseLog(folder, time.clock);
  const wake = (run: string) => conductor.wake(run);
  const [hands] = await Promise.all([openHands(foundation, wake), startSites(foundation)]);
  closers.push(hands.close);
  const conductor = createConductor({
    clock: time.clock,
    tick: hands.tick,
    onError: (run, error) => log.error('advance failed', { run, error }),
  });
  closers.push(() => conductor.stop());
  closers.push(sweeping({ store, clock: time.clock, revive: async (run) => wake(run), log }));
  const kill = foundation.children.kill;
  const join = (text: string) => joinBranch(joinParts(foundation, hands), text);
  const control = await serveHttp(
    controlDoor({ config, stage, store, clock: time.clock, wake, kill, join }),
    {
      host: '127.0.0.1',
      port: ports.control,
      bodyLimit: () => BRANCH_LIMIT,
    },
  );
  closers.push(control.close);
  await sayDue(foundation);
  folder.write('control', control.url);
  return {
    ...foundation,
    clock: time.clock,
    conductor,
    stage,
    twin: `http://127.0.0.1:${ports.twinControl}`,
    seal: hands.seal,
    unfinished: () => unfinishedRuns(store, config.policy.tenant),
  };
}

/** The law's yearly switch: told at the start, for nobody is made to wait by it. */
async function sayDue({ store, config, time, options }: Foundation): Promise<void> {
  const { tenant, law } = config.policy;
  const due = switchesDue(await readLedger(store, tenant), config, time.clock.now());
  if (due.length === 0) return;
  const names = due.map(({ service, last }) =>
    last === null ? service : `${service} (${iso(last)})`,
  );
  options.say(`no real switch within ${law?.switchEveryDays} days: ${names.join(', ')}`);
}

/** A run with all its texts, bytes. */
const BRANCH_LIMIT = 268_435_456;

const joinParts = (
  { store, blobs, config, time, keys }: Foundation,
  { seal }: Hands,
): JoinParts => ({
  ...{ store, blobs, seal, clock: time.clock, random: systemRandom },
  ...{ tenant: config.policy.tenant, gatewayKeys: keys.gateways },
});

/** What no conductor knows of is found at the start and each minute; returns how to stop it. */
function sweeping({ log, ...parts }: Omit<SweepParts, 'onError'> & { log: Log }): () => void {
  const end = new AbortController();
  const onError = (run: string, error: unknown) => {
    // A store that is closed under the last sweep is no news.
    if (!end.signal.aborted) log.error('sweep failed', { run, error });
  };
  void sweepEachMinute({ ...parts, onError }, end.signal);
  return () => end.abort();
}

function openHands(foundation: Foundation, wake: (run: string) => void): Promise<Hands> {
  return foundation.options.doors === 'here'
    ? openHandsHere(foundation, wake)
    : openServerlessHands(foundation);
}

async function startSites({ children, config, folder, options, ports, time }: Foundation) {
  const env = { DRILLBOOK_CLOCK: JSON.stringify(time.settings) };
  const twin = ['handlers/local.ts', 'twin', folder.root, String(options.portBase)];
  await Promise.all([
    children.start({ name: 'twin', script: twin, env, port: ports.twinControl }),
    ...config.sites.map(({ id, gateway }) =>
      children.start({
        name: `gateway-${id}`,
        script: ['handlers/gateway.ts', folder.gateway(id)],
        env,
        port: Number(new URL(gateway).port),
      }),
    ),
  ]);
}

function addressesOf(config: Config, ports: Ports) {
  const { arrays, clouds } = twinPorts(config, ports);
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
  return {
    array: (site: string) => at(arrays[site]),
    cloud: (cloud: string) => at(clouds[cloud]),
    probe: at(ports.probe),
    homeProbe: at(ports.homeProbe),
  };
}

/** The secret Slack and the door share on this machine; made once, kept in the folder. */
function secretOf(folder: LocalFolder): string {
  const kept = folder.read('signing-secret');
  if (kept !== undefined) return kept;
  const made = systemRandom(16);
  folder.write('signing-secret', made);
  return made;
}
