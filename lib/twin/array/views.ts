/** What the array shows of its objects, field by field as its REST API names them. */
import { type CloneGroupState, type ClonePair, cloneStatuses } from './clones.ts';
import type { Ldev, LuPath } from './ldevs.ts';
import type { Mirror, MirrorPair } from './mirror.ts';

const BLOCKS_PER_GIB = 2_097_152;

export function ldevView(ldev: Ldev) {
  const blocks = ldev.sizeGiB * BLOCKS_PER_GIB;
  return {
    ldevId: ldev.ldevId,
    emulationType: 'OPEN-V-CVS',
    byteFormatCapacity: `${ldev.sizeGiB.toFixed(2)} G`,
    blockCapacity: blocks,
    numOfPorts: ldev.paths.length,
    ports: ldev.paths,
    attributes: ldev.attributes,
    label: ldev.label,
    status: 'NML',
    poolId: 0,
    numOfUsedBlock: blocks,
    resourceGroupId: 0,
    virtualLdevId: 65534,
    dataReductionMode: 'disabled',
  };
}

/** A list shows slots, and an empty slot says that nothing is defined there. */
export const emptySlot = (ldevId: number) => ({ ldevId, emulationType: 'NOT DEFINED' });

export function lunView({ ldevId, ...path }: LuPath & { readonly ldevId: number }) {
  const { portId, hostGroupNumber, lun } = path;
  return {
    lunId: `${portId},${hostGroupNumber},${lun}`,
    portId,
    hostGroupNumber,
    hostMode: 'LINUX/IRIX',
    lun,
    ldevId,
    isCommandDevice: false,
  };
}

/** Which half of the mirror an array holds. */
export type Side = 'primary' | 'secondary';

export function journalView(mirror: Mirror, side: Side, now: number) {
  const { spec } = mirror;
  const reading = mirror.journal(side === 'primary' ? 'master' : 'restore', now);
  return {
    journalId: side === 'primary' ? spec.masterJournalId : spec.restoreJournalId,
    muNumber: spec.muNumber,
    consistencyGroupId: spec.consistencyGroupId,
    journalStatus: reading.status,
    numOfActivePaths: reading.activePaths,
    usageRate: reading.usageRate,
    qMarker: reading.qMarker,
    qCount: reading.qCount,
    byteFormatCapacity: `${spec.capacityGiB.toFixed(2)} G`,
    blockCapacity: spec.capacityGiB * BLOCKS_PER_GIB,
    numOfLdevs: 1,
    firstLdevId: journalLdevId(mirror, side),
  };
}

/** The LDEV that is the journal's own volume. */
export function journalLdevId({ spec }: Mirror, side: Side): number {
  return 800 + (side === 'primary' ? spec.masterJournalId : spec.restoreJournalId);
}

export function journalDetailView(mirror: Mirror, side: Side, now: number) {
  const { muNumber, consistencyGroupId, journalStatus, ...journal } = journalView(
    mirror,
    side,
    now,
  );
  const isDataCopying = mirror.phase === 'COPY';
  return {
    ...journal,
    isMainframe: false,
    isInflowControlEnabled: false,
    dataOverflowWatchInSeconds: 60,
    copySpeed: 256,
    isDataCopying,
    mpBladeId: 0,
    mirrorUnits: [
      {
        muNumber,
        consistencyGroupId,
        journalStatus,
        pathBlockadeWatchInMinutes: 5,
        copyPace: 'M',
        copySpeed: 256,
        isDataCopying,
      },
    ],
  };
}

export function deviceGroups(mirror: Mirror, side: Side) {
  const own = `${mirror.spec.group}${side === 'primary' ? 'P_' : 'S_'}`;
  const other = `${mirror.spec.group}${side === 'primary' ? 'S_' : 'P_'}`;
  return { own, other };
}

/** A remote copy group with both halves of its pairs, as seen from one side. */
export function remoteGroupView(mirror: Mirror, side: Side, now: number) {
  const { spec } = mirror;
  const groups = deviceGroups(mirror, side);
  const remote = side === 'primary' ? spec.secondary : spec.primary;
  const id = `${remote},${spec.group},${groups.own},${groups.other}`;
  return {
    ...remoteGroupLine(mirror, side),
    copyPairs: mirror.pairs.map((pair) => ({
      remoteMirrorCopyPairId: `${id},${pair.name}`,
      ...sharedPairFields(mirror, pair),
      ...halfOfPair(mirror, pair, { side: 'primary', now }),
      ...halfOfPair(mirror, pair, { side: 'secondary', now }),
    })),
  };
}

