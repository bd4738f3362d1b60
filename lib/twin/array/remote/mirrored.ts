/** What rooms of local copies ask about the remote mirrors that their P-VOLs are part of. */
import type { Parts } from '../parts.ts';
import type { Room } from '../room.ts';

export interface Mirrored {
  readonly type: 'UR' | 'TC' | 'GAD';
  readonly group: string;
  readonly role: 'P-VOL' | 'S-VOL';
  /** As this array reports its own half now, e.g. `PAIR`, `PFUL`, `SSWS`. */
  readonly status: string;
  /** UR: the journal on this array. */
  readonly journalId?: number;
  /** A delta-resync mirror that waits in HOLD. */
  readonly delta: boolean;
}

export interface MirroredVolumes {
  /** Every remote pair that an LDEV is part of; empty for a plain volume. */
  mirrored(ldevId: number, now: number): readonly Mirrored[];
  /**
   * The instant up to which an S-VOL that follows its P-VOL has everything (ms); undefined when the
   * LDEV follows nobody (no S-VOL, suspended, taken over): then what it holds does not move by itself.
   */
  restoredUntil(ldevId: number, now: number): number | undefined;
  /** First instant in [from, now] at which everything up to `upTo` was restored; else undefined. */
  restoredBy(ldevId: number, upTo: number, span: { from: number; now: number }): number | undefined;
}

/** The remote mirrors of an array; undefined when it was made without any. */
export function mirroredIn(parts: Parts): MirroredVolumes | undefined {
  return parts.rooms.find((room): room is Room & MirroredVolumes => 'restoredUntil' in room);
}
