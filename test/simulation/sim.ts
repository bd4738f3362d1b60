/**
 * One seed: engine, gateways, store, Slack and twin under one time and one chance, all in this
 * process. Everything passes through the same handlers as over the network.
 */
import { canonical, sha256 } from '../../lib/canonical.ts';
import type { Config } from '../../lib/config.ts';
import { signBytes } from '../../lib/ecdsa.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway } from '../../lib/gateway/server/gateway.ts';
import type { Http } from '../../lib/http.ts';
import { lambdaHost } from '../../lib/local/lambda-host.ts';
import { stageOf } from '../../lib/local/stage.ts';
import { advance } from '../../lib/run/advance.ts';
import { type Conductor, createConductor } from '../../lib/run/conductor.ts';
import type { JournalEvent } from '../../lib/run/events.ts';
import { type Head, headSchema } from '../../lib/run/head.ts';
import { readJournal } from '../../lib/run/journal.ts';
import { createDirectory } from '../../lib/slack/directory.ts';
import { createSlackDoor } from '../../lib/slack/door.ts';
import { createNotifier } from '../../lib/slack/notifier.ts';
import { memoryBlobs, memoryStore } from '../../lib/store/memory.ts';
import type { Blobs, Store } from '../../lib/store/store.ts';
import { buildWorld, type World } from '../../lib/twin/world.ts';
import { assembleWorker } from '../../lib/worker.ts';
import { type MemoryFiles, memoryFiles } from '../support/files.ts';
import { type Chance, chanceOf } from './chance.ts';
import { type Foundation, foundation } from './foundation.ts';
import { openMonitor } from './monitor.ts';
import { belongingTo, type Process, type ProcessDeps, startProcess, wireOf } from './process.ts';
import { type SimSlack, simSlack } from './slack.ts';
import { type SimTime, type SkewedClock, simTime, skewed } from './time.ts';
import { troubledLine, troubledStore } from './trouble.ts';
import { calm, type Weather, weatherOf } from './weather.ts';

export interface Sim {
  readonly seed: number;
  readonly time: SimTime;
  readonly chance: Chance;
  readonly base: Foundation;
  readonly world: World;
  /** Without any trouble between: for people's eyes and for the checks. */
  readonly store: Store;
  readonly blobs: Blobs;
  readonly slack: SimSlack;
  readonly stage: ReturnType<typeof stageOf>;
  /** What goes wrong from now on. */
  weather: Weather;
  /** The configuration as the engine reads it now. */
  config: Config;
  readonly runs: string[];
  readonly trace: string[];
  readonly violations: string[];
  note(text: string): void;
  /** A rule was broken: the first words name it. */
  broken(rule: number, what: string): void;
  events(run: string): Promise<JournalEvent[]>;
  head(run: string): Promise<Head | undefined>;
  /** What reaches a gateway from anybody. */
  readonly toGateways: Http;
  restart(site: string, old?: boolean): Promise<void>;
  disk(site: string): Promise<string>;
  wake(run: string): void;
  readonly ended: Set<string>;
  /** Runs whose approved facts have changed since. */
  readonly stale: Set<string>;
  /** Since when Slack does not answer (ms); undefined while it does. */
  slackAwaySince: number | undefined;
  /** How often people tried a step again, by run and step. */
  readonly tries: Map<string, number>;
  /** Wishes that doors and people have put, by run. */
  readonly deliveries: Map<string, Set<string>>;
  readonly hosts: Set<string>;
  stop(): void;
}

/** Storms pass after this long, so that runs can come to their end. */
const STORM_MS = 2 * 3_600_000;

export interface SimOptions {
  /** Instead of the seed's own. */
  readonly weather?: Weather;
  readonly blow?: ProcessDeps['blow'];
}

