/** GET: what can be read from the array, one route an entry. */
import { PAIR_PORT, ports } from './ldevs.ts';
import { type Call, cloneGroupOf, mirrorOf, type Parts, wholeNumber } from './parts.ts';
import {
  cloneGroupLine,
  clonePairView,
  deviceGroups,
  emptySlot,
  journalDetailView,
  journalView,
  ldevView,
  localHalfView,
  lunView,
  remoteGroupLine,
  remoteGroupView,
} from './views.ts';
import { bad, missing, Refusal } from './wire.ts';

export type Read = (parts: Parts, call: Call) => unknown;

/** Keyed by object type; `list` answers without an id, `one` with it. */
export const reads: Readonly<Record<string, { readonly list?: Read; readonly one?: Read }>> = {
  sessions: {
    list: ({ sessions }, { now }) => ({ data: sessions.list(now) }),
    one: ({ sessions }, { ids, now }) => sessions.get(ids.join(','), now),
  },
  jobs: { one: ({ jobs }, { ids, now }) => jobs.get(ids.join(','), now) },
  storages: { list: ({ spec }) => ({ data: [storageView(spec)] }) },
  ldevs: { list: listLdevs, one: oneLdev },
  luns: { list: listLuns },
  'host-groups': { list: listHostGroups, one: oneHostGroup },
  ports: { list: () => ({ data: ports }), one: onePort },
  journals: { list: listJournals, one: oneJournal },
  'remote-mirror-copygroups': { list: listRemoteGroups, one: oneRemoteGroup },
  'local-clone-copygroups': {
    list: ({ clones }) => ({ data: clones.map(cloneGroupLine) }),
    one: oneCloneGroup,
  },
  'local-clone-copypairs': { list: listClonePairs, one: oneClonePair },
};

function storageView(spec: Parts['spec']) {
  const { storageDeviceId, model } = spec;
  return { storageDeviceId, model, serialNumber: Number(storageDeviceId.slice(6)) };
}

function listLdevs({ ldevs }: Parts, { query }: Call) {
  const head = wholeNumber(query, 'headLdevId', 0);
  const count = wholeNumber(query, 'count', 100);
  if (count < 1 || count > 16_384) throw bad('The value of count is not valid.');
  const option = query.get('ldevOption');
  if (option === 'dpVolume' || option === 'defined') {
    const found = ldevs.all.filter(({ ldevId }) => ldevId >= head);
    return { data: found.slice(0, count).map(ldevView) };
  }
  if (option !== null) throw bad(`The value ${option} of ldevOption is not valid.`);
  const slots = Array.from({ length: count }, (_, i) => head + i);
  return {
    data: slots.map((ldevId) => {
      const ldev = ldevs.find(ldevId);
      return ldev === undefined ? emptySlot(ldevId) : ldevView(ldev);
    }),
  };
}

function oneLdev({ ldevs }: Parts, { ids }: Call) {
  const id = ids.join(',');
  if (!/^\d{1,5}$/.test(id)) throw bad('The LDEV number is not valid.');
  const ldev = ldevs.find(Number(id));
  return ldev === undefined ? emptySlot(Number(id)) : ldevView(ldev);
}

function listLuns({ ldevs }: Parts, { query }: Call) {
  const port = query.get('portId');
  const group = wholeNumber(query, 'hostGroupNumber', -1);
  if (port === null || group < 0) throw bad('portId and hostGroupNumber are required.');
  const found = ldevs
    .luns()
    .filter(({ portId, hostGroupNumber }) => portId === port && hostGroupNumber === group);
  return { data: found.map(lunView) };
}

const hostGroupView = (group: {
  portId: string;
  hostGroupNumber: number;
  hostGroupName: string;
}) => ({
  hostGroupId: `${group.portId},${group.hostGroupNumber}`,
  ...group,
  hostMode: 'LINUX/IRIX',
  resourceGroupId: 0,
});

function listHostGroups({ ldevs }: Parts, { query }: Call) {
  const port = query.get('portId') ?? PAIR_PORT;
  const found = ldevs.hostGroups.filter(({ portId }) => portId === port);
  return { data: found.map(hostGroupView) };
}

