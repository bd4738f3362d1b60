/** Sessions of one array: Basic only to log in, 64 at most, gone after `aliveTime` idle seconds. */
import { Buffer } from 'node:buffer';
import * as z from 'zod';
import type { Random } from '../../random.ts';
import type { TopologyArray } from '../topology.ts';
import { bad, Refusal } from './wire.ts';

export interface Session {
  readonly sessionId: number;
  readonly token: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly aliveMs: number;
  lastAccess: number;
  /** The last access that was written down. */
  keptAt: number;
}

interface SessionState {
  next: number;
  open: Session[];
}

const SESSION_LIMIT = 64;
/** Accesses are written down that often in the idle time of a session. */
const KEPT_PARTS = 4;
/** How long sessions live while they end early. */
const SHORT_MS = 5000;

const loginSchema = z.strictObject({
  aliveTime: z.int().min(1).max(300).default(300),
  authenticationTimeout: z.int().min(1).max(900).default(120),
});

export class Sessions {
  readonly #users: TopologyArray['users'];
  readonly #random: Random;
  readonly #faults: ReadonlySet<string>;
  #state: SessionState = { next: 1, open: [] };

  constructor(users: TopologyArray['users'], random: Random, faults: ReadonlySet<string>) {
    this.#users = users;
    this.#random = random;
    this.#faults = faults;
  }

  /** Logs in; 401 for a wrong password, 503 when all 64 sessions are open. */
  open(authorization: string | undefined, body: unknown, now: number) {
    const user = this.#users.find((one) => authorization === basicOf(one));
    if (user === undefined) {
      throw new Refusal(401, { message: 'The user name or the password is not valid.' });
    }
    const wishes = loginSchema.safeParse(body ?? {});
    if (!wishes.success) throw bad('The attributes of the session are not valid.');
    if (this.list(now).length >= SESSION_LIMIT || this.#faults.has('session-cap')) {
      const message = 'The number of sessions has reached the maximum.';
      throw new Refusal(503, { message, retry: true });
    }
    const session: Session = {
      sessionId: this.#state.next,
      token: `${this.#random(16)}-${this.#state.next}`,
      userId: user.user,
      createdAt: now,
      aliveMs: wishes.data.aliveTime * 1000,
      lastAccess: now,
      keptAt: now,
    };
    this.#state.next += 1;
    this.#state.open.push(session);
    return { token: session.token, sessionId: session.sessionId };
  }

  /**
   * The session of an `Authorization` value, refreshed; 401 for anything else. Embedded servers may
   * also take Basic on single requests: not simulated, so that nobody comes to rely on it.
   */
  require(authorization: string | undefined, now: number): Session {
    const session = this.held(authorization, now);
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

  /** True when its last access must be written down, lest it seem idle after a restart. */
  keep(session: Session): boolean {
    if (session.lastAccess - session.keptAt <= session.aliveMs / KEPT_PARTS) return false;
    session.keptAt = session.lastAccess;
    return true;
  }

  /** The session of an `Authorization` value, as it is; undefined for anything else. */
  held(authorization: string | undefined, now: number): Session | undefined {
    return this.list(now).find(({ token }) => authorization === `Session ${token}`);
  }

  /** Sessions that are alive. */
  list(now: number): readonly Session[] {
    const limit = this.#faults.has('session-short') ? SHORT_MS : Number.POSITIVE_INFINITY;
    this.#state.open = this.#state.open.filter(
      (session) => now - session.lastAccess <= Math.min(session.aliveMs, limit),
    );
    return this.#state.open;
  }

  close(session: Session): void {
    this.#state.open = this.#state.open.filter((one) => one !== session);
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
}

function basicOf({ user, password }: TopologyArray['users'][number]): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
