/**
 * What a changing call to an array can do to data. A call that is in no row is refused. Rows are
 * tried from top to bottom; `only` and `when` look at what the body names.
 */
import { type ArrayApi, actionMethod, NOT_SPECIFIED, parseArrayPath } from './paths.ts';

/** `copy` holds only for objects that are drillable; who asks checks that. */
export type ArrayDanger = 'copy' | 'data' | 'takeover';

interface Row {
  /** `ACTION` is the verb the API form uses for actions. */
  readonly verb: 'ACTION' | 'POST' | 'DELETE' | 'ATTRIBUTE';
  /** `*` is one object id. */
  readonly path: string;
  readonly class: ArrayDanger;
  /** What the body may name: parameters of an action, else attributes. Nothing else rides along. */
  readonly only: readonly string[];
  /** This row counts only when the body names one of these. */
  readonly when?: readonly string[];
}

const pace = ['quickMode', 'copyPace'];
const force = ['forceSplit', 'forceSuspend'];
/** Opens a second side for writing, or exchanges the sides. */
const opening = ['svolOperationMode', 'svolAccessMode', 'doSwapSvol'];
const remoteSplit = ['replicationType', 'doPvolWriteProtect', 'doDataSuspend'];
const remoteResync = [
  ...['replicationType', 'copyPace', 'fenceLevel', 'isConsistencyGroup', 'consistencyGroupId'],
  ...['doFailback', 'failbackMuNumber'],
];
const newPair = [
  ...['copyGroupName', 'copyPairName', 'replicationType', 'pvolLdevId', 'svolLdevId', 'copyPace'],
  ...['isNewGroupCreation', 'isConsistencyGroup', 'consistencyGroupId'],
  'isDataReductionForceCopy',
];
const newClone = [
  ...newPair,
  ...['pvolDeviceGroupName', 'svolDeviceGroupName', 'pvolMuNumber', 'autoSplit', 'quickMode'],
];
const newRemotePair = [
  ...newPair,
  ...['remoteStorageDeviceId', 'localDeviceGroupName', 'remoteDeviceGroupName', 'fenceLevel'],
  ...['pathGroupId', 'muNumber', 'pvolJournalId', 'svolJournalId', 'quorumDiskId'],
  ...['doInitialCopy', 'doDeltaResyncSuspend'],
];
const newSnapshotClone = [
  ...['snapshotGroupName', 'snapshotPoolId', 'pvolLdevId', 'svolLdevId', 'isConsistencyGroup'],
  'isClone',
];
const newLdev = ['ldevId', 'poolId', 'blockCapacity'];
const journalAttributes = [
  ...['dataOverflowWatchInSeconds', 'isCacheModeEnabled', 'copySpeed', 'mirrorUnit'],
];

const on = (verb: Row['verb'], path: string, rest: Pick<Row, 'class' | 'only' | 'when'>): Row => ({
  ...{ verb, path },
  ...rest,
});
const act = (path: string, rest: Pick<Row, 'class' | 'only' | 'when'>): Row =>
  on('ACTION', path, rest);

const remote = ['remote-mirror-copygroups', 'remote-mirror-copypairs'].flatMap((kind) => [
  act(`${kind}/*/takeover`, { class: 'takeover', only: ['mode'] }),
  act(`${kind}/*/split`, { class: 'takeover', only: [...remoteSplit, ...opening], when: opening }),
  act(`${kind}/*/resync`, {
    class: 'takeover',
    only: [...remoteResync, ...opening],
    when: opening,
  }),
  act(`${kind}/*/split`, { class: 'data', only: remoteSplit }),
  act(`${kind}/*/resync`, { class: 'data', only: remoteResync }),
  on('DELETE', `${kind}/*`, { class: 'data', only: [] }),
]);

