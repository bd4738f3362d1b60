/** Nova: servers and what belongs to them. */
import type { HttpResponse } from '../../../http.ts';
import { guarded } from '../refusal.ts';
import type { CloudContext } from '../state.ts';
import { json, type Route, type VersionRange } from '../wire.ts';
import { actionRoutes } from './actions.ts';
import { flavorRoutes } from './flavors.ts';
import { groupRoutes } from './groups.ts';
import { followGuests } from './guests.ts';
import { historyRoutes } from './history.ts';
import { hypervisorRoutes } from './hypervisors.ts';
import { interfaceRoutes } from './interfaces.ts';
import { keypairRoutes } from './keypairs.ts';
import { noteRoutes } from './notes.ts';
import { quotaRoutes } from './quotas.ts';
import { serverRoutes } from './servers.ts';
import { serviceRoutes } from './services.ts';
import { volumeRoutes } from './volumes.ts';

export const novaVersions: VersionRange = {
  service: 'compute',
  major: 2,
  min: 1,
  max: 93,
  legacyHeader: 'X-OpenStack-Nova-API-Version',
};

export function novaRoutes(context: CloudContext): readonly Route[] {
  const routes = guarded([
    ...serverRoutes(context),
    ...noteRoutes(context),
    ...actionRoutes(context),
    ...volumeRoutes(context),
    ...interfaceRoutes(context),
    ...historyRoutes(context),
    ...flavorRoutes(context),
    ...keypairRoutes(context),
    ...groupRoutes(context),
    ...serviceRoutes(context),
    ...hypervisorRoutes(context),
    ...quotaRoutes(context),
    ['GET', '/extensions', () => json(200, { extensions: [] })],
  ]);
  return routes.map(([method, pattern, handler]) => [
    method,
    pattern,
    (ask, params) => {
      const answer = handler(ask, params);
      if (method !== 'GET') followGuests(context);
      return answer instanceof Promise ? answer.then(named) : named(answer);
    },
  ]);
}

/** Nova calls its answers JSON even when they are empty. */
const named = (answer: HttpResponse): HttpResponse => ({
  ...answer,
  headers: { ...answer.headers, 'content-type': 'application/json' },
});
