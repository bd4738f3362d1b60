/** Reading sessions, jobs, the storage system itself; resource groups and their lock. */
import * as z from 'zod';
import { lockedBy } from '../change.ts';
import type { Job } from '../jobs.ts';
import { type Call, type Parts, skewOf, wholeNumber } from '../parts.ts';
import type { Changed, ObjectRoutes } from '../room.ts';
import type { Session } from '../sessions.ts';
import { arrayTime, bad, missing } from '../wire.ts';

export const sessionRoutes: ObjectRoutes = {
  type: 'sessions',
  list: (parts, { now }) => ({ data: parts.sessions.list(now).map((one) => shown(parts, one)) }),
  one: (parts, { ids, now }) => {
    const id = ids.join(',');
    const found = parts.sessions.list(now).find(({ sessionId }) => String(sessionId) === id);
    if (found === undefined) throw missing(`session ${id}`);
    return shown(parts, found);
  },
};

function shown(parts: Parts, session: Session) {
  const skew = skewOf(parts);
  return {
    sessionId: session.sessionId,
    userId: session.userId,
    ipAddress: '127.0.0.1',
    createdTime: arrayTime(session.createdAt + skew),
    lastAccessTime: arrayTime(session.lastAccess + skew),
  };
}

export const jobRoutes: ObjectRoutes = {
  type: 'jobs',
  list: listJobs,
  one: (parts, { ids, now }) => {
    const id = ids.join(',');
    const found = /^\d{1,9}$/.test(id) ? parts.jobs.find(Number(id)) : undefined;
    if (found === undefined) throw missing(`job ${id}`);
    return parts.jobs.view(found, now, skewOf(parts));
  },
};

/** Newest first, as many as asked for (default 100). */
function listJobs(parts: Parts, { query, now }: Call) {
  const count = wholeNumber(query, 'count', 100);
  if (count < 1 || count > 100) throw bad('The value of count is not valid.');
  const newest: readonly Job[] = parts.jobs.list().slice(-count).reverse();
  return { data: newest.map((job) => parts.jobs.view(job, now, skewOf(parts))) };
}

export const resourceGroupRoutes: ObjectRoutes = {
  type: 'resource-groups',
  list: (parts, call) => ({ data: [resourceGroup(parts, call)] }),
  one: (parts, call) => {
    if (call.ids.join(',') !== '0') throw missing(`resource group ${call.ids.join(',')}`);
    return resourceGroup(parts, call);
  },
};

/** There is one: the group of everything that is in no other. */
function resourceGroup({ locks }: Parts, { session, now }: Call) {
  const holder = locks.holder(now);
  const lock =
    holder === undefined
      ? { lockStatus: 'Unlocked' }
      : {
          lockStatus: 'Locked',
          selfLock: holder.sessionId === session.sessionId,
          lockOwner: holder.userId,
          lockHost: holder.host,
          lockSessionId: holder.sessionId,
        };
  return { resourceGroupId: 0, resourceGroupName: 'meta_resource', ...lock };
}

const LOOK_AGAIN_MS = 1000;

const lockSchema = z.strictObject({
  parameters: z.strictObject({ waitTime: z.int().min(0).max(7200).default(0) }).prefault({}),
});

/** `…/services/resource-group-service/actions/lock|unlock/invoke`. */
export const lockRoutes: ObjectRoutes = {
  type: 'resource-group-service',
  actions: {
    lock: {
      change: lock,
      roles: [],
      whileLocked: true,
      template: () => ({ parameters: { waitTime: null } }),
    },
    unlock: { change: unlock, roles: [], whileLocked: true },
  },
};

const AFFECTED = ['resource-groups/0'];

async function lock({ locks, clock }: Parts, { body, session, now }: Call): Promise<Changed> {
  const wish = lockSchema.safeParse(body ?? {});
  if (!wish.success) throw bad('waitTime must be 0 to 7200 seconds.');
  const until = now + wish.data.parameters.waitTime * 1000;
  while (!locks.take(session, clock.now())) {
    const left = until - clock.now();
    if (left <= 0) {
      const holder = locks.against(session, clock.now());
      return { affected: AFFECTED, refused: lockedBy(holder?.userId ?? 'another user') };
    }
    await clock.sleep(Math.min(left, LOOK_AGAIN_MS));
    // A session with a request under way is not idle.
    session.lastAccess = clock.now();
  }
  return { affected: AFFECTED };
}

function unlock({ locks }: Parts, { body, session, now }: Call): Changed {
  if (body !== undefined && JSON.stringify(body) !== '{}') throw bad('unlock takes no parameters.');
  if (locks.release(session, now)) return { affected: AFFECTED };
  const holder = locks.holder(now);
  const refused = lockedBy(holder?.userId ?? 'nobody');
  return { affected: AFFECTED, refused };
}
