/** Thin Image over REST: pairs as `snapshots`, and all pairs of a name as `snapshot-groups`. */
import type { Call, Parts } from '../parts.ts';
import type { Changed, Guarded, ObjectRoutes, Role } from '../room.ts';
import { bad, Refusal, refusedWith } from '../wire.ts';
import { createSnapshotSchema, wishOf } from './bodies.ts';
import {
  type Action,
  assignVolume,
  clone,
  remove,
  restore,
  resync,
  split,
  unassignVolume,
} from './snap-actions.ts';
import { createSnapshot } from './snap-create.ts';
import type { SnapPair } from './snap-pairs.ts';
import type { SnapDesk } from './snap-phases.ts';
import { judgeSnapshots } from './snap-rules.ts';
import { groupLine, snapView } from './snap-views.ts';
import type { TiOperation } from './tables.ts';

const LOCAL_COPY: readonly Role[] = ['local-copy'];

/** The pairs a request names, and how a job names them. */
interface Named {
  readonly pairs: readonly SnapPair[];
  readonly affected: readonly string[];
}

export function snapRoutes(desk: SnapDesk): readonly ObjectRoutes[] {
  return [
    {
      type: 'snapshots',
      list: (parts, call) => listSnapshots(desk, parts, call),
      one: (parts, call) => snapView(onePair(desk, call), { parts, now: call.now }),
      create: { change: (_, call) => create(desk, call), roles: LOCAL_COPY },
      remove: operation(desk, 'delete', remove),
      actions: {
        ...shared(desk),
        'assign-volume': operation(desk, 'assign', assignVolume),
        'unassign-volume': operation(desk, 'unassign', unassignVolume),
      },
    },
    {
      type: 'snapshot-groups',
      list: () => ({ data: desk.register.groups.map(groupLine) }),
      one: (parts, call) => {
        const { pairs } = namedBy(desk, call);
        const snapshots = pairs.map((pair) => snapView(pair, { parts, now: call.now }));
        return { ...groupLine(call.ids[0] ?? ''), snapshots };
      },
      remove: operation(desk, 'delete', remove),
      actions: shared(desk),
    },
  ];
}

/** Actions of pairs and of groups alike. */
const shared = (desk: SnapDesk) => ({
  split: operation(desk, 'split', split),
  resync: operation(desk, 'resync', resync),
  restore: operation(desk, 'restore', restore),
  clone: operation(desk, 'clone', clone),
});

function operation(desk: SnapDesk, name: TiOperation, read: Action): Guarded {
  const judgedBy = (call: Call) => {
    const named = namedBy(desk, call);
    return { named, judged: judgeSnapshots(named.pairs, name, { now: call.now, desk }) };
  };
  return {
    roles: LOCAL_COPY,
    change: (_: Parts, call: Call) => {
      const act = read(call.body);
      const { named, judged } = judgedBy(call);
      const refused = judged.refused ?? act({ desk, now: call.now, acts: judged.acts });
      return { affected: named.affected, ...(refused === undefined ? {} : { refused }) };
    },
    // Only the 412 of a template is documented in what we read, not its shape.
    template: (_: Parts, call: Call) => {
      const { refused } = judgedBy(call).judged;
      if (refused !== undefined) throw new Refusal(412, refused);
      return { parameters: {} };
    },
  };
}

function create(desk: SnapDesk, { body, now }: Call): Changed {
  const { pair, refused } = createSnapshot(wishOf(createSnapshotSchema, body), now, desk);
  if (pair === undefined) return { affected: [], ...(refused === undefined ? {} : { refused }) };
  return { affected: [`snapshots/${pair.pvol},${pair.muNumber}`] };
}

/** `snapshots` by P-VOL and mirror unit, `snapshot-groups` by name. */
function namedBy(desk: SnapDesk, call: Call): Named {
  const id = call.ids.join(',');
  if (!/\/snapshot-groups\//.test(call.path)) {
    return { pairs: [onePair(desk, call)], affected: [`snapshots/${id}`] };
  }
  const pairs = desk.register.inGroup(id);
  if (pairs.length === 0) throw absent(`snapshot group ${id}`);
  return { pairs, affected: [`snapshot-groups/${id}`] };
}

function onePair({ register }: SnapDesk, { ids }: Call): SnapPair {
  const [pvol, unit] = ids;
  if (ids.length !== 2 || !ids.every((id) => /^\d{1,5}$/.test(id))) {
    throw bad('The object ID is not valid.');
  }
  const pair = register.find(Number(pvol), Number(unit));
  if (pair === undefined) throw absent(`Thin Image pair ${ids.join(',')}`);
  return pair;
}

/** The driver for OpenStack takes EX_ENOOBJ on a delete for "it is gone already". */
const absent = (what: string): Refusal =>
  new Refusal(404, {
    ...refusedWith('EX_ENOOBJ', `The specified object does not exist. (${what})`),
    messageId: 'KART30013-E',
  });

function listSnapshots({ register }: SnapDesk, parts: Parts, { query, now }: Call) {
  const number = (name: string) => {
    const text = query.get(name);
    if (text !== null && !/^\d{1,5}$/.test(text)) throw bad(`The value of ${name} is not valid.`);
    return text === null ? undefined : Number(text);
  };
  const [pvol, svol, unit] = [number('pvolLdevId'), number('svolLdevId'), number('muNumber')];
  const group = query.get('snapshotGroupName') ?? undefined;
  if (pvol === undefined && svol === undefined && group === undefined) {
    throw bad('One of pvolLdevId, svolLdevId and snapshotGroupName is required.');
  }
  const found =
    svol !== undefined
      ? [register.ofSvol(svol)].filter((pair) => pair !== undefined)
      : pvol !== undefined
        ? register.ofPvol(pvol)
        : register.inGroup(group ?? '');
  const by = svol === undefined ? 'P-VOL' : 'S-VOL';
  const data = found
    .filter((pair) => pvol === undefined || pair.pvol === pvol)
    .filter((pair) => unit === undefined || pair.muNumber === unit)
    .filter((pair) => group === undefined || pair.group === group)
    .map((pair) => snapView(pair, { parts, now, by }));
  return { data };
}
