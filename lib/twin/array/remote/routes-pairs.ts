/** `remote-mirror-copypairs`, and `remote-copypairs`: the list of one array, without copy groups. */
import { type Call, type Parts, wholeNumber } from '../parts.ts';
import type { ObjectRoutes } from '../room.ts';
import { arrayTime, bad, Refusal } from '../wire.ts';
import { actionsOn } from './actions.ts';
import type { Bound } from './book.ts';
import { createPair } from './create.ts';
import { dissolve } from './dissolve.ts';
import type { Fabric } from './fabric.ts';
import { groupNamed, pairNamed } from './ids.ts';
import { lookOf } from './routes-groups.ts';
import type { Side } from './state.ts';
import { pairViewer, shown } from './views.ts';

const objects = 'remote-mirror-copypairs';

export function pairRoutes(fabric: Fabric): ObjectRoutes[] {
  return [
    {
      type: objects,
      list: (parts, call) => listPairs(fabric, parts, call),
      one(parts, call) {
        const { group, pairs, peer } = pairNamed(fabric, parts, call);
        return pairs.map(pairViewer(group, lookOf(fabric, parts, { call, peer: peer?.id })))[0];
      },
      create: {
        roles: ['provisioning', 'remote-copy'],
        change: (parts, call) => createPair(fabric, parts, call),
      },
      remove: {
        roles: ['remote-copy'],
        change: (parts, call) =>
          dissolve(pairNamed(fabric, parts, call), { fabric, parts, call, objects }),
      },
      actions: actionsOn(fabric, { objects, find: pairNamed }),
    },
    { type: 'remote-copypairs', list: (parts, call) => listBound(fabric, parts, call) },
  ];
}

/** The pairs of one copy group, which the query names. */
function listPairs(fabric: Fabric, parts: Parts, call: Call) {
  const id = call.query.get('remoteMirrorCopyGroupId');
  if (id === null) throw bad('The parameter remoteMirrorCopyGroupId is required.');
  const { group, pairs, peer } = groupNamed(fabric, parts, { ...call, ids: id.split(',') });
  return { data: pairs.map(pairViewer(group, lookOf(fabric, parts, { call, peer: peer?.id }))) };
}

/** LDEVs that one call may span. */
const LDEVS_MAX = 500;
const TYPES = ['TC', 'UR', 'GAD'];

/** Halves on the LDEVs of a window; for the built-in administrator group alone. */
function listBound(fabric: Fabric, parts: Parts, { query, now, session }: Call) {
  if (parts.spec.users.find(({ user }) => user === session.userId)?.roles !== undefined) {
    throw new Refusal(403, { message: 'The user is not permitted to perform the operation.' });
  }
  const type = query.get('replicationType');
  if (type === null || !TYPES.includes(type)) {
    throw bad('The parameter replicationType is required: TC, UR or GAD.');
  }
  const head = wholeNumber(query, 'headLdevId', 0);
  const count = wholeNumber(query, 'count', LDEVS_MAX);
  if (count < 1 || count > LDEVS_MAX) throw bad('The value of count is not valid.');
  const array = parts.spec.id;
  const window = Array.from({ length: count }, (_, i) => head + i);
  return {
    data: window.flatMap((ldevId) =>
      fabric.book
        .at({ array, ldevId })
        .filter(({ group }) => group.state.type === type)
        .map((bound) => boundView(fabric, { ...bound, array, ldevId }, now)),
    ),
  };
}

interface BoundAt extends Bound {
  readonly side: Side;
  readonly array: string;
  readonly ldevId: number;
}

function boundView(fabric: Fabric, { group, pair, side, array, ldevId }: BoundAt, now: number) {
  const { state } = group;
  const [own, far] = [array, side === 'p' ? pair.to : pair.from].map((id) => fabric.specs.get(id));
  const serial = (spec: typeof own) => Number(spec?.storageDeviceId.slice(6) ?? 0);
  const taken = pair[side] === 'SSWS';
  return {
    replicationType: state.type,
    ldevId,
    remoteSerialNumber: serial(far),
    remoteStorageTypeId: far?.storageTypeId,
    remoteLdevId: side === 'p' ? pair.svol : pair.pvol,
    primaryOrSecondary: side === 'p' ? 'P-VOL' : 'S-VOL',
    muNumber: state.muNumber,
    status: state.type === 'GAD' && taken ? 'SSUS' : shown(pair, side, group.high(now)),
    serialNumber: serial(own),
    storageTypeId: own?.storageTypeId,
    isMainframe: false,
    ...(state.type === 'GAD'
      ? {
          isSSWS: taken,
          createdLocalTime: arrayTime(fabric.writers.startedAt),
          quorumDiskId: state.quorumDiskId,
        }
      : {}),
  };
}
