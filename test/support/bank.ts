/**
 * A whole bank in one process: twin, two gateways, engine, Slack door and Slack, in one time that
 * only moves when somebody waits. Everything passes through the same handlers as over the network.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as breathe } from 'node:timers/promises';
import type { ManualClock } from '../../lib/clock.ts';
import type { Config } from '../../lib/config.ts';
import { type Disk, openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway, type RunningGateway } from '../../lib/gateway/server/gateway.ts';
import { loadGatewayFolder } from '../../lib/gateway/server/settings.ts';
import type { Http } from '../../lib/http.ts';
import { loadConfig } from '../../lib/load-config.ts';
import { titlesOf } from '../../lib/load-runbooks.ts';
import { findButton, nextCue } from '../../lib/local/cast.ts';
import { type LocalFolder, openFolder } from '../../lib/local/folder.ts';
import { lambdaHost } from '../../lib/local/lambda-host.ts';
import { loginsOf } from '../../lib/local/logins.ts';
import { portsFrom } from '../../lib/local/ports.ts';
import { copyConfig, provision } from '../../lib/local/provision.ts';
import { type Stage, stageOf } from '../../lib/local/stage.ts';
import { type Random, seededRandom } from '../../lib/random.ts';
import { advance, type Shown } from '../../lib/run/advance.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Head, headSchema } from '../../lib/run/head.ts';
import { readJournal } from '../../lib/run/journal.ts';
import { type Pace, sooner } from '../../lib/run/moves/pace.ts';
import { createWebClient } from '../../lib/slack/client.ts';
import { createDirectory } from '../../lib/slack/directory.ts';
import { createSlackDoor } from '../../lib/slack/door.ts';
import { doorConfig } from '../../lib/slack/door-config.ts';
import { createNotifier } from '../../lib/slack/notifier.ts';
import { folderBlobs } from '../../lib/store/files.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';
import { parseScenario } from '../../lib/twin/scenario.ts';
import { BOT } from '../../lib/twin/slack/emulator.ts';
import { type Slack, startSlack } from '../../lib/twin/slack/slack.ts';
import {
  buildWorld,
  HOME_PROBE_ORIGIN,
  originOf,
  PROBE_ORIGIN,
  type World,
} from '../../lib/twin/world.ts';
import { createWorker, readKeys, type Worker, type WorkerKeys } from '../../lib/worker.ts';

export interface BankOptions {
  readonly seed?: string;
  /** Changes a copy of config/ or runbooks/ before anything reads them: path -> new text. */
  readonly edit?: Readonly<Record<string, (text: string) => string>>;
  /** Changes what was installed, before a gateway reads it. */
  readonly installed?: (folder: LocalFolder) => void;
  /** Stands between a gateway and its array and cloud. */
  readonly between?: (site: string, http: Http) => Http;
  /** Stands between the engine and the gateways. */
  readonly wire?: (http: Http) => Http;
  readonly store?: (store: Store) => Store;
  /** Called after each line of a journal was stored: the moment at which a fault strikes. */
  readonly onEvent?: (event: { readonly type: string; readonly data: unknown }) => void;
  /** How many workers advance each run side by side (1). */
  readonly workers?: number;
  /** Slack is only brought up to date when the run begins to wait for other people than before. */
  readonly sparing?: boolean;
}

/** Between one worker and what it works with; what is left out is the bank's own. */
export interface WorkerWraps {
  readonly store?: (store: Store) => Store;
  readonly blobs?: (blobs: Blobs) => Blobs;
  readonly wire?: (http: Http) => Http;
}

/** A button with everything about it open: another message, another channel, another plan. */
export interface Press {
  readonly run: string;
  readonly actionId: string;
  readonly slackUser: string;
  readonly team?: string;
  readonly channel?: string;
  readonly messageTs?: string;
  readonly value?: (shown: string) => string;
}

