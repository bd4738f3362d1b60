/**
 * The whole twin: two arrays that share the mirrors of their copy groups, two clouds above them,
 * one write load, one oracle, one folder. In process and over HTTP the same handlers answer.
 */
import { hashOf } from '../canonical.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Http } from '../http.ts';
import type { Random } from '../random.ts';
import { type ArrayState, createArray, type TwinArray } from './array/array.ts';
import type { Mirror, MirrorState } from './array/mirror.ts';
import { openDisk, type TwinDisk } from './disk.ts';
import { TwinError } from './errors.ts';
import { type Cloud, createCloud } from './openstack/cloud.ts';
import { copiesEqualOneInstant, type Sample, sampleOf } from './oracle.ts';
import type { Fault, Scenario } from './scenario.ts';
import type { Contents, Effect } from './seams.ts';
import { arraySpecFor, cloudSeedFor, mirrorFor, type Plot } from './seeds.ts';
import { strike, unknown } from './strike.ts';
import {
  drillableOf,
  type TwinMap,
  type TwinService,
  twinCredentials,
  twinMap,
} from './topology.ts';

export interface WorldDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Where state and effects are kept; without it they live in memory only. */
  readonly folder?: string;
}

interface WorldState {
  readonly fingerprint: string;
  readonly startedAt: number;
  readonly mirrors: Readonly<Record<string, MirrorState>>;
  readonly arrays: Readonly<Record<string, ArrayState>>;
  readonly clouds: Readonly<Record<string, unknown>>;
  readonly samples: readonly Sample[];
  readonly effects: number;
}

/** What the doors and the faults work on. */
export interface Insides {
  readonly map: TwinMap;
  readonly mirrors: ReadonlyMap<string, Mirror>;
  /** By site id. */
  readonly arrays: Map<string, TwinArray>;
  /** By site id too, under the cloud that stands there. */
  readonly clouds: Map<string, Cloud>;
  readonly effects: Effect[];
  readonly samples: Sample[];
}

export type World = ReturnType<typeof buildWorld>;

/** How long the load had been running when the twin was first started. */
const HISTORY_MS = 86_400_000;

/**
 * Builds the twin of a configuration, or continues the one in `deps.folder`. Throws
 * TW-STATE-FOREIGN when the folder holds a twin of another configuration.
 */
export function buildWorld(config: Config, scenario: Scenario, deps: WorldDeps) {
  const { clock } = deps;
  const disk = deps.folder === undefined ? undefined : openDisk(deps.folder);
  const map = twinMap(config, scenario);
  refuseUnknownLoad(scenario, map);
  const fingerprint = hashOf({
    map,
    scenario,
    sites: config.sites.map(({ id, array }) => [id, array]),
  });
  const saved = savedState(disk, fingerprint);
  const startedAt = saved?.startedAt ?? Math.floor(clock.now() / 1000) * 1000 - HISTORY_MS;
  const plot: Plot = { config, scenario, map, startedAt };
  const addresses = new Map<string, string>();
  const inside: Insides = {
    map,
    mirrors: new Map(map.services.map((service) => [service.group, mirrorFor(plot, service)])),
    arrays: new Map(),
    clouds: new Map(),
    effects: saved === undefined ? [] : (disk?.effects(saved.effects) ?? []),
    samples: [...(saved?.samples ?? [])],
  };
  const save = () => disk?.save(stateOf(inside, { fingerprint, startedAt }));
  populate(inside, plot, { ...deps, addresses, save, append: (effect) => disk?.append(effect) });
  if (saved !== undefined) restore(inside, saved);

  function look(): void {
    const now = clock.now();
    for (const array of inside.arrays.values()) array.settle(now);
    if (takeSamples(inside, now)) save();
  }

  /** Switches a fault on or off; service and site default to the first service and to DR. */
  function fault(name: Fault['name'], on: boolean, where: Omit<Fault, 'name'> = {}): void {
    look();
    strike(inside, { name, ...where }, { on, now: clock.now() });
    look();
    save();
  }

  look();
  if (saved === undefined)
    for (const { name, ...where } of scenario.faults) fault(name, true, where);
  save();
  return {
    config,
    map,
    credentials: twinCredentials(config),
    drillable: (serviceIds?: readonly string[]) => drillableOf(map, serviceIds),
    /** By site id: what clouds and guests do to the LDEVs there. */
    ports: new Map([...inside.arrays].map(([site, array]) => [site, array.port])),
    effects: inside.effects as readonly Effect[],
    samples: inside.samples as readonly Sample[],
    addresses,
    ...doors(inside, config, look),
    oracle: oracleOf(inside, clock, look),
    fault,
  };
}

function refuseUnknownLoad({ load }: Scenario, { services }: TwinMap): void {
  const known = services.map(({ id }) => id);
  const stranger = Object.keys(load.services).find((id) => !known.includes(id));
  if (stranger !== undefined) throw unknown('service', stranger, known);
}

function savedState(disk: TwinDisk | undefined, fingerprint: string): WorldState | undefined {
  const saved = disk?.load() as WorldState | undefined;
  if (saved === undefined || saved.fingerprint === fingerprint) return saved;
  throw new TwinError('TW-STATE-FOREIGN', 'The configuration has changed since the twin was made.');
}

