/**
 * What ties arrays together: remote paths, and the copy groups that two arrays share. Made once for
 * all arrays; each array gets its room from it.
 */
import type { Clock } from '../../../clock.ts';
import type { Random } from '../../../random.ts';
import type { Topology, TopologyArray } from '../../topology.ts';
import type { Writers } from '../data/writers.ts';
import type { Parts } from '../parts.ts';
import type { RoomMaker } from '../room.ts';
import { Book } from './book.ts';
import { Chronicle, noteOverwritten } from './chronicle.ts';
import { stop } from './data.ts';
import { type Devices, type DevicesState, devicesOf } from './devices.ts';
import type { Event } from './events.ts';
import type { Field } from './field.ts';
import { RemoteGroup } from './group.ts';
import { readJournal } from './journal.ts';
import { Links, type LinksState } from './links.ts';
import { pathsChanged } from './reconcile.ts';
import { remoteRoom } from './room.ts';
import { groupsOf } from './seed.ts';
import type { GroupState, PairState, Side } from './state.ts';
import { fieldOf } from './surroundings.ts';
import { shown } from './views.ts';

export interface FabricDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly writers: Writers;
}

interface FabricState {
  readonly links: LinksState;
  readonly groups: readonly GroupState[];
  readonly devices: DevicesState;
  readonly chronicle: ReturnType<Chronicle['snapshot']>;
}

interface Shown {
  readonly pvolStatus: string;
  readonly svolStatus: string;
  readonly masterJournal: string;
  readonly restoreJournal: string;
}

/** More transitions than this in one jump of the clock would be a circle. */
const EVENTS_MAX = 100_000;

interface Due {
  readonly group: RemoteGroup;
  readonly event: Event;
}

function dueIn(group: RemoteGroup | undefined, now: number): Due | undefined {
  const event = group?.due(now);
  return group && event && { group, event };
}

function firstOf(due: Iterable<Due | undefined>): Due | undefined {
  let first: Due | undefined;
  for (const one of due) if (one && !(first && first.event.at <= one.event.at)) first = one;
  return first;
}

/** One direction of the remote paths between two arrays, as faults turn it. */
export interface LinkSwitch {
  /** All its paths fail, or are well again. */
  cut(down: boolean, now: number): void;
  /** What it carries (MB/s). */
  bandwidth(megabytesPerSecond: number, now: number): void;
}

export class Fabric {
  readonly links: Links;
  readonly arrays = new Map<string, Parts>();
  readonly specs: ReadonlyMap<string, TopologyArray>;
  readonly book: Book;
  readonly writers: Writers;
  readonly chronicle = new Chronicle();
  readonly field: Field;
  readonly #groups = new Map<string, RemoteGroup>();
  readonly #moving = new Set<string>();
  #stirred = new Set<string>();
  #devices: DevicesState;

