/** What the array shows of an LDEV. */
import type { Ldev } from '../ldevs.ts';
import { historyOf, type Parts } from '../parts.ts';
import { shownCapacity } from './capacity.ts';

/** A list shows slots, and an empty slot says that nothing is defined there. */
export const emptySlot = (ldevId: number) => ({ ldevId, emulationType: 'NOT DEFINED' });

export function ldevView(parts: Parts, ldev: Ldev, now: number) {
  const { ldevId, blocks, poolId } = ldev;
  const ports = parts.mapping.pathsOf(ldevId);
  return {
    ldevId,
    clprId: 0,
    emulationType: 'OPEN-V-CVS',
    byteFormatCapacity: shownCapacity(blocks),
    blockCapacity: blocks,
    numOfPorts: ports.length,
    ...(ports.length === 0 ? {} : { ports }),
    attributes: attributesOf(parts, ldev),
    label: ldev.label,
    status: ldev.status,
    mpBladeId: 0,
    ssid: '0004',
    ...(poolId === null ? {} : { poolId }),
    numOfUsedBlock: usedBlocks(parts, ldev, now),
    isFullAllocationEnabled: false,
    resourceGroupId: 0,
    virtualLdevId: ldev.virtualLdevId,
    dataReductionStatus: ldev.dataReductionMode === 'disabled' ? 'DISABLED' : 'ENABLED',
    dataReductionMode: ldev.dataReductionMode,
    isAluaEnabled: false,
    naaId: naaOf(parts.spec.storageDeviceId, ldevId),
    ...Object.assign({}, ...parts.rooms.map((room) => room.fields?.(ldevId) ?? {})),
  };
}

/** With `detailInfoType=qos`. */
export const qosView = ({ ldevId, qos }: Ldev) => ({ ldevId, qos });

/** Own words of the LDEV and those that pairs and journals add. */
export function attributesOf(parts: Parts, { ldevId, attributes }: Ldev): readonly string[] {
  return [...new Set([...attributes, ...parts.rooms.flatMap((room) => room.attributes(ldevId))])];
}

/** Pages are not counted one by one: a volume that anybody wrote to is taken as full. */
export function usedBlocks(parts: Parts, { ldevId, blocks }: Ldev, now: number): number {
  return historyOf(parts, ldevId, now).length === 0 ? 0 : blocks;
}

/** Unlike another volume's on either array; made up, but of the length of a real one. */
function naaOf(storageDeviceId: string, ldevId: number): string {
  const serial = Number(storageDeviceId.slice(6)).toString(16).padStart(8, '0');
  return `60060e80${serial}${'0'.repeat(12)}${ldevId.toString(16).padStart(4, '0')}`;
}
