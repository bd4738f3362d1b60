/**
 * What stopping, starting, locking and unlocking a server finds, as tables: how the server looks
 * against what this run did about it.
 *
 *   so       it is so
 *   send     it is not, and may be asked for
 *   wait     Nova is working on it
 *   later    it is not yet the time to ask
 *   undone   Nova obeyed, and it is not so: somebody or something took it back
 *   failed   Nova gave the server up
 *   aside    paused, suspended, shelved …: Nova does not do it from there
 *   gone     the server does not exist any more
 *   unknown  it could not be read
 */
import type { PowerAction } from '../../openstack/paths.ts';
import type { Server } from '../../openstack/schema.ts';
import { type Power, powerOf } from '../../openstack/servers.ts';
import type { Mine } from '../action.ts';
import { maySent } from '../judging.ts';
import type { Seen } from '../reads.ts';

type Word = 'so' | 'send' | 'wait' | 'later' | 'undone' | 'failed' | 'aside' | 'gone' | 'unknown';

/** Never sent, or sent in vain; sent and nobody knows; sent and obeyed. */
export const deeds = ['never', 'doubt', 'obeyed'] as const;
export type Deed = (typeof deeds)[number];

/** Power for stop and start; for the lock whether it is there, and whether it may be put on. */
export const powerLooks = [
  ...['on', 'off', 'failed', 'changing', 'aside', 'gone', 'unknown'],
] as const satisfies readonly (Power | 'gone')[];
export const lockLooks = ['locked', 'open', 'running', 'gone', 'unknown'] as const;
export type PowerLook = (typeof powerLooks)[number];
export type LockLook = (typeof lockLooks)[number];

/** Per look the words for `never doubt obeyed`. */
type Rows<Look extends string> = Readonly<Record<Look, string>>;

export const stopRows: Rows<PowerLook> = {
  on: 'send send undone',
  off: 'so so so',
  failed: 'send send failed',
  changing: 'wait wait wait',
  aside: 'aside aside aside',
  // Deleted by hand it does not run, but this run could not bring it back any more.
  gone: 'so gone gone',
  unknown: 'unknown unknown unknown',
};

export const startRows: Rows<PowerLook> = {
  on: 'so so so',
  off: 'send send undone',
  failed: 'failed failed failed',
  changing: 'wait wait wait',
  aside: 'aside aside aside',
  gone: 'gone gone gone',
  unknown: 'unknown unknown unknown',
};

/** `open`: off and not locked; `running`: not off and not locked. */
export const lockRows: Rows<LockLook> = {
  locked: 'so so so',
  open: 'send send undone',
  running: 'later later undone',
  gone: 'so gone gone',
  unknown: 'unknown unknown unknown',
};

export const unlockRows: Rows<LockLook> = {
  locked: 'send send undone',
  open: 'so so so',
  running: 'so so so',
  gone: 'gone gone gone',
  unknown: 'unknown unknown unknown',
};

export function powerLook(seen: Seen<Server> | undefined): PowerLook {
  if (seen?.ok === true) return powerOf(seen.value);
  return seen?.gone === true ? 'gone' : 'unknown';
}

export function lockLook(seen: Seen<Server> | undefined): LockLook {
  if (seen?.ok !== true) return seen?.gone === true ? 'gone' : 'unknown';
  const { locked } = seen.value;
  if (locked === undefined) return 'unknown';
  if (locked) return 'locked';
  return powerOf(seen.value) === 'off' ? 'open' : 'running';
}

export function deedOf(mine: Mine | undefined): Deed {
  if (mine === undefined || !maySent(mine)) return 'never';
  return mine.state === 'answered' && (mine.status ?? 0) < 500 ? 'obeyed' : 'doubt';
}

/** The cell for a call. */
export function wordFor(action: PowerAction, seen: Seen<Server> | undefined, deed: Deed): Word {
  const row = rowFor(action, seen);
  return row.split(' ')[deeds.indexOf(deed)] as Word;
}

function rowFor(action: PowerAction, seen: Seen<Server> | undefined): string {
  switch (action) {
    case 'stop':
      return stopRows[powerLook(seen)];
    case 'start':
      return startRows[powerLook(seen)];
    case 'lock':
      return lockRows[lockLook(seen)];
    case 'unlock':
      return unlockRows[lockLook(seen)];
  }
}
