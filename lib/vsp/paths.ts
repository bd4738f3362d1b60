/**
 * Addresses on an array. Two servers speak this API: `cm` (Configuration Manager, many arrays, PUT
 * for actions) and `embedded` (in the array, POST for actions). Nothing else differs.
 */
export type ArrayApi = 'cm' | 'embedded';

export interface ArrayRef {
  /** 12 characters: model prefix and serial. */
  readonly storageDeviceId: string;
  readonly api: ArrayApi;
}

/** Path from `/v1/` on, e.g. `objectsPath(array, 'ldevs/7')`. */
export function objectsPath(array: ArrayRef, rest: string): string {
  if (array.api === 'embedded') return `/v1/objects/${rest}`;
  return `/v1/objects/storages/${array.storageDeviceId}/${rest}`;
}

export const actionMethod = (api: ArrayApi): 'PUT' | 'POST' => (api === 'cm' ? 'PUT' : 'POST');

export interface ArrayPath {
  readonly api: ArrayApi;
  /** Absent in the embedded form. */
  readonly storageDeviceId?: string;
  readonly segments: readonly string[];
}

/** What may stand in one segment. No percent, dot-dot, query or space: no two spellings of one. */
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_.@,:-]+$/;

/** Takes a path apart; undefined when it is not plainly one of ours. */
export function parseArrayPath(path: string): ArrayPath | undefined {
  const [empty, version, objects, ...rest] = path.split('/');
  if (empty !== '' || version !== 'v1' || objects !== 'objects') return undefined;
  if (rest.length === 0 || !rest.every((segment) => SEGMENT.test(segment))) return undefined;
  const [first, storageDeviceId, ...segments] = rest;
  if (first !== 'storages') return { api: 'embedded', segments: rest };
  if (storageDeviceId === undefined || segments.length === 0) return undefined;
  return { api: 'cm', storageDeviceId, segments };
}

/** `CG,<P device group>,<S device group>`. */
export const cloneGroupId = (group: string, pvolGroup: string, svolGroup: string): string =>
  `${group},${pvolGroup},${svolGroup}`;

/** Stands in an id for the other array and its device group. */
export const NOT_SPECIFIED = 'NotSpecified';

/** A group as one array alone knows it: no token of the other array is needed. */
export const halfGroupId = (group: string, localDeviceGroup: string): string =>
  [NOT_SPECIFIED, group, localDeviceGroup, NOT_SPECIFIED].join(',');

/** Both halves of a group as seen from one of its arrays: such a call carries the other's session. */
export const wholeGroupId = (
  group: string,
  ends: { readonly remoteArray: string; readonly local: string; readonly remote: string },
): string => [ends.remoteArray, group, ends.local, ends.remote].join(',');

/** Host groups whose name begins so are ours: the path through them is what pairing asks for. */
export const OWN_HOST_GROUP = 'DRILLBOOK';

/** Reads, relative to `objectsPath`. */
export const reads = {
  cloneGroups: 'local-clone-copygroups',
  cloneGroup: (id: string) => `local-clone-copygroups/${id}`,
  half: (group: string, localDeviceGroup: string) =>
    `remote-mirror-copygroups/${halfGroupId(group, localDeviceGroup)}`,
  journals: 'journals?journalInfo=basic',
  remotePaths: 'remotepath-groups',
  lun: (id: string) => `luns/${id}`,
  ldev: (id: number) => `ldevs/${id}`,
  ldevs: (head: number, count: number) => `ldevs?headLdevId=${head}&count=${count}`,
  poolVolumes: (head: number, count: number) =>
    `ldevs?ldevOption=dpVolume&headLdevId=${head}&count=${count}`,
  freeLdevs: (head: number, count: number) =>
    `ldevs?ldevOption=undefined&headLdevId=${head}&count=${count}`,
  snapshots: (group: string) => `snapshots?snapshotGroupName=${group}`,
  hostGroups: 'host-groups',
  pools: 'pools',
} as const;

/** Changes, relative to `objectsPath`. */
export const actions = {
  cloneSplit: (id: string) => `local-clone-copygroups/${id}/actions/split/invoke`,
  cloneResync: (id: string) => `local-clone-copygroups/${id}/actions/resync/invoke`,
  takeover: (id: string) => `remote-mirror-copygroups/${id}/actions/takeover/invoke`,
  remoteSplit: (id: string) => `remote-mirror-copygroups/${id}/actions/split/invoke`,
  remoteResync: (id: string) => `remote-mirror-copygroups/${id}/actions/resync/invoke`,
  luns: 'luns',
  remotePairs: 'remote-mirror-copypairs',
  remotePair: (id: string) => `remote-mirror-copypairs/${id}`,
  clonePairs: 'local-clone-copypairs',
  clonePair: (id: string) => `local-clone-copypairs/${id}`,
  ldevs: 'ldevs',
  snapshots: 'snapshots',
  snapshotClone: (group: string) => `snapshot-groups/${group}/actions/clone/invoke`,
} as const;

/** Quick: the copies are usable at once, data follows behind. Never forced, never suspending. */
export const splitBody = { parameters: { quickMode: true } } as const;
export const resyncBody = { parameters: {} } as const;

/** Exchanges the roles while both arrays answer: nothing is copied anew and nothing is lost. */
export const swapBody = { parameters: { mode: 'auto' } } as const;
/** Brings the P-VOLs of a group out of PAIR; what the S-VOLs took over is not touched. */
export const haltBody = (replicationType: string) => ({ parameters: { replicationType } });
/** The S-VOLs that were taken over become P-VOLs; what the old P-VOLs wrote since is overwritten. */
export const reverseBody = (replicationType: string) => ({
  parameters: { replicationType, doSwapSvol: true },
});
/** The S-VOLs of GAD go on alone, their P-VOLs are blocked to hosts. */
export const swapSplitBody = {
  parameters: { replicationType: 'GAD', svolOperationMode: 'SSWS' },
} as const;
/** The S-VOLs of GAD follow again: what their P-VOLs have is the source. */
export const followBody = { parameters: { replicationType: 'GAD' } } as const;
