/** Sessions of one array: Basic only to log in, 64 at most, gone after `aliveTime` idle seconds. */
import { Buffer } from 'node:buffer';
import * as z from 'zod';
import type { Random } from '../../random.ts';
import { arrayTime, bad, missing, Refusal } from './wire.ts';

export interface Session {
  readonly sessionId: number;
  readonly token: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly aliveMs: number;
  lastAccess: number;
}

export interface SessionState {
  next: number;
  open: Session[];
}

const SESSION_LIMIT = 64;

const loginSchema = z.strictObject({
  aliveTime: z.int().min(1).max(300).default(300),
  authenticationTimeout: z.int().min(1).max(900).default(120),
});

export interface Login {
  readonly user: string;
  readonly password: string;
}

export function createSessions(login: Login, random: Random) {
  let state: SessionState = { next: 1, open: [] };
  const expected = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;

  function live(now: number): Session[] {
    state.open = state.open.filter((session) => now - session.lastAccess <= session.aliveMs);
    return state.open;
  }

  function open(authorization: string | undefined, body: unknown, now: number) {
    if (authorization !== expected) {
      throw new Refusal(401, { message: 'The user name or the password is not valid.' });
    }
    const wishes = loginSchema.safeParse(body ?? {});
    if (!wishes.success) throw bad('The attributes of the session are not valid.');
    if (live(now).length >= SESSION_LIMIT) {
      throw new Refusal(503, {
        message: 'The number of sessions has reached the maximum.',
        retry: true,
      });
    }
    const session: Session = {
      sessionId: state.next,
      token: `${random(16)}-${state.next}`,
      userId: login.user,
      createdAt: now,
      aliveMs: wishes.data.aliveTime * 1000,
      lastAccess: now,
    };
    state.next += 1;
    state.open.push(session);
    return { token: session.token, sessionId: session.sessionId };
  }

  /** The session of an `Authorization` value, refreshed; refuses anything else with 401. */
  function require(authorization: string | undefined, now: number): Session {
    const session = live(now).find((one) => authorization === `Session ${one.token}`);
    if (session === undefined) {
      throw new Refusal(401, {
        message: 'The specified token is invalid.',
        cause: authorization?.startsWith('Basic ')
          ? 'Basic authentication is accepted only to create a session.'
          : 'The session does not exist or has expired.',
      });
    }
    session.lastAccess = now;
    return session;
  }

  function view(session: Session) {
    return {
      sessionId: session.sessionId,
      userId: session.userId,
      ipAddress: '127.0.0.1',
      createdTime: arrayTime(session.createdAt),
      lastAccessTime: arrayTime(session.lastAccess),
    };
  }

  function one(id: string, now: number): Session {
    const session = live(now).find((candidate) => String(candidate.sessionId) === id);
    if (session === undefined) throw missing(`session ${id}`);
    return session;
  }

  return {
    open,
    require,
    list: (now: number) => live(now).map(view),
    get: (id: string, now: number) => view(one(id, now)),
    close(id: string, now: number): void {
      const gone = one(id, now);
      state.open = state.open.filter((session) => session !== gone);
    },
    closeAll(): void {
      state.open = [];
    },
    holds: (authorization: string | undefined, now: number): boolean =>
      live(now).some((session) => authorization === `Session ${session.token}`),
    snapshot: (): SessionState => state,
    restore(saved: SessionState): void {
      state = saved;
    },
  };
}
