/**
 * The whole twin: arrays that share the mirrors of their copy groups, clouds above them, one write
 * load, one oracle, one folder. In process and over HTTP the same handlers answer.
 */
import * as z from 'zod';
import { hashOf } from '../canonical.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Random } from '../random.ts';
import type { ArrayState } from './array/array.ts';
import type { WritersState } from './array/data/writers.ts';
import type { Fabric } from './array/remote/fabric.ts';
import type { Centres } from './centres.ts';
import { openDisk, type TwinDisk } from './disk.ts';
import type { DoorFault } from './doors/door.ts';
import { TwinError } from './errors.ts';
import type { Struck } from './faults/state.ts';
import { unknown } from './faults/targets.ts';
import { type Insides, insidesOf, type PlacedCloud } from './insides.ts';
import { drillableOf, type TwinMap, twinCredentials, twinMap } from './map.ts';
import type { Cloud } from './openstack/cloud.ts';
import type { ServiceBinary } from './openstack/restarts.ts';
import type { CloudSeed } from './openstack/seed.ts';
import { oracleOf, type Sample, takeSamples } from './oracle.ts';
import { routerOf } from './router.ts';
import type { Fault, Scenario } from './scenario.ts';
import type { Effect } from './seams.ts';
import { topologyOf } from './seeds.ts';

export { HOME_PROBE_ORIGIN, originOf, PROBE_ORIGIN } from './router.ts';

export interface WorldDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Where state and effects are kept; without it they live in memory only. */
  readonly folder?: string;
}

interface WorldState {
  readonly fingerprint: string;
  readonly startedAt: number;
  readonly writers: WritersState;
  readonly fabric: ReturnType<Fabric['snapshot']>;
  readonly arrays: Readonly<Record<string, ArrayState>>;
  readonly clouds: Readonly<Record<string, unknown>>;
  readonly faults: readonly Struck[];
  readonly samples: readonly Sample[];
  readonly effects: number;
}

export type TwinWorld = ReturnType<typeof createWorld>;

/** How long the load had been running when the twin was first started. */
const HISTORY_MS = 86_400_000;

/**
 * Builds the twin of a topology, or continues the one in `deps.folder`. Throws TW-STATE-FOREIGN when
 * the folder holds another twin, TW-STATE-BROKEN when what it holds cannot be read, TW-NAME-UNKNOWN
 * when a fault names what is not there.
 */
export function createWorld({ topology, faults }: Centres, deps: WorldDeps) {
  const { clock, random } = deps;
  const disk = deps.folder === undefined ? undefined : openDisk(deps.folder);
  const fingerprint = hashOf({ topology, faults });
  const saved = savedState(disk, fingerprint);
  const startedAt = saved?.startedAt ?? Math.floor(clock.now() / 1000) * 1000 - HISTORY_MS;
  const addresses = new Map<string, string>();
  const save = () => disk?.save(stateOf(inside, { fingerprint, startedAt }));
  const append = (effect: Effect) => disk?.append(effect);
  const kept = disk !== undefined;
  const hands = { clock, random, startedAt, addresses, kept, save, append };
  const inside = insidesOf(topology, hands);
  if (saved !== undefined) goOn(inside, saved, disk);

  const look = lookerAt(inside, clock, save);

  /** What an operator does on a controller; throws TW-NAME-UNKNOWN for an unknown cloud. */
  function operate(cloudName: string, work: (cloud: Cloud) => void): void {
    const placed = inside.clouds.get(cloudName);
    if (placed === undefined) throw unknown('cloud', cloudName, [...inside.clouds.keys()]);
    look();
    work(placed.cloud);
    save();
  }

  /** Switches a fault on or off; what it strikes defaults to the first service and to DR. */
  function fault(name: Fault['name'], on: boolean, where: Omit<Fault, 'name'> = {}): void {
    look();
    inside.faults.turn({ name, ...where }, { on, now: clock.now() });
    look('all');
    save();
  }

  look();
  if (saved === undefined) for (const { name, ...where } of faults) fault(name, true, where);
  save();
  return {
    topology,
    clock,
    units: inside.units,
    /** By array id: what clouds and guests do to the LDEVs there. */
    ports: new Map([...inside.arrays].map(([id, array]) => [id, array.port])),
    effects: inside.effects as readonly Effect[],
    samples: inside.samples as readonly Sample[],
    /** Network addresses by in-process address, once doors are open. */
    addresses,
    ...routerOf(inside, look),
    oracle: oracleOf(inside, clock, look),
    fault,
    restartService: (cloudName: string, binary: ServiceBinary) =>
      operate(cloudName, (cloud) => cloud.restart(binary)),
    /** What an operator restores of Cinder's database; throws TW-NAME-UNKNOWN for an unknown cloud. */
    restoreRows: (cloudName: string, rows: CloudSeed['volumes']) =>
      operate(cloudName, (cloud) => cloud.rows(rows)),
    faultsOn: () => inside.faults.on(),
    atDoor: (origin: string, door: DoorFault) => inside.faults.atDoor(origin, door),
  };
}

