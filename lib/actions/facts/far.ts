/**
 * Three centres: the mirror between the second and the third, which waits in HOLD until the first is lost.
 * An array lists one journal as often as it has mirrors, so the mirror is known by journal and MU number.
 */
import type { Config, Service, Site } from '../../config.ts';
import type { Reader } from '../action.ts';
import { ActionError } from '../errors.ts';
import { readMirror } from './mirror.ts';

/** Main is not asked. Throws ACT-PLAN without a third centre, ACT-UNREAD or ACT-UNJOINED. */
export async function readFar(
  read: Reader,
  service: Service,
  { to, config }: { readonly to: Site; readonly config: Pick<Config, 'sites'> },
): ReturnType<typeof readMirror> {
  const { far } = service.replication;
  const site = config.sites.find(({ id }) => id === far?.site);
  if (far === undefined || site === undefined) {
    const why = 'services.yml names none under `replication.far`.';
    throw new ActionError('ACT-PLAN', `Third centre of ${service.id}.`, why);
  }
  const waiting = { type: 'UR', group: far.delta, from: to.id, to: site.id } as const;
  return readMirror(read, { ...service, replication: waiting }, { from: to, to: site });
}