  constructor(topology: Topology, { writers }: FabricDeps) {
    this.writers = writers;
    this.specs = new Map(topology.arrays.map((spec) => [spec.id, spec]));
    this.links = new Links(topology, writers.startedAt);
    this.#devices = devicesOf(topology);
    this.book = new Book(() => this.#groups.values());
    this.field = fieldOf(this, topology.pace, (name) => void this.#moving.add(name));
    for (const state of groupsOf(topology, writers.startedAt)) this.#add(state);
    this.#settleHosts(writers.startedAt);
  }

  /** The room of one array; `createArray` makes it with the array's parts. */
  room(array: string): RoomMaker {
    return (parts) => {
      this.arrays.set(array, parts);
      return remoteRoom(this, parts);
    };
  }

  get groups(): Iterable<RemoteGroup> {
    return this.#groups.values();
  }

  group(name: string): RemoteGroup | undefined {
    return this.#groups.get(name);
  }

  /** What a group and its journals show now; several states when its pairs differ. */
  shown(group: RemoteGroup, now: number): Shown {
    const high = group.high(now);
    const states = (side: Side) =>
      [...new Set(group.pairs.map((pair) => shown(pair, side, high)))].sort().join(',');
    const journal = (side: Side) =>
      group.state.type === 'UR' ? readJournal(group, side, now).journalStatus : '';
    return {
      pvolStatus: states('p'),
      svolStatus: states('s'),
      masterJournal: journal('p'),
      restoreJournal: journal('s'),
    };
  }

  /** Groups with a half on an array, by name. */
  groupsAt(array: string): RemoteGroup[] {
    return [...this.#groups.values()].filter(
      ({ state }) => state.deviceGroups[array] !== undefined,
    );
  }

  devices(array: string): Devices {
    return this.#devices[array] ?? { journals: [], quorumDisks: [] };
  }

  /** A new group, or a pair more in one that is there. */
  addPair(state: GroupState, pair: PairState, now: number): void {
    const group = this.#groups.get(state.name) ?? this.#add(state);
    if (pair.copy !== null) noteOverwritten(group, pair, now);
    group.setPairs([...group.pairs, pair]);
    group.retune(now);
    group.fence([pair], now);
  }

  /** Dissolves one half of a pair at its array; the other one learns of it when paths allow. */
  endHalf(group: RemoteGroup, pair: PairState, at: { array: string; now: number }): void {
    stop(group, pair, at.now);
    pair[pair.from === at.array ? 'p' : 's'] = 'SMPL';
    group.fence([pair], at.now);
    pathsChanged(group, at.now);
  }

  /** Notes what time has brought to groups in motion; the others stand still. */
  settle(now: number): void {
    this.#play(now);
    for (const name of [...this.#moving]) {
      const group = this.#groups.get(name);
      group?.settle(now);
      if (group?.moves !== true) this.#moving.delete(name);
      if (group?.pairs.length === 0) this.#drop(name);
    }
  }

  /**
   * Transitions of all groups, the earliest first: one group's can stop hosts that write to another.
   * What is next of each group is looked for again only when something happened to it, or to hosts.
   */
  #play(now: number): void {
    const due = new Map<string, Due | undefined>();
    for (let i = 0; i < EVENTS_MAX; i++) {
      for (const name of this.#moving) {
        this.#stirred.add(name);
        const group = this.#groups.get(name);
        // A mirror that waits goes by how far another one has come.
        if (!due.has(name) || group?.state.delta) due.set(name, dueIn(group, now));
      }
      const first = firstOf(due.values());
      if (first === undefined) return;
      const before = [this.writers.turns, first.group.direction.from].join();
      first.event.apply(first.event.at);
      const alone = before === [this.writers.turns, first.group.direction.from].join();
      if (alone) due.delete(first.group.state.name);
      else due.clear();
    }
  }

  /** Groups that time or anybody may have changed since the last call; call on settled state. */
  takeStirred(): ReadonlySet<string> {
    const stirred = this.#stirred;
    this.#stirred = new Set();
    return stirred;
  }

  link(from: string, to: string): LinkSwitch {
    return {
      cut: (down, now) => this.rewire(now, () => this.links.setCut(from, to, { down, now })),
      bandwidth: (rate, now) => this.rewire(now, () => this.links.setBandwidth(from, to, rate)),
    };
  }

  /** Switches an array off with all its paths, or on again; what it holds stays. */
  alive(array: string, alive: boolean, now: number): void {
    if (this.links.alive(array) === alive) return;
    this.rewire(now, () => this.links.setAlive(array, { alive, now }));
  }

  /** Changes paths; all groups notice. */
  rewire(now: number, change: () => void): void {
    this.settle(now);
    change();
    for (const group of this.#groups.values()) pathsChanged(group, now);
    this.settle(now);
  }

  /** Write it down at once: it is the living state, which thousands of pairs make large. */
  snapshot(): FabricState {
    return {
      links: this.links.snapshot(),
      groups: [...this.#groups.values()].map(({ state }) => state),
      devices: this.#devices,
      chronicle: this.chronicle.snapshot(),
    };
  }

  restore(saved: FabricState): void {
    const { links, groups, devices, chronicle } = structuredClone(saved);
    this.links.restore(links);
    this.chronicle.restore(chronicle);
    this.#devices = devices;
    this.#groups.clear();
    this.#moving.clear();
    this.book.forget();
    for (const state of groups) this.#add(state);
  }

  #add(state: GroupState): RemoteGroup {
    const group = new RemoteGroup(state, this.field);
    this.#groups.set(state.name, group);
    this.#moving.add(state.name);
    this.book.forget();
    return group;
  }

  /** The definitions of a group go with its last pair. */
  #drop(name: string): void {
    this.#groups.delete(name);
    this.book.forget();
  }

  /** Writers of volumes that hosts cannot write to have never begun. */
  #settleHosts(at: number): void {
    for (const group of this.#groups.values()) group.fence(group.pairs, at);
  }
}

export const createFabric = (topology: Topology, deps: FabricDeps): Fabric =>
  new Fabric(topology, deps);
