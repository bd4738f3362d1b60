/** Journals in the three views of the REST API: basic, timer and detail. */
import type { Parts } from '../parts.ts';
import { type Journal, mirrorUnit } from './devices.ts';
import type { Fabric } from './fabric.ts';
import type { RemoteGroup } from './group.ts';
import { journalSide, type Reading, readJournal } from './journal.ts';
import { journalRules } from './rules.ts';
import { journalBlocks } from './surroundings.ts';

const BLOCKS_PER_GIB = 2_097_152;
/** What a journal shows that no mirror uses. */
const IDLE: Reading = {
  journalStatus: journalRules.statuses.none.p,
  numOfActivePaths: 0,
  usageRate: 0,
  qMarker: '00000000',
  qCount: 0,
};

/** One mirror unit of a journal in use. */
interface Unit {
  readonly group: RemoteGroup;
  readonly muNumber: number;
  readonly reading: Reading;
}

function unitsOf(fabric: Fabric, array: string, { journal, now }: At): Unit[] {
  return fabric.groupsAt(array).flatMap((group) => {
    const side = journalSide(group, array);
    if (side === undefined || group.state.journals[array] !== journal.journalId) return [];
    return [{ group, muNumber: group.state.muNumber, reading: readJournal(group, side, now) }];
  });
}

interface At {
  readonly journal: Journal;
  readonly now: number;
}

const ctgOf = ({ state }: RemoteGroup) =>
  state.consistencyGroupId === undefined ? {} : { consistencyGroupId: state.consistencyGroupId };

function sizeOf(fabric: Fabric, array: string, { ldevIds }: Journal) {
  const blocks = ldevIds.reduce((sum, id) => sum + journalBlocks(fabric, array, id), 0);
  return {
    byteFormatCapacity: `${(blocks / BLOCKS_PER_GIB).toFixed(2)} G`,
    blockCapacity: blocks,
    numOfLdevs: ldevIds.length,
    firstLdevId: ldevIds[0],
  };
}

/** One item a mirror unit: a journal with several mirrors is listed several times. */
export function basicViews(fabric: Fabric, { spec }: Parts, at: At): object[] {
  const { journalId } = at.journal;
  const size = sizeOf(fabric, spec.id, at.journal);
  const units = unitsOf(fabric, spec.id, at);
  if (units.length === 0) return [{ journalId, muNumber: 0, ...IDLE, ...size }];
  return units.map(({ group, muNumber, reading }) => ({
    journalId,
    muNumber,
    ...ctgOf(group),
    ...reading,
    ...size,
  }));
}

/** The real body of this view was not seen: the two watches, by mirror unit. */
export function timerViews(fabric: Fabric, { spec }: Parts, at: At): object[] {
  const { journal } = at;
  const units = unitsOf(fabric, spec.id, at).map(({ muNumber }) => muNumber);
  return (units.length === 0 ? [0] : units).map((muNumber) => ({
    journalId: journal.journalId,
    muNumber,
    dataOverflowWatchInSeconds: journal.dataOverflowWatchInSeconds,
    pathBlockadeWatchInMinutes: mirrorUnit(journal, muNumber).pathBlockadeWatchInMinutes,
  }));
}

export function detailViews(fabric: Fabric, { spec }: Parts, at: At): object[] {
  const { journal } = at;
  const units = unitsOf(fabric, spec.id, at);
  const copying = ({ group }: Unit) => group.pairs.some(({ copy }) => copy !== null);
  const { journalStatus: _, ...first } = units[0]?.reading ?? IDLE;
  return [
    {
      journalId: journal.journalId,
      ...first,
      ...sizeOf(fabric, spec.id, journal),
      isMainframe: false,
      isInflowControlEnabled: false,
      isCacheModeEnabled: journal.isCacheModeEnabled,
      dataOverflowWatchInSeconds: journal.dataOverflowWatchInSeconds,
      copySpeed: journal.copySpeed,
      isDataCopying: units.some(copying),
      mpBladeId: journal.mpBladeId,
      mirrorUnits: units.map((unit) => ({
        muNumber: unit.muNumber,
        ...ctgOf(unit.group),
        journalStatus: unit.reading.journalStatus,
        ...mirrorUnit(journal, unit.muNumber),
        copySpeed: journal.copySpeed,
        isDataCopying: copying(unit),
      })),
    },
  ];
}