/** One entry of the list of remote copy groups: no pairs. */
export function remoteGroupLine(mirror: Mirror, side: Side) {
  const { spec } = mirror;
  const { own, other } = deviceGroups(mirror, side);
  const remote = side === 'primary' ? spec.secondary : spec.primary;
  return {
    remoteMirrorCopyGroupId: `${remote},${spec.group},${own},${other}`,
    copyGroupName: spec.group,
    remoteStorageDeviceId: remote,
    localDeviceGroupName: own,
    remoteDeviceGroupName: other,
    muNumber: spec.muNumber,
  };
}

/** What a `NotSpecified` id shows: nothing that belongs to the other array. */
export function localHalfView(mirror: Mirror, side: Side, now: number) {
  const { own } = deviceGroups(mirror, side);
  const id = `NotSpecified,${mirror.spec.group},${own},NotSpecified`;
  return {
    remoteMirrorCopyGroupId: id,
    copyGroupName: mirror.spec.group,
    localDeviceGroupName: own,
    muNumber: mirror.spec.muNumber,
    copyPairs: mirror.pairs.map((pair) => ({
      remoteMirrorCopyPairId: `${id},${pair.name}`,
      ...sharedPairFields(mirror, pair),
      ...halfOfPair(mirror, pair, { side, now }),
    })),
  };
}

function sharedPairFields(mirror: Mirror, pair: MirrorPair) {
  return {
    copyGroupName: mirror.spec.group,
    copyPairName: pair.name,
    replicationType: 'UR',
    fenceLevel: 'ASYNC',
    consistencyGroupId: mirror.spec.consistencyGroupId,
    copyProgressRate: mirror.phase === 'PAIR' ? 100 : 0,
  };
}

function halfOfPair(
  mirror: Mirror,
  pair: MirrorPair,
  { side, now }: { readonly side: Side; readonly now: number },
) {
  const status = mirror.status(now);
  if (side === 'primary') {
    return {
      pvolLdevId: pair.pvol,
      pvolStorageDeviceId: mirror.spec.primary,
      pvolStatus: status,
      pvolJournalId: mirror.spec.masterJournalId,
      pvolDifferenceDataManagement: 'S',
      pvolProcessingStatus: 'N',
    };
  }
  return {
    svolLdevId: pair.svol,
    svolStorageDeviceId: mirror.spec.secondary,
    // SSUS would need a split by operation; only failures stop the twin's mirror.
    svolStatus: status,
    svolJournalId: mirror.spec.restoreJournalId,
    svolDifferenceDataManagement: 'S',
    svolProcessingStatus: 'N',
  };
}

export function cloneGroupLine(group: CloneGroupState) {
  const [pvols, svols] = [`${group.name}P_`, `${group.name}S_`];
  return {
    copyGroupName: group.name,
    pvolDeviceGroupName: pvols,
    svolDeviceGroupName: svols,
    localCloneCopygroupId: `${group.name},${pvols},${svols}`,
  };
}

export function clonePairView(group: CloneGroupState, pair: ClonePair, now: number) {
  const { pvol, svol, progress } = cloneStatuses(pair, now);
  return {
    localCloneCopypairId: `${cloneGroupLine(group).localCloneCopygroupId},${pair.name}`,
    copyGroupName: group.name,
    copyPairName: pair.name,
    replicationType: 'SI',
    copyMode: 'NotSnapshot',
    copyProgressRate: progress,
    pvolLdevId: pair.pvol,
    svolLdevId: pair.svol,
    pvolMuNumber: group.muNumber,
    pvolStatus: pvol,
    svolStatus: svol,
    ...(group.consistencyGroupId === null ? {} : { consistencyGroupId: group.consistencyGroupId }),
    pvolDifferenceDataManagement: 'D',
    svolDifferenceDataManagement: 'D',
    pvolProcessingStatus: 'N',
    svolProcessingStatus: 'N',
  };
}
