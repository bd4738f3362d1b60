/** Journals and quorum disks of the arrays: what they are made of and how they are set. */
import type { Topology, TopologyArray } from '../../topology.ts';
import { journalRules } from './rules.ts';

export interface MirrorUnit {
  copyPace: 'L' | 'M' | 'H';
  pathBlockadeWatchInMinutes: number;
}

export interface Journal {
  readonly journalId: number;
  ldevIds: number[];
  dataOverflowWatchInSeconds: number;
  isCacheModeEnabled: boolean;
  /** Mbit/s, one of 3, 10, 100, 256. */
  copySpeed: number;
  mpBladeId: number;
  /** When it was last set, grown or shrunk (ms): a shorter watch does not strike before that. */
  changedAt: number;
  /** By mirror unit number; units that were never set have the usual values. */
  mirrorUnits: Record<string, MirrorUnit>;
}

export interface QuorumDisk {
  readonly quorumDiskId: number;
  /** Left out for a quorum without a disk, on another server. */
  readonly ldevId?: number;
  /** Id of the array at the other end. */
  readonly with: string;
  readonly readResponseGuaranteedTime: number;
}

export interface Devices {
  journals: Journal[];
  quorumDisks: QuorumDisk[];
}

/** By array id. */
export type DevicesState = Readonly<Record<string, Devices>>;

const { overflowWatchSeconds, pathBlockadeMinutes } = journalRules.limits;

export const freshJournal = (journalId: number, ldevIds: readonly number[]): Journal => ({
  journalId,
  ldevIds: [...ldevIds],
  dataOverflowWatchInSeconds: overflowWatchSeconds,
  isCacheModeEnabled: true,
  copySpeed: 256,
  mpBladeId: 0,
  changedAt: 0,
  mirrorUnits: {},
});

export const mirrorUnit = (journal: Journal, muNumber: number): MirrorUnit =>
  journal.mirrorUnits[muNumber] ?? {
    copyPace: 'M',
    pathBlockadeWatchInMinutes: pathBlockadeMinutes,
  };

/** Seconds that a quorum disk may take to answer: as the guides say. */
const READ_RESPONSE_SECONDS = 40;

export const freshQuorumDisk = (
  disk: Omit<QuorumDisk, 'readResponseGuaranteedTime'>,
): QuorumDisk => ({ ...disk, readResponseGuaranteedTime: READ_RESPONSE_SECONDS });

export function devicesOf({ arrays }: Topology): DevicesState {
  return Object.fromEntries(arrays.map((spec) => [spec.id, devicesIn(spec)]));
}

const devicesIn = ({ journals, quorumDisks }: TopologyArray): Devices => ({
  journals: journals.map(({ journalId, ldevIds }) => freshJournal(journalId, ldevIds)),
  quorumDisks: quorumDisks.map(freshQuorumDisk),
});
