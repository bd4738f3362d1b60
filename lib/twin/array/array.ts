/**
 * One simulated array behind its REST API: both URL forms, sessions, jobs, and objects whose state
 * is settled from the clock before each request.
 */
import { sha256 } from '../../canonical.ts';
import type { Clock } from '../../clock.ts';
import type { Http, HttpRequest, HttpResponse } from '../../http.ts';
import type { Random } from '../../random.ts';
import type { Effect } from '../seams.ts';
import { type Change, changes } from './changes.ts';
import { type CloneGroupState, settleClones } from './clones.ts';
import { createJobs, type Job } from './jobs.ts';
import { type LdevState, Ldevs } from './ldevs.ts';
import {
  type ArrayFaults,
  type ArrayPeer,
  type ArraySpec,
  type Call,
  mirrorOf,
  type Parts,
} from './parts.ts';
import { createArrayPort } from './port.ts';
import { reads } from './reads.ts';
import { type SessionState, Sessions } from './sessions.ts';
import { answer, arrayError, bad, missing, Refusal } from './wire.ts';

export interface ArrayDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly peer: () => ArrayPeer | undefined;
  /** Told once for each change that was accepted (answered 202). */
  onEffect(effect: Omit<Effect, 'at' | 'site'>): void;
  /** Called after each change, before its answer leaves. */
  changed(): void;
}

/** Everything that outlives the process; the mirrors are kept by the world that shares them. */
export interface ArrayState {
  readonly sessions: SessionState;
  readonly jobs: ReturnType<ReturnType<typeof createJobs>['snapshot']>;
  readonly ldevs: LdevState;
  readonly clones: CloneGroupState[];
  readonly resyncUnderPath: number;
  readonly faults: ArrayFaults;
}

export type TwinArray = ReturnType<typeof createArray>;

export function createArray(spec: ArraySpec, deps: ArrayDeps) {
  const parts: Parts = {
    spec,
    ldevs: new Ldevs(spec.ldevs),
    sessions: new Sessions(spec.login, deps.random),
    jobs: createJobs(spec.jobMs),
    peer: deps.peer,
    clones: structuredClone([...spec.cloneGroups]),
    resyncUnderPath: 0,
    faults: { busy: false, jobUnknown: false, jobFailed: false },
  };

  function settle(now: number): void {
    for (const { mirror } of spec.mirrors) mirror.settle(now);
    for (const group of parts.clones) {
      settleClones(group, now, { mirror: mirrorOf(parts, group.source).mirror, pace: spec.pace });
    }
  }

  const handle: Http = async (request) => {
    const now = deps.clock.now();
    settle(now);
    try {
      return await dispatch(parts, request, { deps, now });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const source = new URL(request.url).pathname;
      return answer(error.status, arrayError(source, error.words), now);
    }
  };

  return {
    handle,
    settle,
    parts,
    port: createArrayPort(parts, { clock: deps.clock, settle }),
    peer: peerOf(parts, deps.clock),
    snapshot: (): ArrayState => ({
      sessions: parts.sessions.snapshot(),
      jobs: parts.jobs.snapshot(),
      ldevs: parts.ldevs.snapshot(),
      clones: parts.clones,
      resyncUnderPath: parts.resyncUnderPath,
      faults: parts.faults,
    }),
    restore(saved: ArrayState): void {
      parts.sessions.restore(saved.sessions);
      parts.jobs.restore(saved.jobs);
      parts.ldevs.restore(saved.ldevs);
      parts.clones = saved.clones;
      parts.resyncUnderPath = saved.resyncUnderPath;
      parts.faults = saved.faults;
    },
  };
}

function peerOf({ spec, sessions }: Parts, clock: Clock): ArrayPeer {
  return {
    storageDeviceId: spec.storageDeviceId,
    holdsSession: (authorization) => sessions.holds(authorization, clock.now()),
  };
}

interface At {
  readonly deps: ArrayDeps;
  readonly now: number;
}

async function dispatch(parts: Parts, request: HttpRequest, at: At): Promise<HttpResponse> {
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/ConfigurationManager/, '');
  if (path === url.pathname) throw missing(url.pathname);
  if (path === '/configuration/version') return answer(200, version, at.now);
  if (parts.faults.busy) {
    throw new Refusal(503, {
      messageId: 'KART00003-E',
      message: 'The server is busy.',
      retry: true,
    });
  }
  const where = locate(parts, path);
  const { method, headers } = request;
  const body = bodyOf(request);
  if (where.type === 'sessions' && method === 'POST' && where.ids.length === 0) {
    const opened = parts.sessions.open(headers['authorization'], body, at.now);
    at.deps.changed();
    return answer(200, opened, at.now);
  }
  const session = parts.sessions.require(headers['authorization'], at.now);
  const { ids } = where;
  const call: Call = {
    method,
    path,
    ids,
    query: url.searchParams,
    headers,
    body,
    now: at.now,
    session,
  };
  if (where.type === 'sessions' && method === 'DELETE') {
    parts.sessions.close(ids.join(','), at.now);
    at.deps.changed();
    return answer(200, {}, at.now);
  }
  if (method === 'GET' && where.action === undefined) return readOne(parts, where.type, call);
  return await change(parts, { where, call, request }, at);
}