export const arrayDangers: readonly Row[] = [
  act('local-clone-copygroups/*/split', { class: 'copy', only: pace }),
  act('local-clone-copygroups/*/split', { class: 'data', only: [...pace, ...force], when: force }),
  act('local-clone-copygroups/*/resync', { class: 'copy', only: pace }),
  act('local-clone-copygroups/*/restore', { class: 'data', only: pace }),
  // One pair alone breaks the one instant of its group.
  act('local-clone-copypairs/*/split', { class: 'data', only: [...pace, ...force] }),
  act('local-clone-copypairs/*/resync', { class: 'data', only: pace }),
  act('local-clone-copypairs/*/restore', { class: 'data', only: pace }),
  on('POST', 'local-clone-copypairs', { class: 'data', only: newClone }),
  on('DELETE', 'local-clone-copypairs/*', { class: 'data', only: [] }),
  on('DELETE', 'local-clone-copygroups/*', { class: 'data', only: ['forceDelete'] }),
  ...remote,
  on('POST', 'remote-mirror-copypairs', { class: 'data', only: newRemotePair }),
  // Onto a volume that the body names: whatever is there is overwritten.
  on('POST', 'snapshots', { class: 'data', only: newSnapshotClone, when: ['isClone'] }),
  act('snapshot-groups/*/clone', { class: 'data', only: [] }),
  // By its number, so that it can be found again when the answer is lost.
  on('POST', 'ldevs', { class: 'data', only: newLdev, when: ['ldevId'] }),
  on('DELETE', 'ldevs/*', { class: 'data', only: ['isDataReductionDeleteForceExecute'] }),
  on('ATTRIBUTE', 'ldevs/*', { class: 'data', only: ['label'] }),
  on('POST', 'luns', {
    class: 'data',
    only: ['portId', 'portIds', 'hostGroupNumber', 'ldevId', 'lun'],
  }),
  on('DELETE', 'luns/*', { class: 'data', only: [] }),
  on('DELETE', 'journals/*', { class: 'data', only: [] }),
  on('ATTRIBUTE', 'journals/*', { class: 'data', only: journalAttributes }),
];

export interface ArrayCall {
  readonly storageDeviceId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export interface ArrayClassed {
  readonly class: ArrayDanger;
  readonly api: ArrayApi;
  /** Kind and id of the object named, e.g. `local-clone-copygroups` and `CG,P,S`. */
  readonly kind: string;
  readonly id?: string;
}

/** The row of a call, or undefined when there is none. */
export function classifyArrayCall(call: ArrayCall): ArrayClassed | undefined {
  const at = parseArrayPath(call.path);
  if (at === undefined) return undefined;
  if (at.api === 'cm' && at.storageDeviceId !== call.storageDeviceId) return undefined;
  const found = arrayDangers.find(
    (row) =>
      verbOf(row, at.api) === call.method && pathFits(row, at.segments) && bodyFits(row, call.body),
  );
  const [kind, id] = at.segments;
  if (found === undefined || kind === undefined) return undefined;
  return { class: found.class, api: at.api, kind, ...(id === undefined ? {} : { id }) };
}

/**
 * Whether a call must carry a session of the other array: remote copy, unless its id says that only
 * the array asked is meant. A path that is none of ours needs one too: doubt asks for more.
 */
export function needsPeerArray(path: string): boolean {
  const at = parseArrayPath(path);
  if (at === undefined) return true;
  const [kind = '', id = ''] = at.segments;
  if (kind === 'remote-storages') return true;
  if (!kind.startsWith('remote-mirror-')) return false;
  const parts = id.split(',');
  return !(parts[0] === NOT_SPECIFIED && parts[3] === NOT_SPECIFIED);
}

/** The array whose session such a call must carry; undefined when it needs none. */
export function peerArrayOf({ path, body }: Pick<ArrayCall, 'path' | 'body'>): string | undefined {
  if (!needsPeerArray(path)) return undefined;
  const [, id = ''] = parseArrayPath(path)?.segments ?? [];
  if (id !== '') return id.split(',')[0];
  const named = (body ?? {}) as { remoteStorageDeviceId?: unknown; storageDeviceId?: unknown };
  const array = named.remoteStorageDeviceId ?? named.storageDeviceId;
  return typeof array === 'string' ? array : '';
}

function verbOf(row: Row, api: ArrayApi): string {
  if (row.verb === 'ACTION') return actionMethod(api);
  if (row.verb === 'ATTRIBUTE') return api === 'cm' ? 'PUT' : 'PATCH';
  return row.verb;
}

function pathFits(row: Row, segments: readonly string[]): boolean {
  const [kind, id, action] = row.path.split('/');
  const wanted = action === undefined ? [kind, id] : [kind, id, 'actions', action, 'invoke'];
  const parts = wanted.filter((part) => part !== undefined);
  if (parts.length !== segments.length) return false;
  return parts.every((part, i) => part === '*' || part === segments[i]);
}

function bodyFits(row: Row, body: unknown): boolean {
  const given = row.verb === 'ACTION' ? parametersOf(body) : namesOf(body);
  if (given === undefined || !given.every((name) => row.only.includes(name))) return false;
  return row.when === undefined || given.some((name) => row.when?.includes(name));
}

/** Names in `parameters`; undefined when the body holds anything else. */
function parametersOf(body: unknown): string[] | undefined {
  const names = namesOf(body);
  if (names === undefined || names.some((name) => name !== 'parameters')) return undefined;
  return namesOf((body as { parameters?: unknown } | undefined)?.parameters);
}

/** Undefined for what is no object; no body names nothing. */
function namesOf(body: unknown): string[] | undefined {
  if (body === undefined) return [];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return Object.keys(body);
}
