/** A request that changes something: allowed, unlocked, carried out, noted, answered with a job. */
import { sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { HttpRequest, HttpResponse } from '../../http.ts';
import type { Effect } from '../seams.ts';
import type { Job } from './jobs.ts';
import { type Call, type Parts, skewOf } from './parts.ts';
import { answers } from './port.ts';
import type { Changed, Guarded, Role } from './room.ts';
import { answer, arrayError, bad, type ErrorWords, Refusal, refusedWith } from './wire.ts';

export interface ChangeDeps {
  readonly clock: Clock;
  /** How long a job takes (ms). */
  readonly jobMs: number;
  /** Told once for each change that was accepted (answered 202). */
  onEffect(effect: Omit<Effect, 'at' | 'site'>): void;
  /** Called after each change, before its answer leaves. */
  changed(): void;
}

interface Asked {
  readonly call: Call;
  readonly request: HttpRequest;
  readonly guarded: Guarded;
}

/** The line broke: the caller gets no answer at all. */
export class NoAnswer extends Error {
  constructor() {
    super('The connection was closed before an answer came.');
    this.name = 'NoAnswer';
  }
}

export async function perform(
  parts: Parts,
  { call, request, guarded }: Asked,
  deps: ChangeDeps,
): Promise<HttpResponse> {
  const { faults } = parts;
  if (faults.delete('request-lost')) {
    deps.changed();
    throw new NoAnswer();
  }
  requireRoles(parts, call, guarded.roles);
  const limitMs = waitLimitOf(call);
  const barred = guarded.whileLocked === true ? undefined : locked(parts, call);
  const changed = barred ?? faulty(faults) ?? (await guarded.change(parts, call));
  const job = parts.jobs.add({
    ...endOf(changed, { parts, call, jobMs: deps.jobMs }),
    userId: call.session.userId,
    createdAt: call.now,
    method: call.method,
    url: `/ConfigurationManager${call.path}`,
    body: request.body ?? '',
  });
  deps.onEffect({
    target: 'array',
    method: call.method,
    path: call.path,
    bodyHash: sha256(request.body ?? ''),
  });
  const lost = faults.delete('answer-lost');
  deps.changed();
  if (lost) throw new NoAnswer();
  await hold(parts, { job, until: deps.clock.now() + limitMs }, deps.clock);
  // The array may have died while the caller was kept waiting.
  if (!answers(faults)) throw new NoAnswer();
  const now = deps.clock.now();
  const skew = skewOf(parts);
  return answer(202, parts.jobs.view(job, now, skew), now + skew);
}

function requireRoles({ spec, faults }: Parts, { session }: Call, needed: readonly Role[]): void {
  const own = spec.users.find(({ user }) => user === session.userId)?.roles;
  const allowed = own === undefined || needed.every((role) => own.includes(role));
  if (allowed && !faults.has('role-missing')) return;
  throw new Refusal(403, { message: 'The user is not permitted to perform the operation.' });
}

/** As the driver for OpenStack reads it, from a failed job or from an error alike. */
function locked({ locks }: Parts, { session, now }: Call): Changed | undefined {
  const holder = locks.against(session, now);
  return holder === undefined ? undefined : { affected: [], refused: lockedBy(holder.userId) };
}

export function lockedBy(userId: string): ErrorWords {
  return {
    ...refusedWith('2E11-2205', 'The resource group is locked.', `It is locked by ${userId}.`),
    messageId: 'KART40052-E',
    retry: true,
  };
}

const FAILED: ErrorWords = { message: 'The storage system reported an error.' };

/** Jobs that fail instead of being carried out. */
function faulty(faults: ReadonlySet<string>): Changed | undefined {
  const fails = faults.has('job-failed') || faults.has('job-failed-at-once');
  return fails ? { affected: [], refused: FAILED } : undefined;
}

interface Ending {
  readonly parts: Parts;
  readonly call: Call;
  readonly jobMs: number;
}

function endOf(
  { affected, refused, copiedAt }: Changed,
  { parts: { faults }, call, jobMs }: Ending,
): Pick<Job, 'end' | 'endsAt' | 'affected' | 'error'> {
  const words = refused ?? (faults.has('job-failed-done') ? FAILED : undefined);
  const waits = call.headers['job-mode-wait-configuration-change'] !== 'NoWait';
  const early = call.now + (faults.has('job-failed-at-once') ? 0 : jobMs);
  return {
    end: words !== undefined ? 'Failed' : faults.has('job-unknown') ? 'Unknown' : 'Succeeded',
    endsAt: waits && words === undefined ? Math.max(early, copiedAt ?? 0) : early,
    affected: affected.map((id) => `/ConfigurationManager/v1/objects/${id}`),
    ...(words === undefined
      ? {}
      : { error: arrayError(`/ConfigurationManager${call.path}`, words) }),
  };
}

/** What the server waits when the request asks for the end and gives no limit: not documented. */
const MAX_WAIT_SECONDS = 60;

/** How long the caller wants to be kept waiting for the end of the job (ms). */
function waitLimitOf({ headers }: Call): number {
  if (!(headers['response-job-status'] ?? '').includes('Completed')) return 0;
  const seconds = Number(headers['response-max-wait'] ?? MAX_WAIT_SECONDS);
  if (!(seconds >= 0)) throw bad('Response-Max-Wait is not valid.');
  return seconds * 1000;
}

/** Keeps the caller waiting until the job has ended or the limit is over; timers may wake early. */
async function hold(
  { jobs }: Parts,
  { job, until }: { readonly job: Job; readonly until: number },
  clock: Clock,
): Promise<void> {
  for (;;) {
    const now = clock.now();
    const wait = Math.min(jobs.remaining(job, now), until - now);
    if (wait <= 0) return;
    await clock.sleep(wait);
  }
}