const version = { productName: 'Drillbook twin array', apiVersion: '1.43.0' };

interface Where {
  readonly type: string;
  readonly ids: readonly string[];
  readonly action: string | undefined;
}

const OBJECT_PATH = /^\/([a-z-]+)(?:\/([^/]+)(?:\/actions\/([a-z-]+)\/invoke)?)?$/;

/** Takes the path of either URL form apart; a storage device that is not this one is not found. */
function locate(parts: Parts, path: string): Where {
  if (!path.startsWith('/v1/objects/')) throw missing(path);
  let rest = path.slice('/v1/objects'.length);
  const named = /^\/storages\/([^/]+)(\/.+)$/.exec(rest);
  if (named !== null) {
    if (named[1] !== parts.spec.storageDeviceId) throw missing(`storage ${named[1]}`);
    rest = named[2] ?? '';
  }
  const found = OBJECT_PATH.exec(rest);
  if (found === null) throw missing(path);
  const id = found[2] === undefined ? [] : decoded(found[2]).split(',');
  return { type: found[1] ?? '', ids: id, action: found[3] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('The path is not valid.');
  }
}

function bodyOf({ body, headers }: HttpRequest): unknown {
  if (body === undefined || body === '') return undefined;
  if (!(headers['content-type'] ?? '').startsWith('application/json')) {
    throw new Refusal(415, { message: 'Content-Type must be application/json.' });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw bad('The body is not valid JSON.');
  }
}

function readOne(parts: Parts, type: string, call: Call): HttpResponse {
  const route = reads[type];
  const read = call.ids.length === 0 ? route?.list : route?.one;
  if (read === undefined) throw missing(call.path);
  return answer(200, read(parts, call), call.now);
}

interface Asked {
  readonly where: Where;
  readonly call: Call;
  readonly request: HttpRequest;
}

async function change(parts: Parts, asked: Asked, at: At): Promise<HttpResponse> {
  const { where, call, request } = asked;
  const routes = changes.filter(
    ({ type, action }) => type === where.type && action === where.action,
  );
  if (routes.length === 0 && reads[where.type] === undefined) throw missing(call.path);
  const route = routes.find(({ methods }) => methods.includes(call.method));
  if (route === undefined) throw new Refusal(405, { message: 'The method is not allowed.' });
  const job = parts.jobs.add(jobOf(parts, asked, route.change(parts, call)));
  at.deps.onEffect({
    target: 'array',
    method: call.method,
    path: call.path,
    bodyHash: sha256(request.body ?? ''),
  });
  at.deps.changed();
  const holds = (call.headers['response-job-status'] ?? '').includes('Completed');
  if (holds) await hold(parts, { job, call }, at);
  const now = at.deps.clock.now();
  return answer(202, parts.jobs.view(job, now), now);
}

function jobOf(parts: Parts, { call, request }: Asked, change: Change): Omit<Job, 'jobId'> {
  const { jobUnknown, jobFailed } = parts.faults;
  const why = change.refused ?? (jobFailed ? 'The storage system reported an error.' : undefined);
  const end = why !== undefined ? 'Failed' : jobUnknown ? 'Unknown' : 'Succeeded';
  return {
    userId: call.session.userId,
    createdAt: call.now,
    method: call.method,
    url: `/ConfigurationManager${call.path}`,
    body: request.body ?? '',
    end,
    affected: [`/ConfigurationManager/v1/objects/${change.affected}`],
    ...(why === undefined
      ? {}
      : { error: arrayError(call.path, { message: 'The operation failed.', cause: why }) }),
  };
}

/** Keeps the caller waiting until the job has ended, no longer than it asked to wait. */
async function hold(
  parts: Parts,
  { job, call }: { readonly job: Job; readonly call: Call },
  { deps, now }: At,
): Promise<void> {
  const limit = Number(call.headers['response-max-wait'] ?? '60') * 1000;
  const wait = parts.jobs.remaining(job, now);
  await deps.clock.sleep(Math.min(wait, Number.isFinite(limit) ? limit : 0));
}