function oneHostGroup({ ldevs }: Parts, { ids }: Call) {
  const found = ldevs.hostGroups.find(
    (group) => `${group.portId},${group.hostGroupNumber}` === ids.join(','),
  );
  if (found === undefined) throw missing(`host group ${ids.join(',')}`);
  return hostGroupView(found);
}

function onePort(_: Parts, { ids }: Call) {
  const found = ports.find(({ portId }) => portId === ids.join(','));
  if (found === undefined) throw missing(`port ${ids.join(',')}`);
  return found;
}

function listJournals({ spec }: Parts, { query, now }: Call) {
  const info = query.get('journalInfo');
  if (info !== 'basic' && info !== 'detail') {
    throw bad('The parameter journalInfo is required: basic or detail.');
  }
  const view = info === 'basic' ? journalView : journalDetailView;
  return { data: spec.mirrors.map(({ mirror, side }) => view(mirror, side, now)) };
}

function oneJournal({ spec }: Parts, { ids, now }: Call) {
  const found = spec.mirrors.find(
    ({ mirror, side }) => String(journalView(mirror, side, now).journalId) === ids.join(','),
  );
  if (found === undefined) throw missing(`journal ${ids.join(',')}`);
  return journalView(found.mirror, found.side, now);
}

/** A read that touches the other array needs a session of that array as a second credential. */
function requirePeer(
  { peer }: Parts,
  storageDeviceId: string | null | undefined,
  call: Call,
): void {
  const other = peer();
  if (other === undefined || other.storageDeviceId !== storageDeviceId) {
    throw missing(`remote storage system ${storageDeviceId ?? ''}`);
  }
  if (!other.holdsSession(call.headers['remote-authorization'])) {
    throw new Refusal(401, {
      message: 'The specified token is invalid.',
      cause: 'Remote-Authorization is required with a token of the remote storage system.',
    });
  }
}

function listRemoteGroups(parts: Parts, call: Call) {
  requirePeer(parts, call.query.get('remoteStorageDeviceId'), call);
  return { data: parts.spec.mirrors.map(({ mirror, side }) => remoteGroupLine(mirror, side)) };
}

/** Id: remote storage, copy group, local and remote device group; or `NotSpecified` for remote. */
function oneRemoteGroup(parts: Parts, call: Call) {
  const [remote, group, own, other] = call.ids;
  if (call.ids.length !== 4) throw bad('The ID of the copy group is not valid.');
  const { mirror, side } = mirrorOf(parts, group);
  const named = deviceGroups(mirror, side);
  if (own !== named.own) throw missing(`device group ${own}`);
  if (remote === 'NotSpecified' && other === 'NotSpecified') {
    if (call.headers['remote-authorization'] !== undefined) {
      throw bad('Remote-Authorization must not be given when only local information is read.');
    }
    return localHalfView(mirror, side, call.now);
  }
  requirePeer(parts, remote, call);
  if (other !== named.other) throw missing(`device group ${other}`);
  return remoteGroupView(mirror, side, call.now);
}

function oneCloneGroup(parts: Parts, { ids, now }: Call) {
  const group = cloneGroupOf(parts, ids);
  return {
    ...cloneGroupLine(group),
    copyPairs: group.pairs.map((pair) => clonePairView(group, pair, now)),
  };
}

function listClonePairs(parts: Parts, { query, now }: Call) {
  const id = query.get('localCloneCopyGroupId');
  if (id === null) throw bad('The parameter localCloneCopyGroupId is required.');
  const group = cloneGroupOf(parts, id.split(','));
  return { data: group.pairs.map((pair) => clonePairView(group, pair, now)) };
}

function oneClonePair(parts: Parts, { ids, now }: Call) {
  const group = cloneGroupOf(parts, ids.slice(0, 3));
  const pair = group.pairs.find(({ name }) => name === ids[3]);
  if (pair === undefined || ids.length !== 4) throw missing(`pair ${ids.join(',')}`);
  return clonePairView(group, pair, now);
}
