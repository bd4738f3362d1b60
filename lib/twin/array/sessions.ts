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

export class Sessions {
  readonly #login: Login;
  readonly #random: Random;
  #state: SessionState = { next: 1, open: [] };

  constructor(login: Login, random: Random) {
    this.#login = login;
    this.#random = random;
  }

  /** Logs in; 401 for a wrong password, 503 when 64 sessions are open. */
  open(authorization: string | undefined, body: unknown, now: number) {
    const { user, password } = this.#login;
    const expected = Buffer.from(`${user}:${password}`).toString('base64');
    if (authorization !== `Basic ${expected}`) {
      throw new Refusal(401, { message: 'The user name or the password is not valid.' });
    }
    const wishes = loginSchema.safeParse(body ?? {});
    if (!wishes.success) throw bad('The attributes of the session are not valid.');
    if (this.#live(now).length >= SESSION_LIMIT) {
      const message = 'The number of sessions has reached the maximum.';
      throw new Refusal(503, { message, retry: true });
    }
    const session: Session = {
      sessionId: this.#state.next,
      token: `${this.#random(16)}-${this.#state.next}`,
      userId: user,
      createdAt: now,
      aliveMs: wishes.data.aliveTime * 1000,
      lastAccess: now,
    };
    this.#state.next += 1;
    this.#state.open.push(session);
    return { token: session.token, sessionId: session.sessionId };
  }

  /** The session of an `Authorization` value, refreshed; refuses anything else with 401. */
  require(authorization: string | undefined, now: number): Session {
    const session = this.#live(now).find((one) => authorization === `Session ${one.token}`);
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

  holds(authorization: string | undefined, now: number): boolean {
    return this.#live(now).some((session) => authorization === `Session ${session.token}`);
  }

  list(now: number) {
    return this.#live(now).map(view);
  }

  get(id: string, now: number) {
    return view(this.#one(id, now));
  }

  close(id: string, now: number): void {
    const gone = this.#one(id, now);
    this.#state.open = this.#state.open.filter((session) => session !== gone);
  }

  closeAll(): void {
    this.#state.open = [];
  }

  snapshot(): SessionState {
    return this.#state;
  }

  restore(saved: SessionState): void {
    this.#state = saved;
  }

  #live(now: number): Session[] {
    this.#state.open = this.#state.open.filter(
      (session) => now - session.lastAccess <= session.aliveMs,
    );
    return this.#state.open;
  }

  #one(id: string, now: number): Session {
    const session = this.#live(now).find((candidate) => String(candidate.sessionId) === id);
    if (session === undefined) throw missing(`session ${id}`);
    return session;
  }
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
