/** `remote-mirror-copygroups`: lists, groups with their pairs, actions, deletion. */
import type { Call, Parts } from '../parts.ts';
import type { ObjectRoutes } from '../room.ts';
import { bad } from '../wire.ts';
import { actionsOn } from './actions.ts';
import { dissolve } from './dissolve.ts';
import type { Fabric } from './fabric.ts';
import { groupNamed, peerOf } from './ids.ts';
import { sideOf } from './state.ts';
import { groupLine, groupView, type Look } from './views.ts';

const objects = 'remote-mirror-copygroups';

export function groupRoutes(fabric: Fabric): ObjectRoutes {
  return {
    type: objects,
    list: (parts, call) => listGroups(fabric, parts, call),
    one(parts, call) {
      const detail = detailOf(call, ['class']);
      const { group, pairs, peer } = groupNamed(fabric, parts, call);
      const look = lookOf(fabric, parts, { call, peer: peer?.id });
      return groupView(group, pairs, { ...look, detailed: detail === 'class' });
    },
    remove: {
      roles: ['remote-copy'],
      change: (parts, call) =>
        dissolve(groupNamed(fabric, parts, call), { fabric, parts, call, objects }),
    },
    actions: actionsOn(fabric, { objects, find: groupNamed }),
  };
}

export function lookOf(
  fabric: Fabric,
  parts: Parts,
  { call, peer }: { readonly call: Call; readonly peer: string | undefined },
): Look {
  return { array: parts.spec.id, specs: fabric.specs, peer, now: call.now };
}

function detailOf({ query }: Call, known: readonly string[]): string | undefined {
  const wish = query.get('detailInfoType');
  if (wish !== null && !known.includes(wish))
    throw bad('The value of detailInfoType is not valid.');
  return wish ?? undefined;
}

/** Groups shared with one other array; `detailInfoType=pair` adds their pairs. */
function listGroups(fabric: Fabric, parts: Parts, call: Call) {
  const remote = call.query.get('remoteStorageDeviceId');
  if (remote === null) throw bad('The parameter remoteStorageDeviceId is required.');
  const detail = detailOf(call, ['pair', 'class']);
  const peer = peerOf(parts, remote, call);
  const look = lookOf(fabric, parts, { call, peer: peer.id });
  const array = parts.spec.id;
  const shared = fabric.groupsAt(array).filter(({ state, pairs }) => {
    const both = state.deviceGroups[peer.id] !== undefined;
    return both && pairs.some((pair) => sideOf(pair, array) ?? sideOf(pair, peer.id));
  });
  return {
    data: shared.map((group) =>
      detail === 'pair' ? groupView(group, group.pairs, look) : groupLine(group, look),
    ),
  };
}
