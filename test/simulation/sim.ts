/**
 * One seed: engine, gateways, store, Slack and twin under one time and one chance, all in this
 * process. Everything passes through the same handlers as over the network.
 */
import { canonical, sha256 } from '../../lib/canonical.ts';
import type { Config } from '../../lib/config.ts';
import { type Sign, signBytes } from '../../lib/ecdsa.ts';
import type { Order, SignedOrder } from '../../lib/gateway/orders.ts';
import { openBook } from '../../lib/gateway/server/book.ts';
import { openDisk } from '../../lib/gateway/server/disk.ts';
import { createGateway } from '../../lib/gateway/server/gateway.ts';
import { carryOut } from '../../lib/gateway/server/orders.ts';
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
import { type Fate, fateOf, plain } from './fate.ts';
import { type Foundation, foundation } from './foundation.ts';
import { openMonitor } from './monitor.ts';
import { type Blows, belongingTo, type Process, startProcess, wireOf } from './process.ts';
import { type SimSlack, simSlack } from './slack.ts';
import { openStrikes } from './strikes.ts';
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
  /** What people do in this seed, wisely or not. */
  readonly fate: Fate;
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
  /** Arms a gateway again that stands still for it, by an order signed like this. */
  arm(site: string, sign: (order: Order) => SignedOrder): Promise<void>;
  /** The main centre burns down, gateway included, and does not come back. */
  loseMain(): void;
  /** When it did (ms). */
  mainLostAt: number | undefined;
  disk(site: string): Promise<string>;
  wake(run: string): void;
  readonly ended: Set<string>;
  /** Runs whose approved facts have changed since. */
  readonly stale: Set<string>;
  /** Approvers who left, with the run they had approved. */
  readonly gone: Map<string, string>;
  /** How often calls that look alike reached their target, by `lookOf`, and by run before it. */
  readonly reached: Map<string, number>;
  /** Since when Slack does not answer (ms); undefined while it does. */
  slackAwaySince: number | undefined;
  /** The same, when it stopped in one instant after an approval was written down. */
  silentSince: number | undefined;
  /** How often people tried a step again, by run and step. */
  readonly tries: Map<string, number>;
  /** Wishes that doors and people have put, by run. */
  readonly deliveries: Map<string, Set<string>>;
  readonly hosts: Set<string>;
  /** Causes of what came over the command line. */
  readonly commanded: Set<string>;
  stop(): void;
}

/** Storms pass after this long, so that runs can come to their end. */
const STORM_MS = 2 * 3_600_000;

export interface SimOptions {
  /** Instead of the seed's own. */
  readonly weather?: Weather;
  readonly blows?: Blows;
  /** How receipts are signed: the same to the byte each time, if nothing is said. */
  readonly sign?: Sign;
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
      const stored = await memory.append(chain, item);
      // Whoever did not hear the answer stores the same line again.
      const name = `${chain} ${item.seq}`;
      if (stored === 'stored' && chain.startsWith('run:') && !lines.has(name)) {
        lines.add(name);
        const event: JournalEvent = JSON.parse(item.line);
        monitor.afterLine(event);
        strikes(event);
      }
      return stored;
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
  const blows = options.blows === undefined ? {} : { blows: options.blows };
  let stopped = false;
  let forgot = false;
  /** Sites that burnt down, and lines that each gateway called written. */
  const lost = new Set<string>();
  const promised = new Map<string, number>();
  /** Lines of journals that have been looked at. */
  const lines = new Set<string>();
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
    fate: options.weather === undefined ? fateOf(seed) : plain,
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
    arm,
    loseMain: () => {
      note('the main centre burns down');
      lost.add('main');
      sim.mainLostAt = time.now();
      world.fault('site-dead', true, { site: 'main' });
      gateways.get('main')?.process.end();
    },
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
    mainLostAt: undefined,
    gone: new Map(),
    reached: new Map(),
    slackAwaySince: undefined,
    silentSince: undefined,
    deliveries,
    tries: new Map(),
    hosts,
    commanded: new Set(),
    stop: () => {
      stopped = true;
      for (const { conductor } of planes) conductor?.stop();
    },
  };
  const monitor = openMonitor(sim);
  const strikes = openStrikes(sim);

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
    if (lost.has(site)) return;
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
      promised.delete(site);
      note(`gateway ${site} is put back to an older copy`);
    }
    const clock = gateways.get(site)?.clock ?? skewed(time);
    const process = startProcess(`gateway-${site}`, {
      ...blows,
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
    const missing = (promised.get(site) ?? 0) - disk.count();
    if (missing > 0) sim.broken(3, `gateway ${site} lost ${missing} lines it had called written`);
    promised.set(site, disk.count());
    const gateway = createGateway({
      sign: options.sign ?? signBytes,
      folder,
      http: wireOf(process, toTargets),
      peerHttp: wireOf(process, troubledLine(trouble, toGateways)),
      disk: {
        ...disk,
        append: (entry) =>
          process.op('disk', async () => {
            await disk.append(entry);
            if (process.alive()) promised.set(site, disk.count());
          }),
      },
      ...deps,
    });
    gateways.set(site, { process, handle: gateway.handle, clock });
  }

  /** At the machine itself: the gateway is stopped, and its disk takes the order or not. */
  async function arm(site: string, sign: (order: Order) => SignedOrder): Promise<void> {
    const [files, folder] = [disks.get(site), base.gateways.get(site)];
    if (files === undefined || folder === undefined || lost.has(site)) return;
    gateways.get(site)?.process.end();
    files.crash(chance.hex);
    const say = (text: string) => note(`${site} says: ${text}`);
    const deps = { clock: time, random: chance.hex, say };
    const book = openBook(await openDisk({ folder: diskOf(site), site, files, ...deps }));
    const seen = book.memory.amnesia?.seen;
    const order: Order = {
      ...{ v: 1, kind: 'arm', site, ends: book.incarnation, has: book.count() },
      ...(seen === undefined ? {} : { seen }),
      begins: chance.hex(16),
    };
    await carryOut({ ...deps, book, folder }, sign(order)).catch((error: unknown) => {
      note(`${site} is not armed: ${String(error)}`);
    });
    await openGateway(site);
  }

  async function reopenLater(site: string): Promise<void> {
    await time.sleep(chance.between(200, 40_000));
    if (!stopped && gateways.get(site)?.process.alive() === false) await openGateway(site);
  }

  /** One control plane: the engine as a process with a conductor, and its view of Slack. */
  function openPlane(i: number): void {
    const clock = skewed(time);
    const process = startProcess(`plane-${i}`, {
      ...blows,
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
    const { client: direct } = sim.slack;
    // Seeds leave Slack to its own weather; blows fall on each of its calls too.
    const client = options.blows === undefined ? direct : belongingTo(process, direct, 'slack');
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
        if (sim.silentSince === undefined) sim.slack.fault(undefined);
        return;
      }
      if (storm.slackAway > 0 && sim.silentSince === undefined) {
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
