/** ShadowImage groups and pairs, field by field as REST names them. */
import { type CloneGroup, type ClonePair, cloneStatuses } from './clone-pairs.ts';

export const groupId = (group: CloneGroup): string =>
  `${group.name},${group.pvolDeviceGroup},${group.svolDeviceGroup}`;

/** One entry of the list of copy groups: no pairs. */
export function groupLine(group: CloneGroup) {
  return {
    copyGroupName: group.name,
    pvolDeviceGroupName: group.pvolDeviceGroup,
    svolDeviceGroupName: group.svolDeviceGroup,
    localCloneCopygroupId: groupId(group),
  };
}

export function pairView(group: CloneGroup, pair: ClonePair, now: number) {
  const { pvol, svol, progress } = cloneStatuses(group, pair, now);
  return {
    localCloneCopypairId: `${groupId(group)},${pair.name}`,
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