function stateOf(inside: Insides, made: { fingerprint: string; startedAt: number }): WorldState {
  const each = <T, S>(things: ReadonlyMap<string, T>, take: (thing: T) => S) =>
    Object.fromEntries([...things].map(([name, thing]) => [name, take(thing)]));
  return {
    ...made,
    mirrors: each(inside.mirrors, (mirror) => mirror.snapshot()),
    arrays: each(inside.arrays, (array) => array.snapshot()),
    clouds: each(inside.clouds, (cloud) => cloud.snapshot()),
    samples: inside.samples,
    effects: inside.effects.length,
  };
}

function restore(inside: Insides, saved: WorldState): void {
  for (const [group, state] of Object.entries(saved.mirrors)) {
    inside.mirrors.get(group)?.restoreState(state);
  }
  for (const [site, state] of Object.entries(saved.arrays)) inside.arrays.get(site)?.restore(state);
  for (const [site, state] of Object.entries(saved.clouds)) inside.clouds.get(site)?.restore(state);
}

interface Hands extends WorldDeps {
  readonly addresses: ReadonlyMap<string, string>;
  save(): void;
  append(effect: Effect): void;
}

function populate(inside: Insides, plot: Plot, hands: Hands): void {
  const { clock, random, save } = hands;
  for (const site of plot.config.sites) {
    const onEffect = (effect: Omit<Effect, 'at' | 'site'>) => {
      const whole = { at: clock.now(), site: site.id, ...effect };
      inside.effects.push(whole);
      hands.append(whole);
    };
    const peer = () => [...inside.arrays].find(([other]) => other !== site.id)?.[1].peer;
    const common = { clock, random, onEffect, changed: save };
    const array = createArray(arraySpecFor(plot, site, inside.mirrors), { ...common, peer });
    inside.arrays.set(site.id, array);
    const origin = originOf('cloud', site.cloud);
    const baseUrl = () => hands.addresses.get(origin) ?? origin;
    const cloud = createCloud(cloudSeedFor(plot, site), array.port, { ...common, baseUrl });
    inside.clouds.set(site.id, cloud);
  }
}

function takeSamples({ map, arrays, samples }: Insides, now: number): boolean {
  const fresh = map.services.flatMap((service) => {
    const dr = arrays.get(service.to);
    if (dr === undefined) return [];
    const sample = sampleOf(service, dr, now);
    const last = samples.findLast((one) => one.service === service.id);
    return last !== undefined && hashOf({ ...last, at: 0 }) === hashOf({ ...sample, at: 0 })
      ? []
      : [sample];
  });
  samples.push(...fresh);
  return fresh.length > 0;
}

/** In-process address of an array (by site id) or a cloud (by name). */
export function originOf(kind: 'array' | 'cloud', name: string): string {
  return `http://${kind}.${name}.twin`;
}

/** In-process address of the forward proxy into the drill networks. */
export const PROBE_ORIGIN = 'http://probe.twin';

/** Handlers by site, the probe proxy of the last site that has drill networks, and one router. */
function doors({ arrays, clouds, map }: Insides, config: Config, look: () => void) {
  const watched =
    (handler: Http): Http =>
    async (request) => {
      look();
      const answer = await handler(request);
      look();
      return answer;
    };
  const handlers = new Map<string, Http>();
  for (const site of config.sites) {
    const [array, cloud] = [arrays.get(site.id), clouds.get(site.id)];
    if (array !== undefined) handlers.set(originOf('array', site.id), watched(array.handle));
    if (cloud !== undefined) handlers.set(originOf('cloud', site.cloud), watched(cloud.handle));
  }
  const drillSite = map.services[0]?.to ?? '';
  const probed = clouds.get(drillSite)?.probe;
  const probe: Http = watched(probed ?? (() => Promise.reject(new Error('no drill network'))));
  const http: Http = async (request) => {
    if (request.proxy !== undefined && new URL(request.proxy).origin === PROBE_ORIGIN) {
      return await probe(request);
    }
    const handler = handlers.get(new URL(request.url).origin);
    if (handler === undefined) throw new Error(`nobody listens at ${request.url}`);
    return await handler(request);
  };
  return { http, probe, handlers: handlers as ReadonlyMap<string, Http> };
}

function oracleOf({ arrays, map }: Insides, clock: Clock, look: () => void) {
  function find(group: string): TwinService {
    const service = map.services.find((one) => [one.id, one.group, one.cloneGroup].includes(group));
    if (service === undefined) throw new TwinError('TW-NAME-UNKNOWN', `No group ${group}.`);
    return service;
  }
  function arrayAt(site: string): TwinArray {
    const array = arrays.get(site);
    if (array === undefined) throw new TwinError('TW-NAME-UNKNOWN', `No array at ${site}.`);
    return array;
  }
  return {
    contents: (site: string, ldevId: number): Contents => arrayAt(site).port.contents(ldevId),
    /** See `oracle.ts`; the group by the name of service, copy group or drill group. */
    copiesEqualOneInstant(group: string): number | false {
      look();
      const service = find(group);
      return copiesEqualOneInstant(arrayAt(service.to), service, clock.now());
    },
    resyncUnderPath: (): number =>
      [...arrays.values()].reduce((sum, { parts }) => sum + parts.resyncUnderPath, 0),
  };
}
