/** One login shared by everybody who needs it, made again when it has run out. */

export interface Session<T> {
  /** Logs in if nobody is; those who come meanwhile wait for the same login. */
  get(): Promise<T>;
  /** Forgets a login that was turned down; a newer one stays. */
  drop(login: T): void;
  /** The login that is there, without making one. */
  current(): Promise<T> | undefined;
}

export function keptSession<T>(
  login: () => Promise<T>,
  isFresh: (login: T) => boolean = () => true,
): Session<T> {
  let held: { readonly promise: Promise<T>; value?: T } | undefined;

  function begin(): Promise<T> {
    const mine: { promise: Promise<T>; value?: T } = {
      promise: login().then(
        (value) => {
          mine.value = value;
          return value;
        },
        (error: unknown) => {
          if (held === mine) held = undefined;
          throw error;
        },
      ),
    };
    held = mine;
    return mine.promise;
  }

  return {
    get: () => {
      if (held === undefined) return begin();
      return held.value === undefined || isFresh(held.value) ? held.promise : begin();
    },
    drop: (value) => {
      if (held?.value === value) held = undefined;
    },
    current: () => held?.promise,
  };
}

export interface SharedSession<T> {
  readonly session: Session<T>;
  /** From here to the returned call the session is kept; after the last one it is given back. */
  hold(): () => void;
}

/** A login for as long as somebody needs it, and no longer: what it locked is free again then. */
export function shortSession<T>(
  login: () => Promise<T>,
  logout: (login: T) => Promise<unknown>,
): SharedSession<T> {
  const session = keptSession(login);
  let holders = 0;
  async function giveBack(): Promise<void> {
    const open = await session.current();
    if (open === undefined || holders > 0) return;
    session.drop(open);
    await logout(open);
  }
  return {
    session,
    hold: () => {
      holders++;
      return () => {
        holders--;
        // One that cannot be given back runs out by itself.
        if (holders === 0) giveBack().catch(() => undefined);
      };
    },
  };
}
