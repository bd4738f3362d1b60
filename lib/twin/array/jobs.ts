/** Jobs: what a change answers with. Their progress is read off the clock. */
import { type ArrayError, arrayTime } from './wire.ts';

export interface Job {
  readonly jobId: number;
  readonly userId: string;
  readonly createdAt: number;
  /** When it ends (ms); a stuck one ends once the array is no longer told to hold jobs. */
  readonly endsAt: number;
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly end: 'Succeeded' | 'Failed' | 'Unknown';
  readonly affected: readonly string[];
  readonly error?: ArrayError;
  readonly stuck?: true;
}

interface JobState {
  next: number;
  kept: Job[];
}

/** An array forgets its oldest jobs: E series keeps this many, VSP 5000 keeps 100,000. */
const KEPT_JOBS = 3000;
const QUEUED_MS = 200;

export class Jobs {
  readonly #faults: ReadonlySet<string>;
  #next = 1;
  readonly #kept = new Map<number, Job>();

  constructor(faults: ReadonlySet<string>) {
    this.#faults = faults;
  }

  add(wish: Omit<Job, 'jobId'>): Job {
    const job: Job = {
      ...wish,
      jobId: this.#next,
      ...(this.#faults.has('job-stuck') ? { stuck: true } : {}),
    };
    this.#next += 1;
    this.#kept.set(job.jobId, job);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_JOBS) break;
      this.#kept.delete(oldest);
    }
    return job;
  }

  /** Newest last. Empty while job records are lost. */
  list(): readonly Job[] {
    return this.#faults.has('job-lost') ? [] : [...this.#kept.values()];
  }

  find(jobId: number): Job | undefined {
    return this.#faults.has('job-lost') ? undefined : this.#kept.get(jobId);
  }

  /** Milliseconds until the job has ended; Infinity while it is stuck. */
  remaining(job: Job, now: number): number {
    return this.#stuck(job) ? Number.POSITIVE_INFINITY : Math.max(0, job.endsAt - now);
  }

  /** The job as the array shows it; `skewMs` = how far its clock is ahead. */
  view(job: Job, now: number, skewMs: number) {
    const ended = this.remaining(job, now) === 0;
    const queued = !ended && now < Math.min(job.createdAt + QUEUED_MS, job.endsAt);
    const phase = ended
      ? { status: 'Completed', state: job.end }
      : queued
        ? { status: 'Initializing', state: 'Queued' }
        : { status: 'Running', state: 'Started' };
    const shown = (ms: number) => arrayTime(ms + skewMs);
    return {
      jobId: job.jobId,
      self: `/ConfigurationManager/v1/objects/jobs/${job.jobId}`,
      userId: job.userId,
      ...phase,
      createdTime: shown(job.createdAt),
      updatedTime: shown(ended ? job.endsAt : now),
      completedTime: ended ? shown(job.endsAt) : null,
      request: { requestUrl: job.url, requestMethod: job.method, requestBody: job.body },
      affectedResources: ended && job.end === 'Succeeded' ? job.affected : [],
      // Absent unless it failed: the driver for OpenStack breaks on a job with `error: null`.
      ...(ended && job.error !== undefined ? { error: job.error } : {}),
    };
  }

  snapshot(): JobState {
    return { next: this.#next, kept: [...this.#kept.values()] };
  }

  restore({ next, kept }: JobState): void {
    this.#next = next;
    this.#kept.clear();
    for (const job of kept) this.#kept.set(job.jobId, job);
  }

  #stuck({ stuck }: Job): boolean {
    return stuck === true && this.#faults.has('job-stuck');
  }
}
