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

/** Reads, relative to `objectsPath`. */
export const reads = {
  cloneGroups: 'local-clone-copygroups',
  cloneGroup: (id: string) => `local-clone-copygroups/${id}`,
  half: (group: string, localDeviceGroup: string) =>
    `remote-mirror-copygroups/${halfGroupId(group, localDeviceGroup)}`,
  journals: 'journals?journalInfo=basic',
  remotePaths: 'remotepath-groups',
  ldev: (id: number) => `ldevs/${id}`,
  ldevs: (head: number, count: number) => `ldevs?headLdevId=${head}&count=${count}`,
} as const;

/** Changes, relative to `objectsPath`. */
export const actions = {
  cloneSplit: (id: string) => `local-clone-copygroups/${id}/actions/split/invoke`,
  cloneResync: (id: string) => `local-clone-copygroups/${id}/actions/resync/invoke`,
  takeover: (id: string) => `remote-mirror-copygroups/${id}/actions/takeover/invoke`,
} as const;

/** Quick: the copies are usable at once, data follows behind. Never forced, never suspending. */
export const splitBody = { parameters: { quickMode: true } } as const;
export const resyncBody = { parameters: {} } as const;
