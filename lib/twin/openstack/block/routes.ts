/** Cinder. Paths here are without the project they may begin with. */
import { guarded } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import type { Route } from '../wire.ts';
import { aboutRoutes } from './about.ts';
import { act } from './actions.ts';
import { backupRoutes } from './backups.ts';
import { manage, manageable } from './manage.ts';
import { metadataRoutes } from './metadata.ts';
import { defaultQuotas, resetQuotas, showLimits, showQuotas, updateQuotas } from './quotas.ts';
import { listServices, updateService } from './services.ts';
import { snapshotRoutes } from './snapshots.ts';
import { typeRoutes } from './types.ts';
import { volumeRoutes } from './volumes.ts';

const QUOTAS = '/os-quota-sets/:id';

export function cinderRoutes(context: CloudContext): readonly Route[] {
  return guarded([
    ...aboutRoutes(context),
    ...volumeRoutes(context),
    ...metadataRoutes(context),
    ['POST', '/volumes/:id/action', (ask, { id }) => act(context, ask, id)],
    ...snapshotRoutes(context),
    ...backupRoutes(context),
    ...typeRoutes(context),
    ['POST', '/manageable_volumes', (ask) => manage(context, ask)],
    ['POST', '/os-volume-manage', (ask) => manage(context, ask)],
    ['GET', '/manageable_volumes', (ask) => manageable(context, ask)],
    ['GET', '/manageable_volumes/detail', (ask) => manageable(context, ask)],
    ['GET', '/os-services', (ask) => listServices(context, ask)],
    ['PUT', '/os-services/:action', (ask, { action }) => updateService(context, ask, action)],
    ['GET', '/limits', (ask) => showLimits(context, ask)],
    ['GET', `${QUOTAS}/defaults`, (_, { id = '' }) => defaultQuotas(context, id)],
    ['GET', QUOTAS, (ask, { id = '' }) => showQuotas(context, ask, id)],
    ['PUT', QUOTAS, (ask, { id = '' }) => updateQuotas(context, ask, id)],
    ['DELETE', QUOTAS, (ask, { id = '' }) => resetQuotas(context, ask, id)],
  ]);
}
