/** What a journal shows of one mirror: its status, its markers, how full it is. */
import { mix, seedOf } from '../data/instants.ts';
import type { RemoteGroup } from './group.ts';
import { pending, received, recordsUpTo, spanOf } from './positions.ts';
import { type JournalPhase, journalRules } from './rules.ts';
import { type Side, sideOf } from './state.ts';

export interface Reading {
  readonly journalStatus: string;
  readonly numOfActivePaths: number;
  readonly usageRate: number;
  readonly qMarker: string;
  readonly qCount: number;
}

/** Side `p` is the master journal, `s` the restore journal. */
export function readJournal(group: RemoteGroup, side: Side, now: number): Reading {
  const { track, state } = group;
  const active = group.following && !state.delta;
  const waits = active ? pending(track, now) : NOTHING;
  const last = active ? lastOf(group, side, now) : state.closedAt[side];
  return {
    journalStatus: journalRules.statuses[phaseOf(group, side, now)][side],
    numOfActivePaths: pathsOf(group, side),
    usageRate: side === 'p' ? waits.masterPercent : waits.restorePercent,
    qMarker: marker(group, recordsUpTo(track, last)),
    // Whether the restore side counts what it has not restored, or shows the master's count, is
    // read differently by two manuals; here it is the former.
    qCount: side === 'p' ? waits.master : waits.restore,
  };
}

/** The last write a journal of a running mirror has, by its position. */
function lastOf({ track }: RemoteGroup, side: Side, now: number): number {
  const { taken, wanted } = spanOf(track, now);
  return side === 'p' ? taken : Math.min(wanted, received(track, now));
}

const NOTHING = { master: 0, restore: 0, masterPercent: 0, restorePercent: 0 };

function phaseOf(group: RemoteGroup, side: Side, now: number): JournalPhase {
  const halves = new Set(group.pairs.map((pair) => pair[side]));
  if (halves.has('HLDE')) return 'delta-failed';
  if (halves.has('HOLD') || halves.has('HOLDING')) return 'delta';
  if (halves.has('PAIR') || halves.has('COPY')) {
    const running = group.pairs.filter(({ follows }) => follows);
    if (running.length > 0 && running.every(({ order }) => order !== null)) return 'suspended';
    return group.high(now) ? 'high' : 'normal';
  }
  if (halves.has('PSUE')) return 'failed';
  if (halves.has('PFUS')) return 'full';
  return halves.size === 0 || (halves.size === 1 && halves.has('SMPL')) ? 'none' : 'suspended';
}

/** Paths as the array of that side sees them; held transfers look like paths that are down. */
function pathsOf({ pairs, state, field, direction }: RemoteGroup, side: Side): number {
  const failed = pairs.some((pair) => pair[side] === 'PSUE');
  const [here, there] =
    side === 'p' ? [direction.from, direction.to] : [direction.to, direction.from];
  const up = field.reach(here, there).up && field.reach(there, here).up;
  return failed || state.held.transfer || !up ? 0 : field.paths(here, there);
}

/** A resync starts a new row of markers, so old and new ones must not be compared. */
function marker({ state }: RemoteGroup, record: number): string {
  const base = mix(seedOf(state.name), state.incarnation) % 0x40000000;
  return (base + record).toString(16).padStart(8, '0');
}

/** Which side of its mirror a journal on an array is; undefined = no pair is left there. */
export function journalSide(group: RemoteGroup, array: string): Side | undefined {
  const { from, to } = group.direction;
  const side: Side | undefined = array === from ? 'p' : array === to ? 's' : undefined;
  if (side === undefined) return undefined;
  return group.pairs.some((pair) => sideOf(pair, array) !== undefined) ? side : undefined;
}
