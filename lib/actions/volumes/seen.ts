/** LDEVs and copies at the site that was taken over, as they are now. */
import type * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import { reads } from '../../vsp/paths.ts';
import { type Pairable, pairableSchema } from '../../vsp/protection.ts';
import { type jobSchema, type Snapshot, snapshotsSchema } from '../../vsp/schema.ts';
import type { Reader, StepView } from '../action.ts';
import { seeJobOf } from '../clone/job.ts';
import { maySent } from '../judging.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite, takeoverOf } from '../replicas.ts';

export type LdevsSeen = ReadonlyMap<number, Seen<Pairable>>;
/** By call id; undefined where the array never told us a job. */
export type JobsSeen = ReadonlyMap<string, Seen<z.infer<typeof jobSchema>> | undefined>;

const arrayOf = ({ plan }: StepView) => {
  const { site } = takeoverOf(plan.facts);
  return { site, array: boundSite(boundOf(plan.facts), site).array };
};

export async function seeLdevs(
  read: Reader,
  view: StepView,
  ldevs: readonly number[],
): Promise<LdevsSeen> {
  const { site, array } = arrayOf(view);
  const seen = await Promise.all(
    ldevs.map(async (ldev) => {
      const place = onArray(site, array, reads.ldev(ldev));
      return [ldev, await see(read, place, pairableSchema)] as const;
    }),
  );
  return new Map(seen);
}

export async function seeSnapshots(
  read: Reader,
  view: StepView,
  group: string,
): Promise<Seen<readonly Snapshot[]>> {
  const { site, array } = arrayOf(view);
  const seen = await see(read, onArray(site, array, reads.snapshots(group)), snapshotsSchema);
  return seen.ok ? { ok: true, value: seen.value.data } : seen;
}

/** Of calls that went out. */
export async function seeJobs(read: Reader, view: StepView): Promise<JobsSeen> {
  const sent = view.calls.filter(({ id }) => maySent(view.mine[id]));
  const jobs = await Promise.all(
    sent.map(async (call) => [call.id, await seeJobOf(read, view, call)] as const),
  );
  return new Map(jobs);
}
