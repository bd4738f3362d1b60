/** The job an array opened for a call of ours. */
import type * as z from 'zod';
import { boundOf } from '../../runbook/bound.ts';
import type { PlanCall } from '../../runbook/plan.ts';
import { jobSchema } from '../../vsp/schema.ts';
import type { Reader, StepView } from '../action.ts';
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

/** Why the array did not do it. A job that is gone or `Unknown` says nothing: the state decides. */
export function jobFault(job: Seen<Job> | undefined): string | undefined {
  if (job?.ok !== true || job.value.state !== 'Failed') return undefined;
  const { jobId, error } = job.value;
  return `Job ${jobId} of the array failed: ${error?.message ?? 'no reason given'}`;
}