export interface Bank {
  readonly clock: ManualClock;
  readonly config: Config;
  readonly world: World;
  readonly worker: Worker;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly keys: WorkerKeys;
  readonly slack: Slack;
  readonly stage: Stage;
  readonly folder: LocalFolder;
  /** The network between the sites, without a control plane's own troubles. */
  readonly network: Http;
  /** Takes a gateway away for good. */
  killGateway(site: string): void;
  /** Takes the gateway's memory away as kill -9 would and opens its disk, perhaps changed, anew. */
  restartGateway(site: string, change?: (disk: string) => unknown): Promise<void>;
  /** A person types `/dr <text>`; the door's answer. */
  type(handle: string, text: string): Promise<string>;
  /** A person presses the newest button of this kind of the run. */
  press(handle: string, actionId: string, run: string, reason?: string): Promise<string>;
  /** The same with any account, channel and message; HTTP status of the door's answer. */
  pressAs(press: Press): Promise<number>;
  /** Changes a runbook while the house is running. */
  editRunbook(id: string, change: (text: string) => string): void;
  /** The run a door woke the engine for last. */
  lastSignal(): string;
  /** All runs a door woke the engine for, oldest first. */
  signals(): string[];
  /** What was shown to this person alone, newest last. */
  told(handle: string): string[];
  tick(run: string, worker?: Worker): Promise<Pace>;
  /** Brings the messages people see up to date, when there is news. */
  show(shown: Shown): Promise<void>;
  /** Another process that works on the same runs. */
  newWorker(wraps?: WorkerWraps): Promise<Worker>;
  /** Types the wish and lets the run come as far as it can without people. */
  ask(text: string, handle?: string): Promise<string>;
  /** Lets the run go on, people playing their parts, until the predicate holds or it ended. */
  drive(run: string, until?: (head: Head) => boolean, cues?: boolean): Promise<Head>;
  /** Somebody does what the run waits for; false when it waits for nobody. */
  playCue(head: Head): Promise<boolean>;
  head(run: string): Promise<Head>;
  events(run: string): Promise<JournalEvent[]>;
  close(): Promise<void>;
}

const TICKS_MAX = 2_000;

/** For `edit`: bounds the virtual minutes that checks and clean-up of a drill are tried for. */
export const shortTries = {
  'runbooks/drill-copy.yml': (text: string) =>
    text
      .replace('lagBelow: 5m', 'lagBelow: 1m')
      .replace('undoes: boot\n', 'undoes: boot\n    within: 2m\n')
      .replace('service.checks }}" }\n    within: 15m', 'service.checks }}" }\n    within: 1m'),
};

/**
 * Time that stands still until everybody who could go on has gone on; then it jumps to where the
 * first sleeper wakes. Sleepers side by side sleep at the same time.
 */
function fairClock(start = Date.UTC(2026, 10, 22, 1, 0, 0)): ManualClock {
  let now = start;
  const wakes: number[] = [];
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    sleep: async (ms) => {
      const wake = now + ms;
      wakes.push(wake);
      while (now < wake) {
        await breathe(1);
        now = Math.max(now, Math.min(...wakes));
      }
      wakes.splice(wakes.indexOf(wake), 1);
    },
  };
}

/** The life of a process: after its end nothing it began comes to an end, and nobody hears of it. */
interface Life {
  within<T>(work: () => Promise<T>): Promise<T>;
  readonly died: Promise<never>;
  end(): void;
}

function newLife(): Life {
  let dead = false;
  let end: (why: Error) => void = () => undefined;
  const died = new Promise<never>((_, reject) => {
    end = reject;
  });
  died.catch(() => undefined);
  const forever = new Promise<never>(() => undefined);
  return {
    within: async (work) => {
      if (dead) return forever;
      const result = await work();
      return dead ? forever : result;
    },
    died,
    end: () => {
      dead = true;
      end(new Error('socket hang up'));
    },
  };
}

/** In memory where the machine offers it: nothing here is meant to survive the test. */
const fastTmp = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

