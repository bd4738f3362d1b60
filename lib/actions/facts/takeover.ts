/** What a takeover is planned on: the half of the copy group that is left, and nothing of the other. */
import type { Service, Site } from '../../config.ts';
import type { Bound } from '../../runbook/bound.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { halfGroupId } from '../../vsp/paths.ts';
import {
  asSecondaries,
  type Fence,
  fences,
  hasSource,
  type TakeoverClass,
  takeoverClass,
} from '../../vsp/takeover.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { assertFence, ldevOf, oneOf, readHalf } from './half.ts';

interface Ends {
  /** The site that is given up. */
  readonly from: Site;
  /** The site that goes on. */
  readonly to: Site;
  /** Where a takeover of ours opened the volumes last, as long as nothing runs the other way since. */
  readonly opened?: string | undefined;
}

/** Throws ACT-UNREAD, or ACT-UNJOINED when the group is not one mirror of this service alone. */
export async function readTakeover(
  read: Reader,
  service: Service,
  { from, to, opened }: Ends,
): Promise<{ bound: NonNullable<Bound['takeover']>; class: TakeoverClass }> {
  const { group, type, fence: meant } = service.replication;
  // Device groups stay with their array, whoever is the source.
  const suffix = to.id === service.replication.to ? 'S' : 'P';
  const seen = await readHalf(read, group, { site: to, suffix });
  const half = { ...seen, copyPairs: asSecondaries(seen.copyPairs) };
  const names = half.copyPairs.map((pair) => pair.copyPairName).sort();
  const volumes = service.servers.flatMap((server) => server.volumes).length;
  if (names.length !== volumes) {
    const hazard = hazardText(names.length > volumes ? 16 : 8);
    const why = `It holds ${names.length} pairs; ${service.id} has ${volumes} volumes. ${hazard}`;
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
    class: isLeft(half, { from, opened })
      ? 'not-current'
      : takeoverClass(
          half.copyPairs.map((pair) => pair.svolStatus),
          fence,
        ),
  };
}

type Half = Awaited<ReturnType<typeof readHalf>>;

/** A source that the service has left: what was done since is at the other site, and not here. */
const isLeft = ({ copyPairs }: Half, { from, opened }: Pick<Ends, 'from' | 'opened'>): boolean =>
  opened === from.id && hasSource(copyPairs);

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