export async function openSim(seed: number, options: SimOptions = {}): Promise<Sim> {
  const base = await foundation();
  const chance = chanceOf(`seed ${seed}`);
  const time = simTime();
  const trace: string[] = [];
  const violations: string[] = [];
  const start = time.now();
  const storm = options.weather ?? weatherOf(seed);
  const note = (text: string) => {
    trace.push(`${((time.now() - start) / 1000).toFixed(3).padStart(10)} s  ${text}`);
  };
  const { config, scenario } = base;
  const world = buildWorld(config, scenario, {
    clock: time,
    random: chanceOf(`twin ${seed}`).hex,
  });
  const memory = memoryStore();
  const store: Store = {
    ...memory,
    putInbox: async (item) => {
      const put = await memory.putInbox(item);
      const known = deliveries.get(item.run) ?? new Set<string>();
      if (put) deliveries.set(item.run, known.add(item.delivery));
      return put;
    },
    append: async (chain, item) => {
      monitor.beforeLine(chain, item.line);
      return memory.append(chain, item);
    },
  };
  const blobs = memoryBlobs();
  const runs: string[] = [];
  const ended = new Set<string>();
  const hosts = new Set<string>();
  const stale = new Set<string>();
  const deliveries = new Map<string, Set<string>>();
  const disks = new Map<string, MemoryFiles>();
  const gateways = new Map<string, { process: Process; handle: Http; clock: SkewedClock }>();
  const planes: { process?: Process; conductor?: Conductor }[] = [];
  const blow = options.blow === undefined ? {} : { blow: options.blow };
  let stopped = false;
  let forgot = false;
  let copies: { readonly site: string; readonly files: Map<string, Buffer> } | undefined;

  const sim: Sim = {
    seed,
    time,
    chance,
    base,
    world,
    store,
    blobs,
    slack: simSlack({ config, time, signingSecret: SECRET, door: doorOf() }),
    get stage() {
      return stageOf(
        { ...sim.slack, url: '', apiUrl: '', submitView: never, close: async () => {} },
        config,
      );
    },
    // In half of the seeds the storm waits for the plan: many would never get that far.
    weather: chance.happens(0.5) ? storm : { ...calm, planes: storm.planes },
    config,
    runs,
    trace,
    violations,
    note,
    broken: (rule, what) => {
      violations.push(`rule ${rule}: ${what}`);
      note(`RULE ${rule} BROKEN: ${what}`);
    },
    events: async (run) => (await readJournal(store, run)).events,
    head: async (run) => {
      const item = await store.head(run);
      return item === undefined ? undefined : headSchema.parse(JSON.parse(item.json));
    },
    toGateways,
    restart: openGateway,
    disk: async (site) => {
      const files = disks.get(site) ?? memoryFiles();
      const folder = diskOf(site);
      const names = (await files.list(folder)).sort();
      const parts = await Promise.all(names.map((name) => files.read(`${folder}/${name}`)));
      return parts.map(String).join('');
    },
    wake: (run) => {
      for (const { conductor, process } of planes) if (process?.alive()) conductor?.wake(run);
    },
    ended,
    stale,
    slackAwaySince: undefined,
    deliveries,
    tries: new Map(),
    hosts,
    stop: () => {
      stopped = true;
      for (const { conductor } of planes) conductor?.stop();
    },
  };
  const monitor = openMonitor(sim);

  function doorOf(): Http {
    const door = createSlackDoor({
      signingSecret: SECRET,
      config: base.door,
      store,
      signal: async (run) => {
        if (!runs.includes(run)) runs.push(run);
        if (chance.happens(sim.weather.signalLost)) return note(`signal lost: ${run}`);
        sim.wake(run);
      },
      clock: time,
      random: chance.hex,
      log: silent,
    });
    return lambdaHost({ 'POST /slack/events': door }, time.now);
  }

  async function toGateways(request: Parameters<Http>[0]) {
    const site = config.sites.find(({ gateway }) => request.url.startsWith(gateway));
    const gateway = gateways.get(site?.id ?? '');
    hosts.add(new URL(request.url).host);
    if (gateway === undefined || !gateway.process.alive()) throw new Error('connection refused');
    const heard = gateway.handle(request);
    heard.catch(() => undefined);
    return Promise.race([heard, gateway.process.gone]);
  }

  /** Starts or restarts the gateway of a site; with `old` on a copy of its disk from before. */
  async function openGateway(site: string, old = false): Promise<void> {
    const folder = base.gateways.get(site);
    if (folder === undefined) throw new Error(`no site ${site}`);
    gateways.get(site)?.process.end();
    const files = disks.get(site) ?? memoryFiles();
    disks.set(site, files);
    files.crash(chance.hex);
    if (old && copies?.site === site) {
      for (const name of await files.list(diskOf(site)))
        await files.remove(`${diskOf(site)}/${name}`);
      for (const [name, bytes] of copies.files) {
        await (await files.open(name)).append(bytes);
        files.damage(name, (whole) => whole);
      }
      note(`gateway ${site} is put back to an older copy`);
    }
    const clock = gateways.get(site)?.clock ?? skewed(time);
    const process = startProcess(`gateway-${site}`, {
      ...blow,
      time,
      chance,
      note,
      dangers: () => ({ dies: sim.weather.gatewayDies, freezes: 0 }),
      onEnd: () => void reopenLater(site),
    });
    const trouble = { time, chance, note, weather: () => sim.weather };
    const toTargets = troubledLine(trouble, async (request) => {
      hosts.add(new URL(request.url).host);
      await monitor.beforeTarget(site, request);
      return world.http(request);
    });
    const deps = {
      clock,
      random: chance.hex,
      say: (text: string) => note(`${site} says: ${text}`),
    };
    const disk = await openDisk({ folder: diskOf(site), site, files, ...deps });
    const gateway = createGateway({
      sign: signBytes,
      folder,
      http: wireOf(process, toTargets),
      peerHttp: wireOf(process, troubledLine(trouble, toGateways)),
      disk: { ...disk, append: (entry) => process.op('disk', () => disk.append(entry)) },
      ...deps,
    });
    gateways.set(site, { process, handle: gateway.handle, clock });
  }

  async function reopenLater(site: string): Promise<void> {
    await time.sleep(chance.between(200, 40_000));
    if (!stopped && gateways.get(site)?.process.alive() === false) await openGateway(site);
  }

  /** One control plane: the engine as a process with a conductor, and its view of Slack. */
  function openPlane(i: number): void {
    const clock = skewed(time);
    const process = startProcess(`plane-${i}`, {
      ...blow,
      time,
      chance,
      note,
      dangers: () => ({ dies: sim.weather.engineDies, freezes: sim.weather.freezes }),
      onEnd: () => {
        planes[i]?.conductor?.stop();
        void time.sleep(chance.between(500, 90_000)).then(() => {
          if (!stopped) openPlane(i);
        });
      },
    });
    const trouble = { time, chance, note, weather: () => sim.weather };
    const mine = belongingTo(process, troubledStore(trouble, store), 'store');
    const { client } = sim.slack;
    const current = async () => sim.config;
    const { engine } = assembleWorker(
      {
        store: mine,
        blobs: belongingTo(process, blobs, 'blobs'),
        http: wireOf(process, troubledLine(trouble, sim.toGateways, 'gateways')),
        clock,
        random: chance.hex,
        directory: createDirectory({ client, config: current }),
        keys: base.keys,
      },
      { config: current, runbook: base.runbook },
      config,
    );
    const notifier = createNotifier({ client, store: mine, config: current, clock, log: silent });
    const conductor = createConductor({
      clock,
      tick: async (run) => {
        if (!process.alive()) return { next: 'end' };
        if (chance.happens(sim.weather.clocksJump)) {
          const ms = chance.between(-120_000, 120_000);
          note(`clock of plane-${i} jumps by ${ms} ms`);
          clock.jump(ms);
        }
        const { pace, shown } = await advance(engine, run, clock.now() + 25_000);
        if (shown !== undefined) await Promise.race([notifier.show(shown), time.sleep(3_000)]);
        if (pace.next === 'end') ended.add(run);
        return pace;
      },
      onError: (run, error) => {
        note(`plane-${i}, ${run}: ${String(error).slice(0, 200)}`);
        if (isFault(error)) sim.broken(10, `fault in the engine: ${String(error).slice(0, 200)}`);
      },
    });
    planes[i] = { process, conductor };
    for (const run of runs) if (!ended.has(run)) conductor.wake(run);
  }

  /** What comes from outside of everybody: the storm passes, disks are put back, Slack is away. */
  async function weatherman(): Promise<void> {
    while (!stopped && sim.weather !== storm) {
      await time.sleep(2_000);
      const heads = await Promise.all(runs.map((run) => sim.head(run)));
      if (heads.some((head) => head?.approval !== undefined)) sim.weather = storm;
    }
    while (!stopped) {
      await time.sleep(chance.between(5_000, 60_000));
      if (stopped) return;
      if (time.now() > start + STORM_MS) {
        sim.weather = { ...calm, planes: storm.planes };
        sim.slackAwaySince = undefined;
        sim.slack.fault(undefined);
        return;
      }
      if (storm.slackAway > 0) {
        const away = chance.happens(storm.slackAway);
        sim.slackAwaySince = away ? (sim.slackAwaySince ?? time.now()) : undefined;
        sim.slack.fault(away ? chance.oneOf(['http-500', 'rate-limited'] as const) : undefined);
      }
      const site = chance.oneOf(config.sites).id;
      if (chance.happens(storm.clocksJump * 5))
        gateways.get(site)?.clock.jump(chance.between(-90_000, 90_000));
      if (chance.happens(storm.gatewayDies * 3)) gateways.get(site)?.process.end();
      if (!storm.amnesia || forgot) continue;
      if (copies === undefined && runs.length > 0) copies = await copyOf(site);
      else if (copies !== undefined && chance.happens(0.2)) {
        await openGateway(copies.site, true);
        forgot = true;
      }
    }
  }

  async function copyOf(site: string) {
    const files = disks.get(site) ?? memoryFiles();
    const found = new Map<string, Buffer>();
    for (const name of await files.list(diskOf(site))) {
      found.set(`${diskOf(site)}/${name}`, await files.read(`${diskOf(site)}/${name}`));
    }
    return { site, files: found };
  }

  /** What a lost signal costs: everything open is looked at again each minute. */
  async function sweeper(): Promise<void> {
    while (!stopped) {
      await time.sleep(60_000);
      for (const run of runs) if (!ended.has(run)) sim.wake(run);
    }
  }

  for (const site of config.sites) await openGateway(site.id);
  await pass(time, 1_500);
  for (let i = 0; i < storm.planes; i++) openPlane(i);
  void weatherman();
  void sweeper();
  return sim;
}

/** Lets time pass before anybody else lives in it. */
async function pass(time: SimTime, ms: number): Promise<void> {
  let over = false;
  void time.sleep(ms).then(() => {
    over = true;
  });
  await time.run(() => over);
}

const SECRET = 'simulated-signing-secret';
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const diskOf = (site: string): string => `/disk/${site}`;
const never = async () => {
  throw new Error('nobody opens modals here');
};

/** What no weather can cause: the program itself is wrong. */
const isFault = (error: unknown): boolean =>
  error instanceof Error &&
  ['TypeError', 'ReferenceError', 'SyntaxError', 'ZodError', '$ZodError'].includes(error.name);

/** One hash over everything that must be the same when the seed is played again. */
export async function fingerprint(sim: Sim): Promise<string> {
  const journals = await Promise.all(sim.runs.map((run) => sim.store.chain(`run:${run}`)));
  const ledger = await sim.store.chain(`ledger:${sim.config.policy.tenant}`);
  const disks = await Promise.all(sim.config.sites.map(({ id }) => sim.disk(id)));
  return sha256(
    canonical({ journals, ledger, disks, effects: sim.world.effects, trace: sim.trace }),
  );
}
