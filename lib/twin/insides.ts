/** What the twin is made of, put together from a topology. */
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { createArray, type TwinArray } from './array/array.ts';
import { createWriters, type Writers } from './array/data/writers.ts';
import { cloneRoom } from './array/local/clones.ts';
import { snapshotRoom } from './array/local/snapshots.ts';
import { linkedTo } from './array/objects/storages.ts';
import { createFabric, type Fabric } from './array/remote/fabric.ts';
import { Faults } from './faults/state.ts';
import { type Cloud, createCloud } from './openstack/cloud.ts';
import type { CloudSeed } from './openstack/seed.ts';
import type { Sample } from './oracle.ts';
import { originOf } from './router.ts';
import type { Effect } from './seams.ts';
import { siteOf, type Topology } from './topology.ts';
import { type Unit, unitsOf } from './units.ts';

/** A cloud, and below it the arrays (by id) and sites it stands in. */
export interface PlacedCloud {
  readonly cloud: Cloud;
  readonly arrays: readonly string[];
  readonly sites: readonly string[];
}

/** What doors, oracle and faults work on. */
export interface Insides {
  readonly topology: Topology;
  readonly units: readonly Unit[];
  readonly writers: Writers;
  readonly fabric: Fabric;
  /** By id. */
  readonly arrays: ReadonlyMap<string, TwinArray>;
  /** By name. */
  readonly clouds: ReadonlyMap<string, PlacedCloud>;
  readonly faults: Faults;
  readonly effects: Effect[];
  readonly samples: Sample[];
  /** The last sample of each service. */
  readonly latest: Map<string, Sample>;
}

export interface Hands {
  readonly clock: Clock;
  readonly random: Random;
  /** When the write load began (ms); before the twin was first started. */
  readonly startedAt: number;
  /** Network addresses by in-process address, as far as there are any. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Whether anything is written down at all. */
  readonly kept: boolean;
  save(): void;
  append(effect: Effect): void;
}

export function insidesOf(topology: Topology, hands: Hands): Insides {
  const { clock, random, startedAt } = hands;
  const writers = createWriters(topology.writers, startedAt);
  const fabric = createFabric(topology, { clock, random, writers });
  const effects: Effect[] = [];
  const note: Note = (site) => (effect) => {
    const whole = { at: clock.now(), site, ...effect };
    effects.push(whole);
    hands.append(whole);
  };
  const arrays = arraysOf(topology, { ...hands, writers, fabric, note });
  const siteDown = (site: string) => faults.siteDead(site);
  const guestsReturn = (site: string) => faults.guestsReturn(site);
  const clouds = cloudsOf(topology, { ...hands, arrays, note, siteDown, guestsReturn });
  const units = unitsOf(topology);
  const faults = new Faults({ topology, units, arrays, clouds, fabric, writers });
  const empty = { effects, samples: [], latest: new Map() };
  return { topology, units, writers, fabric, arrays, clouds, faults, ...empty };
}

/** Notes what was accepted at a site. */
type Note = (site: string) => (effect: Omit<Effect, 'at' | 'site'>) => void;

interface ArrayHands extends Hands {
  readonly writers: Writers;
  readonly fabric: Fabric;
  readonly note: Note;
}

function arraysOf(topology: Topology, hands: ArrayHands): ReadonlyMap<string, TwinArray> {
  const { clock, random, writers, fabric, note, save } = hands;
  const { pace } = topology;
  const arrays = new Map<string, TwinArray>();
  const others = (own: string) => (storageDeviceId: string) =>
    [...arrays.values()].find(({ peer }) => {
      return peer.id !== own && peer.storageDeviceId === storageDeviceId;
    })?.peer;
  for (const spec of topology.arrays) {
    const clones = topology.clones.filter(({ array }) => array === spec.id);
    const array = createArray(spec, {
      clock,
      random,
      peer: others(spec.id),
      remotes: linkedTo(topology, spec.id),
      writers,
      pace,
      rooms: [fabric.room(spec.id), cloneRoom(clones, pace), snapshotRoom(pace)],
      onEffect: note(siteOf(spec)),
      changed: save,
    });
    arrays.set(spec.id, array);
  }
  return arrays;
}

interface CloudHands extends Hands {
  readonly arrays: ReadonlyMap<string, TwinArray>;
  readonly note: Note;
  siteDown(site: string): boolean;
  guestsReturn(site: string): boolean;
}

function cloudsOf(topology: Topology, hands: CloudHands): ReadonlyMap<string, PlacedCloud> {
  const { clock, random, arrays, addresses, note, save, siteDown, guestsReturn } = hands;
  const placed = topology.clouds.map((seed): [string, PlacedCloud] => {
    const below = [...new Set(seed.backends.map(({ arrayId }) => arrayId))];
    const ports = [...arrays].filter(([id]) => below.includes(id));
    const sites = sitesOf(topology, seed);
    const origin = originOf('cloud', seed.name);
    const cloud = createCloud(seed, {
      arrays: Object.fromEntries(ports.map(([id, { port }]) => [id, port])),
      clock,
      random,
      baseUrl: () => addresses.get(origin) ?? origin,
      siteDown,
      guestsReturn,
      onEffect: note(sites[0] ?? seed.name),
      kept: hands.kept,
      changed: save,
    });
    return [seed.name, { cloud, arrays: below, sites }];
  });
  return new Map(placed);
}

/** Where a cloud stands: the sites of its arrays, and those of its hosts. */
function sitesOf({ arrays }: Topology, { backends, hosts }: CloudSeed): string[] {
  const standing = arrays.filter(({ id }) => backends.some(({ arrayId }) => arrayId === id));
  const known = new Set(arrays.map(siteOf));
  const ofHosts = hosts.map(({ site }) => site).filter((site) => known.has(site));
  return [...new Set([...standing.map(siteOf), ...ofHosts])];
}
