/** ShadowImage over REST: copy groups and copy pairs take the same operations. */
import type { Call, Parts } from '../parts.ts';
import type { Guarded, ObjectRoutes, Role } from '../room.ts';
import { bad, Refusal } from '../wire.ts';
import {
  type CloneAction,
  type CloneDesk,
  createPairs,
  deletePairs,
  judgedNow,
  type Order,
  restorePairs,
  resyncPairs,
  splitPairs,
} from './clone-actions.ts';
import { GROUPS, groupNamed, PAIRS, targetOf } from './clone-target.ts';
import { groupLine, pairView } from './clone-views.ts';

const LOCAL_COPY: readonly Role[] = ['local-copy'];

export function cloneRoutes(desk: CloneDesk): readonly ObjectRoutes[] {
  const { register } = desk;
  return [
    {
      type: GROUPS,
      list: () => ({ data: register.groups.map(groupLine) }),
      one: (_, call) => {
        const { group, pairs } = targetOf(register, call, 'group');
        const copyPairs = pairs.map((pair) => pairView(group, pair, call.now));
        return { ...groupLine(group), copyPairs };
      },
      ...operations(desk, 'group'),
    },
    {
      type: PAIRS,
      list: (_, call) => listPairs(desk, call),
      one: (_, call) => {
        const { group, pairs } = targetOf(register, call, 'pair');
        return pairs.map((pair) => pairView(group, pair, call.now))[0];
      },
      create: {
        change: (parts, call) => createPairs({ desk, parts, call }),
        roles: ['provisioning', 'local-copy'],
      },
      ...operations(desk, 'pair'),
    },
  ];
}

function operations(
  desk: CloneDesk,
  of: 'group' | 'pair',
): Required<Pick<ObjectRoutes, 'remove' | 'actions'>> {
  const order = (parts: Parts, call: Call): Order => {
    return { desk, parts, call, target: targetOf(desk.register, call, of) };
  };
  const action = (name: CloneAction, act: (order: Order) => ReturnType<typeof splitPairs>) => ({
    change: (parts: Parts, call: Call) => act(order(parts, call)),
    roles: LOCAL_COPY,
    template: (parts: Parts, call: Call) => template(name, order(parts, call)),
  });
  const remove: Guarded = {
    change: (parts, call) => deletePairs(order(parts, call)),
    roles: LOCAL_COPY,
  };
  return {
    remove,
    actions: {
      split: action('split', splitPairs),
      resync: action('resync', resyncPairs),
      restore: action('restore', restorePairs),
    },
  };
}

/** What a body of the action can hold. Only its 412 is documented in what we read, not its shape. */
function template(name: CloneAction, order: Order) {
  const { refused } = judgedNow(name, order, true);
  if (refused !== undefined) throw new Refusal(412, refused);
  const split = name === 'split' ? { forceSuspend: null, forceSplit: null } : {};
  return { parameters: { quickMode: null, copyPace: null, ...split } };
}

/** With one server nothing is ever stale, so `refresh` is read and changes nothing. */
function listPairs({ register }: CloneDesk, { query, now }: Call) {
  const id = query.get('localCloneCopyGroupId');
  if (id === null) throw bad('The parameter localCloneCopyGroupId is required.');
  const refresh = query.get('refresh') ?? 'false';
  if (!/^(true|false)$/.test(refresh)) throw bad('The value of refresh is not valid.');
  const group = groupNamed(register, id.split(','));
  return { data: group.pairs.map((pair) => pairView(group, pair, now)) };
}
