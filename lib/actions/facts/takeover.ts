/** What a takeover is planned on: the secondary half of the copy group, and nothing of main. */
import type { Service, Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { halfGroupId } from '../../vsp/paths.ts';
import {
  asSecondaries,
  type Fence,
  fences,
  type TakeoverClass,
  takeoverClass,
} from '../../vsp/takeover.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { assertFence, ldevOf, oneOf, readHalf } from './half.ts';

/** Throws ACT-UNREAD, or ACT-UNJOINED when the group is not one mirror of this service alone. */
export async function readTakeover(
  read: Reader,
  service: Service,
  { from, to }: { readonly from: Site; readonly to: Site },
): Promise<{ bound: NonNullable<Bound['takeover']>; class: TakeoverClass }> {
  const { group, type, fence: meant } = service.replication;
  const seen = await readHalf(read, group, { site: to, suffix: 'S' });
  const half = { ...seen, copyPairs: asSecondaries(seen.copyPairs) };
  const names = half.copyPairs.map((pair) => pair.copyPairName).sort();
  const volumes = service.servers.flatMap((server) => server.volumes).length;
  if (names.length !== volumes) {
    const why = `It holds ${names.length} pairs; ${service.id} has ${volumes} volumes.`;
    throw new ActionError('ACT-UNJOINED', `Copy group ${group} at ${to.id}.`, why);
  }
  const fence = fenceOf(half, type);
  assertFence(half, meant);
  return {
    bound: {
      site: to.id,
      type,
      group,
      id: halfGroupId(group, half.localDeviceGroupName),
      primary: from.array.storageDeviceId,
      ...(fence === 'ASYNC' ? mirrorOf(half) : { fence }),
      muNumber: half.muNumber ?? 0,
      pairs: names.map((name) => ({ name, svol: ldevOf(half, name, 'svolLdevId') })),
    },
    class: takeoverClass(
      half.copyPairs.map((pair) => pair.svolStatus),
      fence,
    ),
  };
}

type Half = Awaited<ReturnType<typeof readHalf>>;

const mirrorOf = (half: Half) => ({
  journalId: oneOf(half, 'svolJournalId'),
  consistencyGroupId: oneOf(half, 'consistencyGroupId'),
});

/** The one fence level of all pairs: what main did with writes it could not mirror hangs on it. */
function fenceOf({ copyPairs, copyGroupName }: Half, type: string): Fence {
  if (type === 'UR') return 'ASYNC';
  const levels = [...new Set(copyPairs.map(({ fenceLevel }) => fenceLevel ?? 'none'))];
  const fence = fences.find((one) => one !== 'ASYNC' && levels.join() === one);
  if (fence !== undefined) return fence;
  const why = `The pairs show ${levels.join(', ')}.`;
  throw new ActionError(
    'ACT-UNJOINED',
    `Copy group ${copyGroupName} has no single fence level.`,
    why,
  );
}