export async function openBank(options: BankOptions = {}): Promise<Bank> {
  const root = mkdtempSync(join(fastTmp(), 'drillbook-'));
  const random: Random = seededRandom(options.seed ?? 'bank');
  const clock = fairClock();
  const folder = openFolder(join(root, 'state'), { fresh: false });
  const source = join(root, 'source');
  cpSync('config', join(source, 'config'), { recursive: true });
  cpSync('runbooks', join(source, 'runbooks'), { recursive: true });
  for (const [file, change] of Object.entries(options.edit ?? {})) {
    const path = join(source, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }
  copyConfig(join(source, 'config'), folder, portsFrom(4700));
  const config = await loadConfig(folder.config);
  const file = join(folder.config, 'twin.yml');
  const scenario = parseScenario({ file, text: readFileSync(file, 'utf8') });
  const world = buildWorld(config, scenario, { clock, random });
  provision(folder, config, loginsOf(config, scenario, inProcess));
  options.installed?.(folder);

  const gateways = new Map<string, { running: RunningGateway; life: Life }>();
  const disks: Disk[] = [];
  async function openGateway(site: string): Promise<void> {
    const home = folder.gateway(site);
    const deps = { clock, random, say: () => {} };
    const disk = await openDisk({ folder: join(home, 'disk'), site, ...deps });
    disks.push(disk);
    const life = newLife();
    const http = options.between?.(site, world.http) ?? world.http;
    const settings = await loadGatewayFolder(home);
    const mortal: Disk = { ...disk, append: (entry) => life.within(() => disk.append(entry)) };
    const running = createGateway({
      folder: settings,
      http: (request) => life.within(() => http(request)),
      peerHttp: (request) => life.within(() => wire(request)),
      disk: mortal,
      blobs: folderBlobs(join(home, 'disk', 'blobs')),
      ...deps,
    });
    await running.settle();
    gateways.set(site, { running, life });
  }
  for (const site of config.sites) await openGateway(site.id);
  // Messages of the second in which a gateway started are refused as stale.
  clock.advance(1_500);
  const wire: Http = async (request) => {
    const site = config.sites.find(({ gateway }) => request.url.startsWith(gateway));
    const gateway = gateways.get(site?.id ?? '');
    if (gateway === undefined) throw new Error(`connection refused: ${request.url}`);
    return Promise.race([gateway.running.handle(request), gateway.life.died]);
  };

  const heard = listened(memoryStore(), options.onEvent);
  const store = options.store?.(heard) ?? heard;
  const blobs = memoryBlobs();
  const keys = await readKeys(folder.keys, config);
  const current = configReader(folder.config);
  const runbookFolder = join(source, 'runbooks');
  const signingSecret = 'bank-signing-secret';
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const signals: string[] = [];
  const door = createSlackDoor({
    signingSecret,
    config: doorConfig(config, await titlesOf(runbookFolder)),
    store,
    signal: async (run) => {
      signals.push(run);
    },
    clock,
    random,
    log,
  });
  const host = lambdaHost({ 'POST /slack/events': door }, clock.now);
  const slack = await startSlack({
    port: 0,
    config,
    signingSecret,
    clock,
    doorUrl: 'http://door',
    http: host,
  });
  const client = createWebClient(slack.apiUrl, BOT.token);
  // The view must not move the time of the bank by waiting for its next frame.
  const still = { now: clock.now, sleep: async () => {} };
  const notifier = createNotifier({ client, store, config: current, clock: still, log });
  const http = options.wire?.(wire) ?? wire;
  const newWorker = (wraps: WorkerWraps = {}) =>
    createWorker({
      store: wraps.store?.(store) ?? store,
      blobs: wraps.blobs?.(blobs) ?? blobs,
      http: wraps.wire?.(http) ?? http,
      clock,
      random,
      directory: createDirectory({ client, config: current }),
      configFolder: folder.config,
      runbookFolder,
      keys,
    });
  const worker = await newWorker();
  const crew = [worker];
  while (crew.length < (options.workers ?? 1)) crew.push(await newWorker());
  const stage = stageOf(slack, config);
  const person = (handle: string) => {
    const found = config.people.find((candidate) => candidate.handle === handle);
    if (found === undefined) throw new Error(`nobody is called ${handle}`);
    return found;
  };

  let told = '';
  function isNews({ state, asks, approval, planHash }: Head): boolean {
    const key = JSON.stringify([state, asks, approval?.granted.length, planHash]);
    const news = key !== told;
    told = key;
    return news || options.sparing !== true;
  }

  const bank: Bank = {
    clock,
    config,
    world,
    worker,
    store,
    blobs,
    keys,
    slack,
    stage,
    folder,
    network: wire,
    killGateway: (site) => {
      gateways.get(site)?.life.end();
      gateways.delete(site);
    },
    restartGateway: async (site, change) => {
      bank.killGateway(site);
      await change?.(join(folder.gateway(site), 'disk'));
      await openGateway(site);
      clock.advance(1_500);
    },
    type: (handle, text) => stage.type(person(handle), text),
    press: async (handle, actionId, run, reason) => {
      const button = await findButton(stage, config.policy.channel, { run, actionId });
      if (button === undefined) throw new Error(`no button ${actionId} for ${run}`);
      return stage.press(person(handle), button, reason);
    },
    pressAs: async ({ run, actionId, value, ...who }) => {
      const shown = await findButton(stage, config.policy.channel, { run, actionId });
      if (shown === undefined) throw new Error(`no button ${actionId} for ${run}`);
      const press = { ...shown, ...who, value: value?.(shown.value) ?? shown.value };
      return (await slack.pressButton(press)).status;
    },
    told: (handle) => {
      const accounts = person(handle).slack.map(({ user }) => user);
      const whispers = slack.whispers().filter(({ user }) => accounts.includes(user));
      return whispers.map(({ text }) => text);
    },
    newWorker,
    ask: async (text, handle = 'kim') => {
      await bank.type(handle, text);
      const run = bank.lastSignal();
      await bank.drive(run, (head) => head.state === 'awaiting-approval', false);
      return run;
    },
    editRunbook: (id, change) => {
      const path = join(runbookFolder, `${id}.yml`);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    },
    signals: () => [...signals],
    lastSignal: () => {
      const last = signals.at(-1);
      if (last === undefined) throw new Error('no door has signalled');
      return last;
    },
    show: async (shown) => {
      if (isNews(shown.head)) await notifier.show(shown);
    },
    tick: async (run, by) => {
      const working = (by === undefined ? crew : [by]).map(async ({ engine }) => {
        const { pace, shown } = await advance(engine, run, clock.now() + 60_000);
        if (shown !== undefined) await bank.show(shown);
        return pace;
      });
      return sooner(await Promise.all(working));
    },
    drive: async (run, until = () => false, cues = true) => {
      for (let i = 0; i < TICKS_MAX; i++) {
        const pace = await bank.tick(run);
        const head = await bank.head(run);
        if (head.state === 'ended' && pace.next === 'end') return head;
        if (until(head)) return head;
        const acted = cues && (await playCue(bank, head));
        if (acted || pace.next !== 'wait') continue;
        // Files and sockets get on before time does.
        await breathe(1);
        clock.advance(Math.min(pace.ms, 600_000));
      }
      throw new Error(`run ${run} did not come to rest`);
    },
    playCue: (head) => playCue(bank, head),
    head: async (run) => {
      const item = await store.head(run);
      if (item === undefined) throw new Error(`no head of ${run}`);
      return headSchema.parse(JSON.parse(item.json));
    },
    events: async (run) => (await readJournal(store, run)).events,
    close: async () => {
      await slack.close();
      for (const disk of disks) await disk.close();
      folder.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return bank;
}

/** Reads the configuration anew each time and parses it when a file is not what it was. */
function configReader(folder: string): () => Promise<Config> {
  let seen = '';
  let config: Promise<Config> | undefined;
  return () => {
    const names = ['sites', 'services', 'people', 'policy'];
    const text = names.map((name) => readFileSync(join(folder, `${name}.yml`), 'utf8')).join('\n');
    if (config === undefined || text !== seen) config = loadConfig(folder);
    seen = text;
    return config;
  };
}

function listened(store: Store, onEvent: BankOptions['onEvent']): Store {
  if (onEvent === undefined) return store;
  return {
    ...store,
    append: async (chain, item) => {
      const stored = await store.append(chain, item);
      if (stored === 'stored' && chain.startsWith('run:')) onEvent(JSON.parse(item.line));
      return stored;
    },
  };
}

async function playCue(bank: Bank, head: Head): Promise<boolean> {
  const cue = nextCue(head, bank.config);
  if (cue === undefined) return false;
  const { actionId, step } = cue;
  const wanted = { run: head.run, actionId, ...(step === undefined ? {} : { step }) };
  const button = await findButton(bank.stage, bank.config.policy.channel, wanted);
  if (button === undefined) return false;
  await bank.stage.press(cue.person, button, cue.words);
  return true;
}

/** Where the twin is when everything is one process. */
const inProcess = {
  array: (site: string) => originOf('array', site),
  cloud: (cloud: string) => originOf('cloud', cloud),
  probe: PROBE_ORIGIN,
  homeProbe: HOME_PROBE_ORIGIN,
};
