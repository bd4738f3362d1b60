/** Volumes that faults bring and take away again. */
import type { Parts } from '../array/parts.ts';

interface Wish {
  /** It has the size, the attributes and the LU paths of this LDEV. */
  readonly like: number;
  /** How far behind it in number; the next free one from there. */
  readonly behind: number;
  readonly label: string;
}

/** Its LDEV number. */
export function addVolume({ ldevs, mapping }: Parts, { like, behind, label }: Wish): number {
  const model = ldevs.find(like);
  const ldevId = ldevs.free(like + behind) ?? like + behind;
  if (model === undefined) return ldevId;
  const { blocks, poolId, attributes } = model;
  ldevs.add({ ldevId, label, blocks, poolId, attributes });
  const [path] = mapping.pathsOf(like);
  const group = path && mapping.group(path.portId, path.hostGroupNumber);
  const lun = group && mapping.freeLun(group);
  if (group !== undefined && lun !== undefined) mapping.map(group, lun, ldevId);
  return ldevId;
}

export function dropVolume({ ldevs, mapping, histories }: Parts, ldevId: number): void {
  for (const { portId, hostGroupNumber, lun } of mapping.pathsOf(ldevId)) {
    const group = mapping.group(portId, hostGroupNumber);
    if (group !== undefined) mapping.unmap(group, lun);
  }
  ldevs.drop(ldevId);
  histories.delete(ldevId);
}

/** The label goes along with the data. */
export function moveVolume({ ldevs }: Parts, from: number, to: number): void {
  const [old, fresh] = [ldevs.find(from), ldevs.find(to)];
  if (old === undefined || fresh === undefined) return;
  fresh.label = old.label;
  old.label = '';
}
