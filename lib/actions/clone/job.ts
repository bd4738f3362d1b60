/** The job an array opened for a call of ours. */
import type * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { hazardText } from '../../vsp/hazards.ts';
import { jobSchema } from '../../vsp/schema.ts';
import type { Reader, StepView } from '../action.ts';
import type { Effect } from '../judging.ts';
import { onArray, type Seen, see } from '../reads.ts';
import { boundSite } from '../replicas.ts';

type Job = z.infer<typeof jobSchema>;

/** Of the one call of a step; undefined when the array never told us a job. */
export async function seeJob(read: Reader, view: StepView): Promise<Seen<Job> | undefined> {
  const [call] = view.calls;
  return call === undefined ? undefined : seeJobOf(read, view, call);
}

export async function seeJobOf(
  read: Reader,
  view: StepView,
  call: PlanCall,
): Promise<Seen<Job> | undefined> {
  const answer = jobSchema.safeParse(view.mine[call.id]?.answer);
  if (!answer.success) return undefined;
  const { array } = boundSite(boundOf(view.plan.facts), call.site);
  return see(read, onArray(call.site, array, `jobs/${answer.data.jobId}`), jobSchema);
}

/**
 * The array itself says that it did not do what is not so: an outcome that is known. A job that is gone
 * or `Unknown` says nothing: the state decides.
 */
export function jobFailed(
  job: Seen<Job> | undefined,
  reading?: Effect['reading'],
): Effect | undefined {
  if (job?.ok !== true || job.value.state !== 'Failed') return undefined;
  const { jobId, error } = job.value;
  const said = `Job ${jobId} of the array failed: ${error?.message ?? 'no reason given'}`;
  const why = error?.messageId === LOCKED ? `${said} ${hazardText(14)}` : said;
  return { seen: 'absent', failed: true, why, ...(reading === undefined ? {} : { reading }) };
}

/** What is not so although it was sent, in the light of its job. */
export const withJob = (effect: Effect, job: Seen<Job> | undefined): Effect =>
  effect.seen === 'absent' ? (jobFailed(job, effect.reading) ?? effect) : effect;

/** Another user holds the lock of the resource group. */
const LOCKED = 'KART40052-E';
