/** Remote paths between arrays, one direction each, and whether arrays are alive. */
import type { Topology } from '../../topology.ts';
import type { Reach } from './field.ts';

export interface RemotePath {
  readonly pathNumber: number;
  readonly localPortId: string;
  readonly remotePortId: string;
}

/** One path group: one direction from one array to another. */
export interface PathGroup {
  readonly from: string;
  readonly to: string;
  readonly pathGroupId: number;
  minNumOfPaths: number;
  timeoutSeconds: number;
  readonly roundTripMs: number;
  megabytesPerSecond: number;
  paths: RemotePath[];
}

export interface LinksState {
  groups: PathGroup[];
  /** Directions `from>to` that are cut. */
  cut: string[];
  dead: string[];
  /** When an array that had been dead came back (ms). */
  woke: Record<string, number>;
  /** When each direction last went up or down (ms). */
  changed: Record<string, Reach>;
}

/** What an array copies at most, as a multiple of what hosts write. */
const CATCH_UP = 8;
const BYTES_PER_MEGABYTE = 1_000_000;

const key = (from: string, to: string): string => `${from}>${to}`;

export class Links {
  #state: LinksState;
  readonly #startedAt: number;

  constructor(topology: Topology, startedAt: number) {
    this.#startedAt = startedAt;
    const groups = topology.links.map(({ paths, ...link }) => ({
      ...link,
      minNumOfPaths: 1,
      timeoutSeconds: 15,
      paths: Array.from({ length: paths }, (_, i) => pathOf(i)),
    }));
    this.#state = { groups, cut: [], dead: [], woke: {}, changed: {} };
    for (const { from, to } of groups) this.#note(from, to, startedAt);
  }

  get groups(): readonly PathGroup[] {
    return this.#state.groups;
  }

  find(from: string, to: string, pathGroupId: number): PathGroup | undefined {
    return this.#state.groups.find(
      (one) => one.from === from && one.to === to && one.pathGroupId === pathGroupId,
    );
  }

  alive(array: string): boolean {
    return !this.#state.dead.includes(array);
  }

  /** Since when it has been alive; the twin's start is long before everything. */
  awakeSince(array: string): number {
    return this.#state.woke[array] ?? this.#startedAt;
  }

  cut(from: string, to: string): boolean {
    return this.#state.cut.includes(key(from, to));
  }

  reach(from: string, to: string): Reach {
    return this.#state.changed[key(from, to)] ?? { up: false, since: this.#startedAt };
  }

  /** All path groups of one direction fail, or are well again. */
  setCut(from: string, to: string, { down, now }: { down: boolean; now: number }): void {
    const rest = this.#state.cut.filter((one) => one !== key(from, to));
    this.#state.cut = down ? [...rest, key(from, to)] : rest;
    this.#note(from, to, now);
  }

  setAlive(array: string, { alive, now }: { alive: boolean; now: number }): void {
    const rest = this.#state.dead.filter((one) => one !== array);
    this.#state.dead = alive ? rest : [...rest, array];
    if (alive) this.#state.woke[array] = now;
    for (const { from, to } of this.#state.groups) {
      if (from === array || to === array) this.#note(from, to, now);
    }
  }

  add(group: PathGroup, now: number): void {
    this.#state.groups = [...this.#state.groups, group];
    this.#note(group.from, group.to, now);
  }

  remove(group: PathGroup, now: number): void {
    this.#state.groups = this.#state.groups.filter((one) => one !== group);
    this.#note(group.from, group.to, now);
  }

  /** Changes the paths of a group; a direction without paths is down. */
  setPaths(group: PathGroup, paths: RemotePath[], now: number): void {
    group.paths = paths;
    this.#note(group.from, group.to, now);
  }

  setBandwidth(from: string, to: string, megabytesPerSecond: number): void {
    for (const group of this.#of(from, to)) group.megabytesPerSecond = megabytesPerSecond;
  }

  /** Paths of a direction, over all its path groups. */
  count(from: string, to: string): number {
    return this.#of(from, to).reduce((sum, { paths }) => sum + paths.length, 0);
  }

  /** How many times what hosts write (bytes per ms) a direction carries. */
  speed(from: string, to: string, bytesPerMs: number): number {
    const carried = this.#of(from, to).reduce((sum, one) => sum + one.megabytesPerSecond, 0);
    const times = (carried * BYTES_PER_MEGABYTE) / 1000 / Math.max(1, bytesPerMs);
    return Math.min(CATCH_UP, times);
  }

  snapshot(): LinksState {
    return structuredClone(this.#state);
  }

  restore(saved: LinksState): void {
    this.#state = structuredClone(saved);
  }

  #of(from: string, to: string): readonly PathGroup[] {
    return this.#state.groups.filter((one) => one.from === from && one.to === to);
  }

  #note(from: string, to: string, now: number): void {
    const up =
      this.alive(from) &&
      this.alive(to) &&
      !this.cut(from, to) &&
      this.#of(from, to).some(({ paths }) => paths.length > 0);
    if (this.#state.changed[key(from, to)]?.up === up) return;
    this.#state.changed[key(from, to)] = { up, since: now };
  }
}

/** Paths of a topology use the ports in order; which ports those are makes no difference here. */
function pathOf(i: number): RemotePath {
  const portId = `CL${(i % 8) + 1}-B`;
  return { pathNumber: i, localPortId: portId, remotePortId: portId };
}
