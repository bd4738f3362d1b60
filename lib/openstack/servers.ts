/** What the status of a server says about whether it runs, and so may write. */
import type { Server } from './schema.ts';

/**
 *   on        it runs
 *   off       it does not, and os-start starts it
 *   failed    Nova gave it up; whether its guest still runs nobody says
 *   changing  Nova is working on it
 *   aside     neither of both: os-stop and os-start are refused, what is in its memory may come back
 *   unknown   nothing can be concluded
 */
export type Power = 'on' | 'off' | 'failed' | 'changing' | 'aside' | 'unknown';

/** One row a status; a status without a row is unknown. */
export const powerOfStatus: ReadonlyMap<string, Power> = new Map([
  ['ACTIVE', 'on'],
  ['PASSWORD', 'on'],
  ['SHUTOFF', 'off'],
  ['ERROR', 'failed'],
  ['BUILD', 'changing'],
  ['REBOOT', 'changing'],
  ['HARD_REBOOT', 'changing'],
  ['REBUILD', 'changing'],
  ['MIGRATING', 'changing'],
  ['RESIZE', 'changing'],
  ['REVERT_RESIZE', 'changing'],
  ['PAUSED', 'aside'],
  ['SUSPENDED', 'aside'],
  ['RESCUE', 'aside'],
  ['VERIFY_RESIZE', 'aside'],
  ['SHELVED', 'aside'],
  ['SHELVED_OFFLOADED', 'aside'],
  ['SOFT_DELETED', 'aside'],
]);

const TASK = 'OS-EXT-STS:task_state';

/** A task under way comes before the status: `SHUTOFF` with `powering-on` is not off. */
export function powerOf(server: Server): Power {
  const task = server[TASK];
  if (task === undefined) return 'unknown';
  if (task !== null) return 'changing';
  return powerOfStatus.get(server.status) ?? 'unknown';
}

/** As a person reads it: `SHUTOFF`, or `ACTIVE (powering-off)`. */
export function statusText(server: Server): string {
  const task = server[TASK];
  return task === undefined || task === null ? server.status : `${server.status} (${task})`;
}

/** Volumes that Nova would delete together with the server, or of which it does not say that not. */
export const volumesLostWith = (server: Server): string[] =>
  server['os-extended-volumes:volumes_attached']
    .filter((volume) => volume.delete_on_termination !== false)
    .map(({ id }) => id);
