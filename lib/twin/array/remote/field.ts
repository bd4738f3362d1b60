/** What a remote copy group finds around it: arrays, paths, journals, hosts that write. */
import type { Pace } from '../../topology.ts';
import type { History } from '../data/history.ts';
import type { Writers } from '../data/writers.ts';
import type { Chronicle } from './chronicle.ts';

/** Whether data gets from one array to another, and since when that is so (ms). */
export interface Reach {
  readonly up: boolean;
  readonly since: number;
}

export interface JournalSetting {
  readonly capacityBytes: number;
  readonly overflowWatchMs: number;
  readonly blockadeMs: number;
  /** Since when it is so (ms). */
  readonly changedAt: number;
}

export interface Field {
  readonly writers: Writers;
  readonly pace: Pace;
  readonly chronicle: Chronicle;
  reach(from: string, to: string): Reach;
  /** How many paths a direction has. */
  paths(from: string, to: string): number;
  alive(array: string): boolean;
  /** When it came back, if it had been dead (ms). */
  awakeSince(array: string): number;
  /** How many times faster than hosts write the paths carry; at most what an array can do. */
  speed(from: string, to: string): number;
  /** What a volume holds now, by itself or as a copy. */
  history(array: string, ldevId: number, now: number): History;
  /** What a volume holds by itself. */
  own(array: string, ldevId: number): History;
  keep(array: string, ldevId: number, history: History): void;
  journal(array: string, journalId: number, muNumber: number): JournalSetting;
  /** Whether a quorum disk can be asked from both arrays. */
  quorum(arrays: readonly [string, string], quorumDiskId: number | undefined): boolean;
  /** The group may be in motion now. */
  touched(name: string): void;
  /** Pairs have come or gone. */
  rebound(): void;
  /** Pairs point the other way: other writers may write to what groups copy. */
  turned(): void;
  /** The volume and those it is itself a copy of, upstream. */
  sources(volume: Volume): readonly Volume[];
  /** Up to when the volume has what was written upstream, through any other group (ms). */
  reachedBy(volume: Volume, except: string, now: number): number | undefined;
  /** Hosts stop or go on, as the volumes named may be written or not. */
  fence(volumes: readonly Volume[], at: number): void;
}

export interface Volume {
  readonly array: string;
  readonly ldevId: number;
}
