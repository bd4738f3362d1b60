/**
 * The lock of the resource groups. Every user of the twin is assigned all resource groups, so one
 * lock covers the array: it belongs to a session and ends with it.
 */
import type { Session, Sessions } from './sessions.ts';

interface Holder {
  readonly userId: string;
  readonly sessionId: number;
  readonly host: string;
}

/** Who holds the lock while the array is told to be locked by somebody else. */
const STRANGER: Holder = { userId: 'storage-admin', sessionId: 9999, host: 'storage-navigator' };

export class Locks {
  readonly #sessions: Sessions;
  readonly #faults: ReadonlySet<string>;
  #heldBy: number | null = null;

  constructor(sessions: Sessions, faults: ReadonlySet<string>) {
    this.#sessions = sessions;
    this.#faults = faults;
  }

  /** Who holds it; a session that is gone has let go. */
  holder(now: number): Holder | undefined {
    if (this.#faults.has('lock-held')) return STRANGER;
    const session = this.#sessions.list(now).find(({ sessionId }) => sessionId === this.#heldBy);
    if (session === undefined) return undefined;
    return { userId: session.userId, sessionId: session.sessionId, host: '127.0.0.1' };
  }

  /** Who else holds it, and so keeps this session from changing anything. */
  against(session: Session, now: number): Holder | undefined {
    const holder = this.holder(now);
    return holder?.sessionId === session.sessionId ? undefined : holder;
  }

  /** False when another session holds it, or this one has ended. Locking twice is allowed. */
  take(session: Session, now: number): boolean {
    const alive = this.#sessions.list(now).some(({ sessionId }) => sessionId === session.sessionId);
    if (!alive || this.against(session, now) !== undefined) return false;
    this.#heldBy = session.sessionId;
    return true;
  }

  /** False when this session does not hold it. */
  release(session: Session, now: number): boolean {
    if (this.holder(now)?.sessionId !== session.sessionId) return false;
    this.#heldBy = null;
    return true;
  }

  snapshot(): number | null {
    return this.#heldBy;
  }

  restore(saved: number | null): void {
    this.#heldBy = saved;
  }
}
