/** Copy groups and pairs as the REST API shows them; what does not apply is left out. */
import type { TopologyArray } from '../../topology.ts';
import type { RemoteGroup } from './group.ts';
import { NOT_SPECIFIED } from './ids.ts';
import { modes } from './rules.ts';
import { type PairState, type Side, sideOf } from './state.ts';

/** Who looks: the array asked, and the other one unless only local information is shown. */
export interface Look {
  readonly array: string;
  readonly specs: ReadonlyMap<string, TopologyArray>;
  /** Array id of the other side; undefined = `NotSpecified`. */
  readonly peer: string | undefined;
  readonly now: number;
  /** `detailInfoType=class`: transition and delta status. Where they stand is not known to us. */
  readonly detailed?: boolean;
}

const serial = (look: Look, array: string): string => look.specs.get(array)?.storageDeviceId ?? '';

function idOf({ state }: RemoteGroup, look: Look): string {
  const own = state.deviceGroups[look.array];
  if (look.peer === undefined) return [NOT_SPECIFIED, state.name, own, NOT_SPECIFIED].join(',');
  return [serial(look, look.peer), state.name, own, state.deviceGroups[look.peer]].join(',');
}

/** One entry of the list of copy groups. */
export function groupLine(group: RemoteGroup, look: Look) {
  const { state } = group;
  const { peer } = look;
  return {
    remoteMirrorCopyGroupId: idOf(group, look),
    copyGroupName: state.name,
    ...(peer === undefined ? {} : { remoteStorageDeviceId: serial(look, peer) }),
    localDeviceGroupName: state.deviceGroups[look.array],
    ...(peer === undefined ? {} : { remoteDeviceGroupName: state.deviceGroups[peer] }),
    muNumber: state.muNumber,
  };
}

export function groupView(group: RemoteGroup, pairs: readonly PairState[], look: Look) {
  const view = pairViewer(group, look);
  return { ...groupLine(group, look), copyPairs: pairs.map(view) };
}

/** Reads what all pairs of the group have in common once. */
export function pairViewer(group: RemoteGroup, look: Look): (pair: PairState) => object {
  const { state } = group;
  const id = idOf(group, look);
  const high = group.high(look.now);
  const common = {
    fenceLevel: state.fenceLevel,
    ...(state.consistencyGroupId === undefined
      ? {}
      : { consistencyGroupId: state.consistencyGroupId }),
  };
  const gad = {
    ...(state.quorumDiskId === undefined ? {} : { quorumDiskId: state.quorumDiskId }),
    isAluaEnabled: false,
  };
  return (pair) => {
    const sides: readonly Side[] =
      look.peer === undefined ? ([sideOf(pair, look.array) ?? 'p'] as const) : ['p', 's'];
    return {
      remoteMirrorCopyPairId: `${id},${pair.name}`,
      copyGroupName: state.name,
      copyPairName: pair.name,
      replicationType: state.type,
      ...common,
      ...progressOf(pair, look.now),
      ...Object.assign({}, ...sides.map((side) => halfView(group, pair, { side, look, high }))),
      ...(state.type === 'GAD' ? gad : {}),
      ...(look.detailed ? detailOf(pair) : {}),
    };
  };
}

/** Percent copied; a suspended pair has none. */
function progressOf({ copy, p, s }: PairState, now: number) {
  if (copy !== null) {
    const { from, until, left } = copy;
    const end = until ?? (left === undefined ? undefined : now + left);
    const share = end === undefined ? 0 : (now - from) / Math.max(1, end - from);
    return { copyProgressRate: Math.max(0, Math.min(99, Math.floor(share * 100))) };
  }
  return p === 'PAIR' && s === 'PAIR' ? { copyProgressRate: 100 } : {};
}

const detailOf = ({ p, order }: PairState) => ({
  transitionStatus: order === null ? 'None' : 'Suspending',
  ...(['HOLD', 'HOLDING', 'HLDE'].includes(p) ? { deltaStatus: p } : {}),
});

function halfView(
  { state }: RemoteGroup,
  pair: PairState,
  { side, look, high }: { readonly side: Side; readonly look: Look; readonly high: boolean },
) {
  const array = side === 'p' ? pair.from : pair.to;
  const journal = state.journals[array];
  return {
    [`${side}volLdevId`]: side === 'p' ? pair.pvol : pair.svol,
    [`${side}volStorageDeviceId`]: serial(look, array),
    [`${side}volStatus`]: shown(pair, side, high),
    ...(journal === undefined ? {} : { [`${side}volJournalId`]: journal }),
    [`${side}volDifferenceDataManagement`]: 'S',
    [`${side}volProcessingStatus`]: 'N',
    ...(state.type === 'GAD' && pair[side] !== 'SMPL'
      ? { [`${side}volIOMode`]: ioMode(pair, side) }
      : {}),
  };
}

export const shown = (pair: PairState, side: Side, high: boolean): string =>
  pair[side] === 'PAIR' && high ? 'PFUL' : pair[side];

function ioMode(pair: PairState, side: Side): string {
  if (pair.copy !== null) return modes.mirroring[side];
  const name = { both: 'mirrored', p: 'only-p', s: 'only-s', none: 'blocked' } as const;
  return modes[name[pair.open]][side];
}