/**
 * Brings everything up to now. A cloud settles before its own requests; here it only keeps up while
 * others are asked, once an instant unless `all` is said.
 */
function lookerAt(inside: Insides, clock: Clock, save: () => void) {
  let cloudsSettledAt = Number.NEGATIVE_INFINITY;
  return (all?: 'all'): void => {
    const now = clock.now();
    inside.fabric.settle(now);
    for (const array of inside.arrays.values()) array.settle(now);
    const still = now === cloudsSettledAt && all === undefined;
    const moved = still ? [] : [...inside.clouds.values()].map(settleCloud);
    cloudsSettledAt = now;
    if (takeSamples(inside, now) || moved.includes(true)) save();
  };
}

const settleCloud = ({ cloud }: PlacedCloud): boolean => cloud.settle();

/** The twin of a configuration: one array and one cloud for each of its sites. */
export function buildWorld(config: Config, scenario: Scenario, deps: WorldDeps) {
  const map = twinMap(config, scenario);
  refuseUnknownLoad(scenario, map);
  const topology = topologyOf({ config, scenario, map });
  return {
    ...createWorld({ topology, faults: scenario.faults }, deps),
    config,
    map,
    credentials: twinCredentials(config),
    drillable: (serviceIds?: readonly string[]) => drillableOf(map, serviceIds),
  };
}

/** The twin of a configuration, with its map. */
export type World = ReturnType<typeof buildWorld>;

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
  return {
    ...made,
    writers: inside.writers.snapshot(),
    fabric: inside.fabric.snapshot(),
    arrays: Object.fromEntries([...inside.arrays].map(([id, array]) => [id, array.snapshot()])),
    clouds: Object.fromEntries(
      [...inside.clouds].map(([name, { cloud }]) => [name, cloud.snapshot()]),
    ),
    faults: inside.faults.snapshot(),
    samples: inside.samples,
    effects: inside.effects.length,
  };
}

/** What an older or newer twin wrote may have another shape. */
function goOn(inside: Insides, saved: WorldState, disk: TwinDisk | undefined): void {
  try {
    restore(inside, saved, disk?.effects(saved.effects) ?? []);
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new TwinError('TW-STATE-BROKEN', `The state in the folder does not fit: ${why}.`);
  }
}

function restore(inside: Insides, saved: WorldState, effects: readonly Effect[]): void {
  inside.writers.restore(saved.writers);
  inside.fabric.restore(saved.fabric);
  for (const [id, state] of Object.entries(saved.arrays)) inside.arrays.get(id)?.restore(state);
  for (const [name, state] of Object.entries(saved.clouds)) {
    inside.clouds.get(name)?.cloud.restore(state);
  }
  inside.faults.restore(saved.faults);
  inside.samples.push(...saved.samples);
  for (const sample of saved.samples) inside.latest.set(sample.service, sample);
  inside.effects.push(...effects);
}
