/** Jobs: what a change answers with. Their progress is read off the clock. */
import { type ArrayError, arrayTime, missing } from './wire.ts';

export interface Job {
  readonly jobId: number;
  readonly userId: string;
  readonly createdAt: number;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly end: 'Succeeded' | 'Failed' | 'Unknown';
  readonly affected: readonly string[];
  readonly error?: ArrayError;
}

export interface JobState {
  next: number;
  kept: Job[];
}

/** An array forgets its oldest jobs. */
const KEPT_JOBS = 3000;
const QUEUED_MS = 200;

export function createJobs(durationMs: number) {
  let state: JobState = { next: 1, kept: [] };

  function view(job: Job, now: number) {
    const ended = now >= job.createdAt + durationMs;
    const queued = !ended && now < job.createdAt + Math.min(QUEUED_MS, durationMs);
    const phase = ended
      ? { status: 'Completed', state: job.end }
      : queued
        ? { status: 'Initializing', state: 'Queued' }
        : { status: 'Running', state: 'Started' };
    return {
      jobId: job.jobId,
      self: `/ConfigurationManager/v1/objects/jobs/${job.jobId}`,
      userId: job.userId,
      ...phase,
      createdTime: arrayTime(job.createdAt),
      updatedTime: arrayTime(Math.min(now, job.createdAt + durationMs)),
      completedTime: ended ? arrayTime(job.createdAt + durationMs) : null,
      request: { requestUrl: job.url, requestMethod: job.method, requestBody: job.body },
      affectedResources: ended && job.end === 'Succeeded' ? job.affected : [],
      error: ended ? (job.error ?? null) : null,
    };
  }

  return {
    view,
    add(job: Omit<Job, 'jobId'>): Job {
      const added = { ...job, jobId: state.next };
      state.next += 1;
      state.kept = [...state.kept.slice(1 - KEPT_JOBS), added];
      return added;
    },
    get(id: string, now: number) {
      const job = state.kept.find((one) => String(one.jobId) === id);
      if (job === undefined) throw missing(`job ${id}`);
      return view(job, now);
    },
    /** Milliseconds until the job has ended. */
    remaining: (job: Job, now: number): number => Math.max(0, job.createdAt + durationMs - now),
    snapshot: (): JobState => state,
    restore(saved: JobState): void {
      state = saved;
    },
  };
}
